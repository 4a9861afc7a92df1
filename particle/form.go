package particle

import "context"

// form is one way of looking ahead from noisy points and of moving them on: a
// twist ψ with the kernels that go with it.
type form interface {
	// see looks ahead from the points z of a level.
	see(ctx context.Context, z []float64, level int) (view, error)
	// products is how many vector–Jacobian products that takes a point.
	products() int
	// note says to readers which form ran.
	note() string
}

// view is what was seen from the points of a level.
type view interface {
	// gather is the view from the points index, in that order.
	gather(index []int) view
	// open prepares to read points [lo, hi), with draws keyed by purpose, chunk and level.
	open(lo, hi int, purpose string, chunk int) (eye, error)
}

// eye reads a view point by point, with scratch of its own: one for each goroutine.
type eye interface {
	// factors are log ψ of point i in two parts: the inequalities' part ψ̃, and the rest.
	factors(i int) (soft, hard float64)
	// psi makes i the point that the others speak of, and returns log ψ there; logP is
	// the P of the defensive twist.
	psi(i int, logP float64) float64
	// propose draws next from q(·|z) and returns log p(next|z) − log q(next|z).
	propose(next, z []float64) float64
	// ratio is log p(next|z) − log q(next|z).
	ratio(next, z []float64) float64
	// end draws the clean point u from the lowest noise level, and returns the log of
	// p(u|z) times the constraints and potentials themselves, over q(u|z), and how far
	// u was moved to meet equations, in standard deviations.
	end(u []float64) (logw, moved float64)
	// reach is the same weight for a clean point that is given.
	reach(u []float64) float64
}
