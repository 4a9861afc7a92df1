package fem

import (
	"context"
	"fmt"
	"math"

	"abide/sparse"
)

// Newton solves R(u) = 0 by steps along δ = −K(u)⁻¹R(u), as long as the line search
// allows:
//
//	u ← u + t δ,   ‖R(u + tδ)‖ ≤ (1 − 10⁻⁴ t) ‖R(u)‖,
//
// t from 1 down, each time by the least point of the parabola through what is known of
// ‖R‖², within a tenth and a half. Near a regular solution t = 1 and the error is
// squared in each step.
//
// J. E. Dennis and R. B. Schnabel, "Numerical Methods for Unconstrained Optimization and
// Nonlinear Equations" (1983), algorithm A6.3.1; C. T. Kelley, "Iterative Methods for
// Linear and Nonlinear Equations" (1995), section 8.1. A step costs one tangent, its
// factor, one solve and a residual for each t.
//
// ‖·‖ is the dual norm of H¹, which refinement of the mesh leaves as it is where the
// Euclidean norm sees the finest modes only:
//
//	‖r‖² = rᵀ A⁻¹ r,   A_ij = ∫ ∇φᵢ·∇φⱼ + φᵢ φⱼ.
//
// It costs one factor for each form and one solve for each t. The zero value of every
// field is sound. Not for equations that are not smooth in u, nor far from a solution:
// approach those by continuation in a parameter.
type Newton struct {
	Tolerance  float64 // ‖R‖ against that of the start; 0 is 1e-10
	Absolute   float64 // ‖R‖ that is small whatever it was at the start
	Iterations int     // at most; 0 is 50
	Euclidean  bool    // ‖·‖ is the plain norm

	// Reuse keeps a factor as long as each step with it brings ‖R‖ down to this share
	// of what it was, 0.1 say. 0 makes a new one for each step.
	Reuse float64

	// Picard takes, where the line search along Newton's direction goes below t = 1/16 or
	// K is singular, a damped step of Picard's (Kačanov's) iteration, whose matrix has
	//
	//	∫ a ∇φᵢ·∇φⱼ + max(s_u, 0) φᵢ φⱼ,  a = σ·∇u/|∇u|² where σ is along ∇u, else σ_∇u.
	//
	// For σ = a(u, |∇u|) ∇u that is a at the last u: definite and symmetric. It
	// converges linearly, from further away.
	Picard bool

	// Invert makes a solver of the tangent; nil: [Factor], or [Iterative] to 10⁻⁸ where
	// the matrix is large.
	Invert func(k *sparse.CSR) (sparse.Solver, error)

	// Monitor is called after each step. Its error ends the iteration and is returned.
	Monitor func(NewtonStep) error
}

// NewtonStep is one step of [Newton].
type NewtonStep struct {
	Iteration int
	Residual  float64 // ‖R‖ after the step
	Length    float64 // t
	Factored  bool    // whether a new factor was made
	Picard    bool    // whether the direction is Picard's
}

// shortest is the t below which a direction is given up.
const shortest = 1e-12

// Solve replaces u, the guess, by the solution. Prescribed values that the guess does
// not have are put on it with the least change in H¹; number 0 of the steps is what
// this gives. Whatever ends it, u is the last iterate. Errors wrap sparse.ErrNotConverged and
// sparse.ErrNonFinite.
func (n Newton) Solve(ctx context.Context, f *Nonlinear, u *Function) ([]NewtonStep, error) {
	if u.Space != f.space {
		return nil, fmt.Errorf("fem: Newton: the guess is of another space than the form")
	}
	if f.fixed.N() == 0 {
		return nil, fmt.Errorf("fem: all %d degrees of freedom have prescribed values: refine the mesh or raise the degree", f.space.n)
	}
	if n.Tolerance == 0 {
		n.Tolerance = 1e-10
	}
	if n.Iterations == 0 {
		n.Iterations = 50
	}
	if !(n.Tolerance > 0) || n.Iterations < 0 || !(n.Absolute >= 0) || !(n.Reuse >= 0 && n.Reuse < 1) {
		return nil, fmt.Errorf("fem: Newton: tolerances %g and %g, %d iterations, reuse down to %g: all are positive, reuse is below 1",
			n.Tolerance, n.Absolute, n.Iterations, n.Reuse)
	}
	it := &newtonIteration{Newton: n, f: f, u: u}
	if err := f.prescribe(u.Coef); err != nil {
		return nil, err
	}
	if err := it.begin(); err != nil {
		return it.steps, err
	}
	for {
		last := &it.steps[len(it.steps)-1]
		if n.Monitor != nil {
			if err := n.Monitor(*last); err != nil {
				return it.steps, err
			}
		}
		if it.done || last.Residual <= max(n.Absolute, n.Tolerance*it.steps[0].Residual) {
			return it.steps, nil
		}
		if last.Iteration == n.Iterations {
			return it.steps, it.fail("take more iterations, begin nearer to the solution (by continuation in a parameter), or allow Picard")
		}
		if err := ctx.Err(); err != nil {
			return it.steps, err
		}
		if err := it.step(); err != nil {
			return it.steps, err
		}
	}
}

// newtonIteration is a run.
type newtonIteration struct {
	Newton
	f     *Nonlinear
	u     *Function
	steps []NewtonStep
	done  bool // rounding ends here

	dual                 sparse.Solver // of the norm; nil: Euclidean
	k                    *sparse.CSR
	solver               sparse.Solver // nil: none is kept
	own                  Inverse
	all, at              []float64 // R and u + tδ, of all degrees of freedom
	r, next, work, delta []float64 // of the free ones
}

func (it *newtonIteration) begin() (err error) {
	f, free := it.f, it.f.fixed.N()
	it.k = f.Matrix()
	if !it.Euclidean {
		if it.dual, err = f.riesz(); err != nil {
			return err
		}
	}
	it.all, it.at = make([]float64, f.space.n), make([]float64, f.space.n)
	it.r, it.next, it.work, it.delta = make([]float64, free), make([]float64, free), make([]float64, free), make([]float64, free)
	size, err := it.residual(it.r, it.u.Coef)
	if err != nil {
		return err
	}
	if !finite(size) {
		for i, r := range it.all {
			if !finite(r) {
				x := f.space.Place(i)
				return fmt.Errorf("fem: Newton: the residual of the guess has %w, first near %v: the integrand has no value there", sparse.ErrNonFinite, x[:f.space.mesh.Dim()])
			}
		}
	}
	it.steps = []NewtonStep{{Residual: size}}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// residual computes R on the free degrees of freedom and its norm.
func (it *newtonIteration) residual(r, u []float64) (float64, error) {
	if err := it.f.Residual(it.all, u); err != nil {
		return 0, err
	}
	it.f.fixed.Restrict(r, it.all)
	z := r
	if it.dual != nil {
		z = it.work
		it.dual.Solve(z, r)
	}
	var sum float64
	for i, x := range r {
		sum += x * z[i]
	}
	return math.Sqrt(sum), nil
}

// direction is a way to step: along Newton's or Picard's, how far down to search, and
// whether by the factor that is kept.
type direction struct {
	kept, picard bool
	least        float64 // t
}

// directions are tried one after the other. Those that others stand behind are given up
// early.
func (it *newtonIteration) directions() (all []direction) {
	const early = 1.0 / 16
	if it.solver != nil {
		all = append(all, direction{kept: true, least: early})
	}
	if it.Picard {
		all = append(all, direction{least: early}, direction{picard: true, least: shortest})
	}
	return append(all, direction{least: shortest})
}

// step takes one step along the first direction that reduces ‖R‖.
func (it *newtonIteration) step() error {
	before := it.steps[len(it.steps)-1].Residual
	var failed error
	for _, d := range it.directions() {
		s := NewtonStep{Iteration: len(it.steps), Factored: !d.kept, Picard: d.picard}
		if s.Factored {
			if err := it.factor(d.picard); err != nil {
				failed = fmt.Errorf("fem: Newton: tangent after %d iterations: %w", s.Iteration-1, err)
				continue
			}
		}
		ok, err := it.search(before, d.least, &s)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if s.Picard || !(it.Reuse > 0 && s.Residual <= it.Reuse*before) {
			it.solver = nil
		}
		it.steps = append(it.steps, s)
		return nil
	}
	if failed != nil {
		return failed
	}
	return it.fail("no step along the direction reduces ‖R‖: begin nearer to the solution (by continuation in a parameter), allow Picard, or see whether the integrand is smooth and the problem has a solution")
}

func (it *newtonIteration) factor(picard bool) (err error) {
	it.solver = nil
	if err := it.f.assemble(nil, it.k, it.u.Coef, picard); err != nil {
		return err
	}
	if it.Invert != nil {
		it.solver, err = it.Invert(it.k)
		return err
	}
	if it.own, err = it.f.invert(it.k, it.own, 1e-8); err == nil {
		it.solver = it.own
	}
	return err
}

// search goes along −K⁻¹R as far as it helps. A full step of the size of rounding ends
// the iteration, and so does one of 10⁻¹⁰ that reduces ‖R‖ no further.
func (it *newtonIteration) search(before, least float64, s *NewtonStep) (bool, error) {
	it.solver.Solve(it.delta, it.r)
	var most, size float64
	for _, d := range it.delta {
		most = max(most, math.Abs(d))
	}
	for _, x := range it.u.Coef {
		size = max(size, math.Abs(x))
	}
	copy(it.at, it.u.Coef)
	for t := 1.0; t >= least; {
		for i, dof := range it.f.fixed.Free {
			it.at[dof] = it.u.Coef[dof] - t*it.delta[i]
		}
		after, err := it.residual(it.next, it.at)
		if err != nil {
			return false, err
		}
		if after <= (1-1e-4*t)*before || t == 1 && finite(after) && s.Factored && most <= 1e-14*size {
			it.done = s.Factored && !s.Picard && most <= 1e-14*size
			copy(it.u.Coef, it.at)
			it.r, it.next = it.next, it.r
			s.Residual, s.Length = after, t
			return true, nil
		}
		if t == 1 && s.Factored && !s.Picard && most <= 1e-10*size {
			it.done = true
			s.Residual, s.Length = before, 0
			return true, nil
		}
		// ‖R‖² is before² (1 − 2t) near 0 and after² at t.
		a, b := before*before, after*after
		valley := a * t * t / (b + a*(2*t-1))
		if !(valley <= t/2) || !finite(after) {
			valley = t / 2
		}
		t = max(valley, t/10)
	}
	return false, nil
}

// fail says where it stood.
func (it *newtonIteration) fail(remedy string) error {
	from := max(0, len(it.steps)-4)
	var last []string
	for _, s := range it.steps[from:] {
		last = append(last, fmt.Sprintf("%.3g", s.Residual))
	}
	if own, is := it.own.(*Iterative); is && own.Err() != nil {
		remedy = fmt.Sprintf("%s; the last solve ended with: %v", remedy, own.Err())
	}
	return fmt.Errorf("fem: Newton: %w after %d iterations: ‖R‖ was %.3g at the start and %v in the end, asked for %.3g; %s", sparse.ErrNotConverged,
		len(it.steps)-1, it.steps[0].Residual, last, max(it.Absolute, it.Tolerance*it.steps[0].Residual), remedy)
}
