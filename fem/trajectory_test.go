package fem

import (
	"fmt"
	"math"
	"testing"

	"abide/mesh"
	"abide/sparse"
)

// Reverse visits all states in order, with as many steps as the binomials say and no
// more states at once than allowed.
func TestReverse(t *testing.T) {
	for _, s := range []int{1, 2, 3, 5, 8} {
		for n := 1; n <= 60; n++ {
			steps, next := 0, n-1
			r := &reversal{}
			r.step = func(n int, u []float64) {
				if u[0] != float64(n) {
					t.Fatalf("step %d of a state at %g", n, u[0])
				}
				u[0]++
				steps++
			}
			r.visit = func(n int, u []float64) {
				if n != next || u[0] != float64(n) {
					t.Fatalf("%d steps, %d states: visit of %d at %g, want %d", next, s, n, u[0], next)
				}
				next--
			}
			r.run(0, n, s, []float64{0})
			if next != -1 {
				t.Fatalf("%d steps, %d states: %d are not visited", n, s, next+1)
			}
			k := 0
			for binomial(s, k) < n {
				k++
			}
			if want := k*n - binomial(s+1, k-1); steps != want {
				t.Errorf("%d steps, %d states: %d made, want %d", n, s, steps, want)
			}
			// With u⁰, and the one that is being visited.
			if kept := len(r.spare) + 1; kept > s+1 {
				t.Errorf("%d steps: %d states where %d are allowed", n, kept, s)
			}
		}
	}
	if err := Reverse(3, -1, []float64{0}, nil, nil); err == nil {
		t.Error("a negative number of states: no error")
	}
	count := 0
	step := func(_ int, u []float64) { count++ }
	if err := Reverse(20, 0, []float64{0}, step, func(int, []float64) {}); err != nil || count != 19 {
		t.Errorf("all states: %d steps, %v, want 19", count, err)
	}
}

// trajectoryHeat is u_t = ∇·c∇u − 2 ∂u/∂x + f, zero on one side.
type trajectoryHeat struct {
	fixed   *Fixed
	k       *Weighted
	m, wind *sparse.CSR
}

func newTrajectoryHeat(t testing.TB) trajectoryHeat {
	V := orderSpace(t, orderMesh(t, mesh.Triangle, 4), P1)
	fixed, err := V.Dirichlet(Dirichlet{Group: "left"})
	sensitivityFail(t, err)
	form := func(a Bilinear) (*Form, *sparse.CSR) {
		f, err := NewForm(V, fixed)
		sensitivityFail(t, err)
		sensitivityFail(t, f.Add(a))
		m := f.Matrix()
		sensitivityFail(t, f.Assemble(m))
		return f, m
	}
	f, m := form(func(_ *Point, u, v *Basis) float64 { return u.Value * v.Value })
	_, wind := form(func(_ *Point, u, v *Basis) float64 { return 2 * u.Grad[0] * v.Value })
	k, err := f.Diffusion()
	sensitivityFail(t, err)
	return trajectoryHeat{fixed, k, m, wind}
}

func (h trajectoryHeat) trajectory(t testing.TB, theta float64, c []float64) *Trajectory {
	const dt = 0.02
	k, shifted := h.m.Like(), h.m.Like()
	sensitivityFail(t, h.k.Assemble(k, c))
	for i := range k.Value {
		k.Value[i] += h.wind.Value[i]
		shifted.Value[i] = h.m.Value[i] + theta*dt*k.Value[i]
	}
	inverse, err := NewFactor(h.fixed, shifted)
	sensitivityFail(t, err)
	return &Trajectory{Mass: h.m, Stiffness: k, Inverse: inverse, Theta: theta, Dt: dt, Steps: 17, Load: func(n int, f []float64) {
		for i := range f {
			f[i] = 0.1 * math.Sin(float64(n+i))
		}
	}}
}

// The adjoint of the scheme by coefficients, loads and the first state: dot products to
// rounding, Taylor remainders of order h², the same numbers to the last bit whatever
// states are kept.
func TestTrajectoryAdjoint(t *testing.T) {
	h := newTrajectoryHeat(t)
	n, cells := h.fixed.N(), h.fixed.space.mesh.Count()
	c, dc, weights := make([]float64, cells), nonlinearRandom(cells, 2), nonlinearRandom(n, 3)
	for i, x := range nonlinearRandom(cells, 1) {
		c[i] = math.Exp(x)
	}
	u0, du0 := nonlinearRandom(n, 4), nonlinearRandom(n, 5)
	for _, theta := range []float64{0.5, 1, 0.6} {
		tr := h.trajectory(t, theta, c)
		// J = Σₙ weights·uⁿ (n + ½ uⁿ) and its derivative.
		cost := func(n int, u, ju []float64) {
			for i, w := range weights {
				ju[i] += w * (float64(n) + u[i])
			}
		}
		objective := func(tr *Trajectory, from []float64) (sum float64) {
			u := append([]float64(nil), from...)
			sensitivityFail(t, tr.Forward(u, func(n int, u []float64) {
				for i, w := range weights {
					sum += w * u[i] * (float64(n) + u[i]/2)
				}
			}))
			return sum
		}
		w := make([]float64, h.fixed.space.n)
		by, err := h.k.By(w, nil)
		sensitivityFail(t, err)
		gradient := func(snapshots int) (du, dm, df []float64) {
			tr.Snapshots = snapshots
			du, dm, df = make([]float64, n), make([]float64, cells), make([]float64, n*(tr.Steps+1))
			all, part := make([]float64, len(w)), make([]float64, cells)
			sensitivityFail(t, tr.Backward(du, u0, cost, func(at int, lambda, mid []float64) {
				for i, l := range lambda {
					df[at*n+i] += tr.Dt * (1 - theta) * l
					df[at*n+n+i] += tr.Dt * theta * l
				}
				h.fixed.Expand(w, mid)
				h.fixed.Expand(all, lambda)
				by.ApplyT(part, all)
				for i, x := range part {
					dm[i] -= tr.Dt * x
				}
			}))
			return du, dm, df
		}
		gu, gm, gf := gradient(0)
		for _, s := range []int{1, 3} {
			if u, m, f := gradient(s); fmt.Sprint(u, m, f) != fmt.Sprint(gu, gm, gf) {
				t.Errorf("θ = %g: other numbers with %d states", theta, s)
			}
		}
		// The tangent: a trajectory from du⁰ with the load dfⁿ − K(dc) uⁿ.
		var states [][]float64
		u := append([]float64(nil), u0...)
		sensitivityFail(t, tr.Forward(u, func(_ int, u []float64) { states = append(states, append([]float64(nil), u...)) }))
		kdc := h.m.Like()
		sensitivityFail(t, h.k.Assemble(kdc, dc))
		tangent := *tr
		df := nonlinearRandom(n*(tr.Steps+1), 6)
		tangent.Load = func(at int, f []float64) {
			kdc.Apply(f, states[at])
			for i := range f {
				f[i] = df[at*n+i] - f[i]
			}
		}
		var want, size float64
		v := append([]float64(nil), du0...)
		sensitivityFail(t, tangent.Forward(v, func(n int, du []float64) {
			for i, w := range weights {
				x := w * (float64(n) + states[n][i]) * du[i]
				want, size = want+x, size+math.Abs(x)
			}
		}))
		a, sa := nonlinearDot(gu, du0)
		b, sb := nonlinearDot(gm, dc)
		l, sl := nonlinearDot(gf, df)
		if math.Abs(a+b+l-want) > 1e-12*(size+sa+sb+sl) {
			t.Errorf("θ = %g: gradient along a direction %.15g, derivative of the states %.15g", theta, a+b+l, want)
		}

		j0 := objective(tr, u0)
		at, from := make([]float64, cells), make([]float64, n)
		nonlinearSlope(t, fmt.Sprint("θ = ", theta), 2, 0.05, func(step float64) float64 {
			for i := range at {
				at[i] = c[i] + step*dc[i]
			}
			for i := range from {
				from[i] = u0[i] + step*du0[i]
			}
			return math.Abs(objective(h.trajectory(t, theta, at), from) - j0 - step*(a+b))
		})
	}
}

// An eigenvector of the scheme is multiplied by (1 − (1−θ)Δtλ)/(1 + θΔtλ) in each step.
func TestTrajectoryForward(t *testing.T) {
	const n, dt, steps = 8, 0.002, 40
	V := orderSpace(t, orderMesh(t, mesh.Interval, n), P1)
	fixed, err := V.Dirichlet(Dirichlet{})
	sensitivityFail(t, err)
	f, err := NewForm(V, fixed)
	sensitivityFail(t, err)
	m, k, shifted := f.Matrix(), f.Matrix(), f.Matrix()
	mass, err := f.Mass()
	sensitivityFail(t, err)
	stiffness, err := f.Diffusion()
	sensitivityFail(t, err)
	sensitivityFail(t, mass.Assemble(m, nil))
	sensitivityFail(t, stiffness.Assemble(k, nil))
	cos := math.Cos(π / n)
	lambda := 6 * n * n * (1 - cos) / (2 + cos)
	for _, theta := range []float64{0, 0.5, 1} {
		for i := range m.Value {
			shifted.Value[i] = m.Value[i] + theta*dt*k.Value[i]
		}
		inverse, err := NewFactor(fixed, shifted)
		sensitivityFail(t, err)
		u := make([]float64, fixed.N())
		for i, dof := range fixed.Free {
			u[i] = math.Sin(π * V.Place(int(dof))[0])
		}
		factor := math.Pow((1-(1-theta)*dt*lambda)/(1+theta*dt*lambda), steps)
		sensitivityFail(t, (&Trajectory{Mass: m, Stiffness: k, Inverse: inverse, Theta: theta, Dt: dt, Steps: steps}).Forward(u, nil))
		for i, dof := range fixed.Free {
			if want := factor * math.Sin(π*V.Place(int(dof))[0]); math.Abs(u[i]-want) > 1e-13 {
				t.Errorf("θ = %g: u[%d] = %.15g, want %.15g", theta, i, u[i], want)
			}
		}
	}
	one := &Trajectory{Mass: m, Stiffness: k, Inverse: trajectoryIdentity{}, Dt: 1}
	du := []float64{0, 0}
	sensitivityFail(t, one.Backward(du, []float64{1, 2}, func(n int, u, ju []float64) { ju[0], ju[1] = ju[0]+u[1], ju[1]+3 }, nil))
	if du[0] != 2 || du[1] != 3 {
		t.Errorf("no steps: derivative %v, want that of the first state, 2 and 3", du)
	}
	if err := (&Trajectory{Mass: m, Stiffness: k}).Forward(nil, nil); err == nil {
		t.Error("without a solver: no error")
	}
	if err := (&Trajectory{Mass: m, Stiffness: k, Inverse: trajectoryIdentity{}, Theta: 2, Dt: 1}).Forward(nil, nil); err == nil {
		t.Error("θ = 2: no error")
	}
}

type trajectoryIdentity struct{}

func (trajectoryIdentity) Solve(dst, b []float64)  { copy(dst, b) }
func (trajectoryIdentity) SolveT(dst, b []float64) { copy(dst, b) }
