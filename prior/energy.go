package prior

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/integrate/quad"

	"abide/expr"
	"abide/internal/engine"
)

// Energy is the denoiser of an energy-based model p(x) ∝ exp(−E(x)) inside
// bounds, in one or two columns, by quadrature. With h the spacing of a tensor
// grid of nodes uᵢ,
//
//	far,  σ ≥ 2h:  D = Σᵢ softmaxᵢ(−E(uᵢ) − ‖u−uᵢ‖²/2σ²) uᵢ
//	near, σ ≤ h:   D = Σₖ softmaxₖ(log wₖ − E(u+σξₖ)) (u+σξₖ),
//
// ξₖ and wₖ being Gauss–Hermite nodes and weights, and between a mean of the two,
// linear in ln σ. The sum over the grid is the trapezoidal rule, off by e^{−2π²σ²/h²}
// (Trefethen and Weideman 2014), the other by what E differs from a polynomial
// within a few σ. Both estimates are compared where they meet when a prior is
// made, and the difference is reported; see [NewEnergy].
//
// The tensor grid is why there are at most two columns: in more, give a formula
// as a cost on a broad Gaussian prior, which twisted-smc weighs exactly.
type Energy struct {
	expr         *expr.Expr
	at           Coordinates
	lower, upper []float64 // of u
	h            float64   // largest spacing of the grid, in u
	grid         *Empirical
	xi           []float64 // [K, d]
	logW         []float64 // [K]
	logZ         float64   // log ∫ exp(−E) over u, in sampler coordinates
}

var (
	_ Denoiser = (*Energy)(nil)
	_ Law      = (*Energy)(nil)
)

// hermite sets the Gauss–Hermite rule of a tensor grid for E f(ξ), ξ ~ N(0, I_d).
func (e *Energy) hermite(d int) {
	n := map[int]int{1: 24, 2: 12}[d]
	x, w := make([]float64, n), make([]float64, n)
	quad.Hermite{}.FixedLocations(x, w, math.Inf(-1), math.Inf(1))
	for i := range n {
		if d == 1 {
			e.xi, e.logW = append(e.xi, math.Sqrt2*x[i]), append(e.logW, math.Log(w[i]/math.Sqrt(math.Pi)))
			continue
		}
		for j := range n {
			e.xi, e.logW = append(e.xi, math.Sqrt2*x[i], math.Sqrt2*x[j]), append(e.logW, math.Log(w[i]*w[j]/math.Pi))
		}
	}
}

// outsideCost is what a standard deviation outside the bounds adds to the energy
// of a node that is taken at the bound; the law has no mass there.
const outsideCost = 1e6

// Denoise is D; see [Denoiser] for shapes.
func (e *Energy) Denoise(u, sigma *Node) *Node {
	g, dt := u.Graph(), u.DType()
	// 1 below h, 0 above 2h.
	w := MulScalar(Sub(Scalar(g, dt, math.Log(2*e.h)), Log(sigma)), 1/math.Ln2)
	w = Min(Max(w, ScalarZero(g, dt)), ScalarOne(g, dt))
	far := e.grid.Denoise(u, sigma)
	// Where the near rule does not count it is kept from nodes far away.
	return Add(far, Mul(w, Sub(e.near(u, Min(sigma, Scalar(g, dt, 2*e.h))), far)))
}

// near is D by Gauss–Hermite quadrature about u.
func (e *Energy) near(u, sigma *Node) *Node {
	n, d, k := u.Shape().Dimensions[0], len(e.lower), len(e.logW)
	row := func(v []float64) *Node { return Reshape(ConstAs(u, v), 1, d) }
	if sigma.Rank() == 2 {
		sigma = ExpandDims(sigma, -1)
	}
	xi := Reshape(ConstAs(u, e.xi), 1, k, d)
	points := Reshape(Add(ExpandDims(u, 1), Mul(sigma, xi)), n*k, d)
	inside := Min(Max(points, row(e.lower)), row(e.upper))
	energy := e.expr.Node(Add(row(e.at.Shift), Mul(row(e.at.Scale), inside)))
	outside := ReduceSum(Abs(Sub(points, inside)), -1)
	logits := Sub(Reshape(ConstAs(u, e.logW), 1, k), Reshape(Add(energy, MulScalar(outside, outsideCost)), n, k))
	p := ExpandDims(softmax(logits), -1) // [N, K, 1]
	return ReduceSum(Mul(p, Reshape(inside, n, k, d)), 1)
}

// energyAt is E at a point of sampler coordinates, with the cost of being outside.
func (e *Energy) energyAt(u []float64) float64 {
	x := make([]float64, len(u))
	var outside float64
	for j, v := range u {
		in := min(max(v, e.lower[j]), e.upper[j])
		outside += math.Abs(v - in)
		x[j] = e.at.Shift[j] + e.at.Scale[j]*in
	}
	return e.expr.Value(x) + outsideCost*outside
}

// around is log ∫ exp(−E(v)) N(v; u, σ²I) dv and the mean of v under it, by the
// near rule.
func (e *Energy) around(u []float64, sigma float64) (logp float64, mean []float64) {
	d, logs := len(u), make([]float64, len(e.logW))
	v := make([]float64, len(e.xi))
	for k := range logs {
		for j := range d {
			v[k*d+j] = u[j] + sigma*e.xi[k*d+j]
		}
		logs[k] = e.logW[k] - e.energyAt(v[k*d:(k+1)*d])
	}
	logp, mean = logSumExp(logs), make([]float64, d)
	for k, l := range logs {
		for j := range d {
			mean[j] += math.Exp(l-logp) * min(max(v[k*d+j], e.lower[j]), e.upper[j])
		}
	}
	return logp, mean
}

// LogDensity is −E − log Z, smoothed with N(0, σ²I); see [Law].
func (e *Energy) LogDensity(u []float64, sigma float64) float64 {
	switch {
	case sigma == 0:
		return -e.energyAt(u) - e.logZ
	case sigma < math.Sqrt2*e.h:
		logp, _ := e.around(u, sigma)
		return logp - e.logZ
	}
	return e.grid.LogDensity(u, sigma)
}

// Score is (D(u, σ) − u)/σ²; see [Law].
func (e *Energy) Score(dst, u []float64, sigma float64) {
	if sigma >= math.Sqrt2*e.h {
		e.grid.Score(dst, u, sigma)
		return
	}
	_, mean := e.around(u, sigma)
	for j := range u {
		dst[j] = (mean[j] - u[j]) / (sigma * sigma)
	}
}

// coarse is the difference of two quadratures above which a grid is refused.
const coarse = 1e-2

// NewEnergy is the prior p(x) ∝ exp(−E(x)) for lower ≤ x ≤ upper, in one or two
// columns, on a grid of so many points along each axis (0: 257 for one column, 65
// for two). Bounds say where the law lives and must not cut it: a hard edge is a
// constraint. A law that leaks at the bounds (more than 1e-6 of it on their last
// nodes), a grid that does not resolve it (its integral differs by more than 1e-2
// from that over every second node) and estimates of the denoiser that differ by
// more than 1e-2 where they meet are errors; the larger of the two differences is
// said in Describe. Smooth formulas reach 1e-10, those with kinks 1e-3.
func NewEnergy(f *expr.Expr, lower, upper []float64, points int, names []string) (*Prior, error) {
	d := len(lower)
	if points == 0 {
		points = map[int]int{1: 257, 2: 65}[d]
	}
	if d < 1 || d > 2 || len(upper) != d || (names != nil && len(names) != d) {
		return nil, fmt.Errorf("prior: energy: %d lower and %d upper bounds, %d column names: need one or two columns, each with both; for more, give the formula as a cost on a broad gaussian", len(lower), len(upper), len(names))
	}
	if points < 9 || points > 1025 || points%2 == 0 {
		return nil, fmt.Errorf("prior: energy: %d points: must be odd, from 9 to 1025", points)
	}
	if names == nil {
		names = numbered(d)
	}
	e := &Energy{expr: f, at: Coordinates{Names: names}}
	e.hermite(d)
	n, err := e.nodes(lower, upper, points)
	if err != nil {
		return nil, err
	}
	difference := e.mismatch()
	if !(difference <= coarse) {
		return nil, fmt.Errorf("prior: energy: the denoiser is only known to %.1e standard deviations between grid and local quadrature: take more points than %d, narrower bounds or a smoother formula", difference, points)
	}
	return &Prior{
		Kind: "energy", Denoiser: e, Law: e, Coordinates: e.at, DType: engine.Float64, Covariance: n.covariance,
		Draw:     n.draw,
		Describe: fmt.Sprintf("exp(−energy) in %d dimensions, denoiser by quadrature, good to %.0e standard deviations", d, max(difference, n.coarseness)),
	}, nil
}

// mismatch is the largest difference of the two estimates of the denoiser at
// σ = √2 h, over nodes spread through all but 1e-6 of the law.
func (e *Energy) mismatch() (worst float64) {
	d, sigma := len(e.lower), math.Sqrt2*e.h
	var likely []int
	for i, l := range e.grid.logWeight {
		if l > math.Log(1e-6/float64(len(e.grid.half))) {
			likely = append(likely, i)
		}
	}
	score := make([]float64, d)
	for c := range min(64, len(likely)) {
		i := likely[c*len(likely)/min(64, len(likely))]
		u := append([]float64(nil), e.grid.rows[i*d:(i+1)*d]...)
		u[0] += sigma * 0.37 // off the nodes
		e.grid.Score(score, u, sigma)
		_, mean := e.around(u, sigma)
		for j := range u {
			r := math.Abs(mean[j] - u[j] - sigma*sigma*score[j])
			if math.IsNaN(r) {
				return r
			}
			worst = max(worst, r)
		}
	}
	return worst
}
