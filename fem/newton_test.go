package fem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// newtonProblem is a form with prescribed values on all of the boundary.
func newtonProblem(t testing.TB, V *Space, g func(x Vec) float64, a Flux, options ...Option) *Nonlinear {
	t.Helper()
	fixed, err := V.Dirichlet(Dirichlet{Value: g})
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewNonlinear(V, fixed)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Add(a, options...); err != nil {
		t.Fatal(err)
	}
	return f
}

func newtonSolve(t testing.TB, n Newton, f *Nonlinear) (*Function, []NewtonStep) {
	t.Helper()
	u := f.Space().Zero()
	steps, err := n.Solve(context.Background(), f, u)
	if err != nil {
		t.Fatal(err)
	}
	return u, steps
}

// newtonOrders compares the L² and H¹ orders of the last refinement with k+1 and k.
func newtonOrders(t *testing.T, what string, e Element, sizes []int, u func(x Vec) Vec, grad func(x Vec) Mat, solve func(n int) *Function) {
	t.Helper()
	var l2, h1 []float64
	for _, n := range sizes {
		v := solve(n)
		a, err := v.L2Error(u)
		if err != nil {
			t.Fatal(err)
		}
		b, err := v.H1Error(grad)
		if err != nil {
			t.Fatal(err)
		}
		l2, h1 = append(l2, a), append(h1, b)
	}
	k, last := float64(e.degree()), len(sizes)-1
	step := math.Log(float64(sizes[last]) / float64(sizes[last-1]))
	p, q := math.Log(l2[last-1]/l2[last])/step, math.Log(h1[last-1]/h1[last])/step
	t.Logf("%s %v: orders %.3f in L² and %.3f in H¹", what, e, p, q)
	if math.Abs(p-k-1) > 0.05 || math.Abs(q-k) > 0.05 {
		t.Errorf("%s %v: orders %.3f in L² and %.3f in H¹, want %g and %g ± 0.05", what, e, p, q, k+1, k)
	}
}

// −((1+u²)u′)′ = f for u = sin πx + x.
func TestNewtonInterval(t *testing.T) {
	u := func(x float64) (u, d, dd float64) {
		s, c := math.Sincos(π * x)
		return s + x, π*c + 1, -π * π * s
	}
	for _, e := range []Element{P1, P2} {
		newtonOrders(t, "interval", e, []int{8, 16, 32, 64},
			func(x Vec) Vec { v, _, _ := u(x[0]); return Vec{v} },
			func(x Vec) Mat { _, d, _ := u(x[0]); return Mat{{d}} },
			func(n int) *Function {
				f := newtonProblem(t, orderSpace(t, orderMesh(t, mesh.Interval, n), e), func(x Vec) float64 { return x[0] },
					func(p *Point, v Dual, grad DualVec) (DualVec, Dual) {
						u, d, dd := u(p.X[0])
						return grad.Mul(v.Mul(v).Plus(1)), Const((1+u*u)*dd + 2*u*d*d)
					}, Degree(6))
				v, _ := newtonSolve(t, Newton{}, f)
				return v
			})
	}
}

// newtonStar is ∇·((1 + 0.1 u²) ∇u) = f on a star, for u = eˣ sin y.
func newtonStar(t testing.TB, n int, e Element) *Nonlinear {
	m, err := mesh.NewStar(mesh.Triangle, n, func(t float64) float64 { return 1 + 0.1*math.Cos(4*t) + 0.05*math.Cos(8*t) })
	if err != nil {
		t.Fatal(err)
	}
	exact := func(x Vec) float64 { return math.Exp(x[0]) * math.Sin(x[1]) }
	return newtonProblem(t, orderSpace(t, m, e), exact, func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
		// u is harmonic with |∇u|² = e²ˣ: f = 0.2 u |∇u|².
		return grad.Mul(u.Mul(u).Times(0.1).Plus(1)), Const(0.2 * exact(p.X) * math.Exp(2*p.X[0]))
	}, Degree(2*e.degree()+2))
}

func TestNewtonStar(t *testing.T) {
	for _, e := range []Element{P1, P2} {
		newtonOrders(t, "star", e, []int{8, 16, 32},
			func(x Vec) Vec { return Vec{math.Exp(x[0]) * math.Sin(x[1])} },
			func(x Vec) Mat {
				s, c := math.Sincos(x[1])
				return Mat{{math.Exp(x[0]) * s, math.Exp(x[0]) * c}}
			},
			func(n int) *Function {
				v, _ := newtonSolve(t, Newton{}, newtonStar(t, n, e))
				return v
			})
	}
}

// newtonScherk is the minimal surface log(cos y / cos x).
func newtonScherk(x Vec) float64 { return math.Log(math.Cos(x[1]) / math.Cos(x[0])) }

func newtonSurface(t testing.TB, n int, e Element) *Nonlinear {
	return newtonProblem(t, orderSpace(t, orderMesh(t, mesh.Triangle, n), e), newtonScherk, func(_ *Point, _ Dual, grad DualVec) (DualVec, Dual) {
		return grad.Mul(grad.Dot(grad).Plus(1).Pow(-0.5)), Dual{}
	})
}

func TestNewtonMinimalSurface(t *testing.T) {
	for _, e := range []Element{P1, P2} {
		newtonOrders(t, "minimal surface", e, []int{8, 16, 32},
			func(x Vec) Vec { return Vec{newtonScherk(x)} },
			func(x Vec) Mat { return Mat{{math.Tan(x[0]), -math.Tan(x[1])}} },
			func(n int) *Function {
				v, _ := newtonSolve(t, Newton{}, newtonSurface(t, n, e))
				return v
			})
	}
}

// From 0 with a jump to the prescribed values in the last layer of cells Newton's method
// does not come to the surface; with Picard's steps it does, and ends with its own.
func TestNewtonJump(t *testing.T) {
	f := newtonSurface(t, 32, P2)
	u, v := f.Space().Zero(), f.Space().Zero()
	copy(u.Coef, f.Fixed().Value)
	copy(v.Coef, f.Fixed().Value)
	if _, err := (Newton{}).Solve(context.Background(), f, u); !errors.Is(err, sparse.ErrNotConverged) {
		t.Errorf("Newton: %v", err)
	}
	steps, err := Newton{Picard: true}.Solve(context.Background(), f, v)
	sensitivityFail(t, err)
	used := 0
	for _, s := range steps {
		if s.Picard {
			used++
		} else if s.Iteration > 0 && s.Length < 1.0/16 {
			t.Errorf("step %d goes %g along Newton's direction where Picard's stands behind it", s.Iteration, s.Length)
		}
	}
	t.Logf("%d steps, %d by Picard", len(steps)-1, used)
	if used == 0 || steps[len(steps)-1].Picard {
		t.Errorf("%d of %d steps by Picard", used, len(steps)-1)
	}
	want, _ := newtonSolve(t, Newton{}, f)
	for i, x := range want.Coef {
		if math.Abs(v.Coef[i]-x) > 1e-8 {
			t.Fatalf("coefficient %d is %g, want %g", i, v.Coef[i], x)
		}
	}
}

// The p-Laplacian on the disc, −∇·(|∇u|²∇u) = 1, whose tangent vanishes where the
// gradient does: u = ¾ 2^(−1/3) (1 − r^(4/3)). The guess 0 has
// ‖K‖ = 10⁻¹² and a first step as long as 10¹².
func TestNewtonPLaplace(t *testing.T) {
	c := 0.75 * math.Pow(2, -1.0/3)
	var last float64
	for _, n := range []int{8, 16, 32} {
		m, err := mesh.NewDisc(mesh.Triangle, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		f := newtonProblem(t, orderSpace(t, m, P1), nil, func(_ *Point, _ Dual, grad DualVec) (DualVec, Dual) {
			return grad.Mul(grad.Dot(grad).Plus(1e-12)), Const(-1)
		})
		u, steps := newtonSolve(t, Newton{}, f)
		e, err := u.L2Error(func(x Vec) Vec { return Vec{c * (1 - math.Pow(x.Norm(), 4.0/3))} })
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("n = %d: error %.3g in %d steps", n, e, len(steps)-1)
		// u has two derivatives in L².
		if last > 0 && math.Abs(math.Log2(last/e)-2) > 0.05 {
			t.Errorf("n = %d: error %.3g after %.3g: order %.3f, want 2 ± 0.05", n, e, last, math.Log2(last/e))
		}
		last = e
	}
}

// newtonBratu is −u″ = λ eᵘ, which has solutions up to λ = 3.5138.
func newtonBratu(t testing.TB, n int, lambda float64) *Nonlinear {
	return newtonProblem(t, orderSpace(t, orderMesh(t, mesh.Interval, n), P2), nil, func(_ *Point, u Dual, grad DualVec) (DualVec, Dual) {
		return grad, u.Exp().Times(-lambda)
	}, Degree(6))
}

// Bratu's problem: u(½) = −2 log(sech(θ/4)), θ = √(2λ) cosh(θ/4); the values at the
// nodes between cells converge with order 4.
func TestNewtonBratu(t *testing.T) {
	theta := 1.5
	for range 200 {
		theta = math.Sqrt(2) * math.Cosh(theta/4)
	}
	want := 2 * math.Log(math.Cosh(theta/4))
	var errs []float64
	for _, n := range []int{4, 8, 16} {
		u, _ := newtonSolve(t, Newton{Tolerance: 1e-13}, newtonBratu(t, n, 1))
		errs = append(errs, math.Abs(u.Coef[n/2]-want))
	}
	if order := math.Log2(errs[1] / errs[2]); math.Abs(order-4) > 0.05 {
		t.Errorf("errors %v at the middle: order %.3f, want 4", errs, order)
	}
}

// Beyond the fold there is no solution, and Newton says so.
func TestNewtonNoSolution(t *testing.T) {
	f := newtonBratu(t, 16, 3.6)
	steps, err := Newton{}.Solve(context.Background(), f, f.Space().Zero())
	if !errors.Is(err, sparse.ErrNotConverged) || !strings.Contains(err.Error(), "continuation") || len(steps) < 2 ||
		!strings.Contains(err.Error(), fmt.Sprintf("asked for %.3g", 1e-10*steps[0].Residual)) {
		t.Errorf("λ above the fold: %v after %d steps", err, len(steps))
	}
}

// A tolerance below rounding ends at rounding, without an error.
func TestNewtonRounding(t *testing.T) {
	for _, n := range []int{10, 20_000} {
		f := newtonBratu(t, n, 1)
		u := f.Space().Zero()
		steps, err := Newton{Tolerance: 1e-30}.Solve(context.Background(), f, u)
		sensitivityFail(t, err)
		if r := steps[len(steps)-1].Residual / steps[0].Residual; r > 1e-10 || len(steps) > 6 {
			t.Errorf("n = %d: ‖R‖ fell to %g in %d steps", n, r, len(steps)-1)
		}
	}
}

// Near the solution the error is squared: log eₖ₊₁/log eₖ tends to 2, with the factor
// of earlier steps to 1.
func TestNewtonQuadratic(t *testing.T) {
	f := newtonStar(t, 8, P2)
	order := func(n Newton) float64 {
		u := f.Space().Zero()
		var states [][]float64
		n.Monitor = func(NewtonStep) error {
			states = append(states, append([]float64(nil), u.Coef...))
			return nil
		}
		n.Tolerance = 1e-14
		if _, err := n.Solve(context.Background(), f, u); err != nil {
			t.Fatal(err)
		}
		var errs []float64
		for _, s := range states {
			var e float64
			for i := range s {
				e = max(e, math.Abs(s[i]-u.Coef[i]))
			}
			if e > 1e-11 {
				errs = append(errs, e)
			}
		}
		k := len(errs) - 1
		if k < 2 {
			t.Fatalf("errors %v: too few to see an order", errs)
		}
		return math.Log(errs[k]/errs[k-1]) / math.Log(errs[k-1]/errs[k-2])
	}
	if p := order(Newton{}); math.Abs(p-2) > 0.25 {
		t.Errorf("order of convergence %.2f, want 2", p)
	}
	if p := order(Newton{Reuse: 0.9}); math.Abs(p-1) > 0.25 {
		t.Errorf("order of convergence with one factor %.2f, want 1", p)
	}
}

// A factor that is kept gives the same solution with fewer factors.
func TestNewtonReuse(t *testing.T) {
	f := newtonStar(t, 8, P1)
	u, steps := newtonSolve(t, Newton{}, f)
	v, kept := newtonSolve(t, Newton{Reuse: 0.003}, f)
	for k := 2; k < len(kept); k++ {
		if good := kept[k-1].Residual <= 0.003*kept[k-2].Residual; good == kept[k].Factored {
			t.Errorf("step %d after ‖R‖ fell from %g to %g: a new factor %v", k, kept[k-2].Residual, kept[k-1].Residual, kept[k].Factored)
		}
	}
	factors := func(steps []NewtonStep) (n int) {
		for _, s := range steps {
			if s.Factored {
				n++
			}
		}
		return n
	}
	if a, b := factors(steps), factors(kept); a != len(steps)-1 || b >= a {
		t.Errorf("%d factors in %d steps, %d in %d with re-use", a, len(steps)-1, b, len(kept)-1)
	}
	for i := range u.Coef {
		if math.Abs(u.Coef[i]-v.Coef[i]) > 1e-9 {
			t.Fatalf("coefficient %d is %g and %g", i, u.Coef[i], v.Coef[i])
		}
	}
}

// The dual norm of the load sin πx is ‖f‖/√(1+π²) on every mesh.
func TestNewtonDualNorm(t *testing.T) {
	want := math.Sqrt(0.5 / (1 + π*π))
	var errs []float64
	for _, n := range []int{16, 32} {
		f := newtonProblem(t, orderSpace(t, orderMesh(t, mesh.Interval, n), P2), nil, func(p *Point, _ Dual, grad DualVec) (DualVec, Dual) {
			return grad, Const(-math.Sin(π * p.X[0]))
		}, Degree(7))
		_, steps := newtonSolve(t, Newton{}, f)
		errs = append(errs, math.Abs(steps[0].Residual-want))
	}
	if order := math.Log2(errs[0] / errs[1]); math.Abs(order-4) > 0.05 {
		t.Errorf("dual norm: errors %v, order %.3f, want 4", errs, order)
	}
}

// Prescribed values are put on a guess with the least change in H¹: the solution of
// −Δu + u = 0 at once.
func TestNewtonGuess(t *testing.T) {
	f := newtonProblem(t, orderSpace(t, orderMesh(t, mesh.Triangle, 5), P2), func(x Vec) float64 { return 1 + x[0]*x[1] }, func(_ *Point, u Dual, grad DualVec) (DualVec, Dual) {
		return grad, u
	})
	if _, steps := newtonSolve(t, Newton{}, f); steps[0].Residual > 1e-13 {
		t.Errorf("residual %g of the guess", steps[0].Residual)
	}
}

// Picard's matrix of (1+u²)√(1+|∇u|²) ∇u is that of the linear problem with the last u.
func TestNewtonPicardMatrix(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 3), P2)
	f, err := NewNonlinear(V, nil)
	if err != nil {
		t.Fatal(err)
	}
	u := &Function{V, nonlinearRandom(V.N(), 1)}
	if err := f.Add(func(_ *Point, u Dual, grad DualVec) (DualVec, Dual) {
		return grad.Mul(u.Mul(u).Plus(1)).Mul(grad.Dot(grad).Plus(1).Sqrt()), u.Exp().Add(grad[0].Mul(u)).Sub(u)
	}); err != nil {
		t.Fatal(err)
	}
	want, err := V.Bilinear(func(p *Point, w, v *Basis) float64 {
		u := u.At(p)
		return (1+u.Value*u.Value)*math.Sqrt(1+u.Grad.Dot(u.Grad))*w.Grad.Dot(v.Grad) + max(0, math.Exp(u.Value)+u.Grad[0]-1)*w.Value*v.Value
	})
	if err != nil {
		t.Fatal(err)
	}
	k := f.Matrix()
	if err := f.assemble(nil, k, u.Coef, true); err != nil {
		t.Fatal(err)
	}
	for p, w := range want.Value {
		if math.Abs(k.Value[p]-w) > 1e-12 {
			t.Fatalf("entry %d is %g, want %g", p, k.Value[p], w)
		}
	}
}

// The same for two components, each with the factor of both.
func TestNewtonPicardVector(t *testing.T) {
	V, err := orderSpace(t, orderMesh(t, mesh.Triangle, 3), P1).Vector(2)
	sensitivityFail(t, err)
	f, err := NewNonlinear(V, nil)
	sensitivityFail(t, err)
	u := &Function{V, nonlinearRandom(V.N(), 1)}
	sensitivityFail(t, f.AddVector(func(_ *Point, u *DualVec, grad *DualMat) (flux DualMat, source DualVec) {
		for i := range flux {
			flux[i] = grad[i].Mul(u.Dot(*u).Plus(1))
		}
		return flux, source
	}))
	want, err := V.Bilinear(func(p *Point, w, v *Basis) float64 {
		u := u.At(p).Vector
		return (1 + u.Dot(u)) * w.Jacobian.Dot(&v.Jacobian)
	})
	sensitivityFail(t, err)
	k := f.Matrix()
	sensitivityFail(t, f.assemble(nil, k, u.Coef, true))
	for p, w := range want.Value {
		if math.Abs(k.Value[p]-w) > 1e-12 {
			t.Fatalf("entry %d is %g, want %g", p, k.Value[p], w)
		}
	}
}

// −u″ − μu + u³ = x with μ an eigenvalue: the tangent at 0 is singular. Newton says so, with
// Picard it goes on, and both ways the residual is what was asked for.
func TestNewtonPicard(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Interval, 4), P1)
	// The first eigenvalue of P1 on four cells: 6/h² (1 − cos πh)/(2 + cos πh).
	c := math.Cos(π / 4)
	mu := 96 * (1 - c) / (2 + c)
	f := newtonProblem(t, V, nil, func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
		return grad, u.Mul(u).Mul(u).Sub(u.Times(mu)).Plus(-p.X[0])
	})
	if _, err := (Newton{}).Solve(context.Background(), f, V.Zero()); err == nil || !strings.Contains(err.Error(), "singular") {
		t.Errorf("singular tangent: %v", err)
	}
	u, steps := newtonSolve(t, Newton{Picard: true}, f)
	if !steps[1].Picard || steps[len(steps)-1].Picard {
		t.Errorf("steps %+v: want the first by Picard and the last by Newton", steps)
	}
	if _, kept := newtonSolve(t, Newton{Picard: true, Reuse: 0.999}, f); !kept[1].Picard || !kept[2].Factored {
		t.Errorf("steps %+v: the second with the factor of Picard's", kept)
	}
	r := make([]float64, V.N())
	if err := f.Residual(r, u.Coef); err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Fixed().Free {
		if math.Abs(r[i]) > 1e-9 {
			t.Errorf("residual %d is %g", i, r[i])
		}
	}
}

func TestNewtonStops(t *testing.T) {
	f := newtonStar(t, 4, P1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Newton{}).Solve(ctx, f, f.Space().Zero()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop := errors.New("stop")
	steps, err := Newton{Monitor: func(s NewtonStep) error {
		if s.Iteration == 2 {
			return stop
		}
		return nil
	}}.Solve(context.Background(), f, f.Space().Zero())
	if err != stop || len(steps) != 3 {
		t.Errorf("monitor: %v after %d steps", err, len(steps)-1)
	}
	_, err = Newton{Iterations: 1}.Solve(context.Background(), f, f.Space().Zero())
	if !errors.Is(err, sparse.ErrNotConverged) || !strings.Contains(err.Error(), "after 1 iterations") {
		t.Errorf("iterations: %v", err)
	}

	bad := newtonProblem(t, f.Space(), nil, func(p *Point, u Dual, grad DualVec) (DualVec, Dual) {
		return grad, u.Plus(-1).Log()
	})
	if _, err = (Newton{}).Solve(context.Background(), bad, f.Space().Zero()); !errors.Is(err, sparse.ErrNonFinite) {
		t.Errorf("not finite: %v", err)
	}
	for what, n := range map[string]Newton{"tolerance": {Tolerance: -1}, "reuse": {Reuse: 1}, "absolute": {Absolute: math.NaN()}} {
		if _, err := n.Solve(context.Background(), f, f.Space().Zero()); err == nil {
			t.Errorf("bad %s: no error", what)
		}
	}
	if _, err := (Newton{}).Solve(context.Background(), f, orderSpace(t, f.Space().Mesh(), P1).Zero()); err == nil {
		t.Error("another space: no error")
	}
	// The solution as a guess: nothing to do, and no error.
	u, _ := newtonSolve(t, Newton{}, f)
	before := append([]float64(nil), u.Coef...)
	if _, err := (Newton{}).Solve(context.Background(), f, u); err != nil {
		t.Errorf("the solution as a guess: %v", err)
	}
	for i, x := range before {
		if math.Abs(u.Coef[i]-x) > 1e-8 {
			t.Fatalf("the solution as a guess: coefficient %d moves from %g to %g", i, x, u.Coef[i])
		}
	}
}
