package prior

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
)

// Residual is how well a denoiser finds data again that were noised,
//
//	‖D(u₀ + σn, σ) − u₀‖² / ‖(u₀ + σn)/(1+σ²) − u₀‖²,
//
// as means over data and levels, beside the trivial denoiser u/(1+σ²), which
// knows nothing but that coordinates have variance 1. The posterior mean has the
// smallest residual there is; it is 1 only where the data are white noise.
type Residual struct {
	Ratio  float64
	StdErr float64 // of Ratio, by the pairs of both residuals

	each []float64 // residuals of the rows, in units of the mean trivial one
}

// Fits tells whether a residual is that of a denoiser: not worse than the trivial one
// by more than 5 % and four standard errors: a network of white noise cannot be better.
func (r Residual) Fits() bool { return r.Ratio < 1.05+4*r.StdErr }

// beats tells whether r is smaller than s by more than 2 % and four standard errors
// of the difference, both being of the same rows and noise.
func (r Residual) beats(s Residual) bool {
	if math.IsInf(s.Ratio, 1) || math.IsInf(r.Ratio, 1) {
		return r.Ratio < s.Ratio
	}
	gain, v := s.Ratio-r.Ratio, 0.0
	for i := range r.each {
		e := s.each[i] - r.each[i] - gain
		v += e * e
	}
	return gain > 0.02*s.Ratio+4*math.Sqrt(v)/float64(len(r.each))
}

// Levels and rows of the residual: at much lower noise every denoiser that returns
// its input looks right, at much higher noise every one that returns 0.
var fitLevels = []float64{0.25, 0.5, 1, 2}

const fitRows = 512

// NewResidual measures the residual of a denoiser on rows of data u [n, d] in
// sampler coordinates, at the given noise levels.
func NewResidual(e *engine.Engine, dtype engine.DType, d Denoiser, u []float64, dim int, levels []float64) (Residual, error) {
	n := min(len(u)/dim, fitRows)
	if n < 2 {
		return Residual{}, fmt.Errorf("prior: %d rows of data: a check needs at least 2", n)
	}
	u = u[:n*dim]
	f := e.NewFunction("residual", dtype, func(in []*Node) []*Node { return []*Node{d.Denoise(in[0], in[1])} })
	noise, z := make([]float64, len(u)), make([]float64, len(u))
	excess, trivial := make([]float64, n), make([]float64, n)
	for k, s := range levels {
		keyed.New(0, "check of a network", 0, k).Normal(noise)
		for i := range z {
			z[i] = u[i] + s*noise[i]
		}
		out, err := f.Call(engine.Rows(z, dim), engine.Scalar(s))
		if err != nil {
			return Residual{}, err
		}
		scale := s * s / (1 + s*s) * float64(dim) // of the trivial residual: levels count alike
		for i, v := range out[0].F64 {
			t := z[i]/(1+s*s) - u[i]
			excess[i/dim] += (v - u[i]) * (v - u[i]) / scale
			trivial[i/dim] += t * t / scale
		}
	}
	a, b := mean(excess), mean(trivial)
	r := Residual{Ratio: a / b}
	if math.IsNaN(r.Ratio) || math.IsInf(r.Ratio, 0) {
		return Residual{Ratio: math.Inf(1)}, nil
	}
	for i := range excess {
		e := excess[i] - r.Ratio*trivial[i]
		r.StdErr += e * e
		excess[i] /= b
	}
	r.StdErr, r.each = math.Sqrt(r.StdErr)/(float64(n)*b), excess
	return r, nil
}

func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

// CheckFit refuses a network that is no denoiser as it is described: one that is
// worse than the trivial denoiser, and one that leaves a smaller residual when
// its output is read as another, since the right reading leaves the smallest. The
// error names the description that fits, where there is one.
func (p Parameterised) CheckFit(e *engine.Engine, dtype engine.DType, u []float64, dim int) (Residual, error) {
	r, err := NewResidual(e, dtype, p, u, dim, p.levels())
	if err != nil {
		return r, err
	}
	list := p.outputs()
	if !r.Fits() {
		list = p.others()
	}
	best, found := p.best(e, dtype, u, dim, list)
	if r.Fits() && (found.Network == nil || !best.beats(r)) {
		return r, nil
	}
	text := fmt.Sprintf("prior: the network does not denoise as output %q: on noised data it leaves %.3g times the residual of u/(1+σ²)", p.Output, r.Ratio)
	if found.Network == nil || !best.Fits() {
		return r, errors.New(text + "; no other output or time fits: check process, shift and scale")
	}
	return r, fmt.Errorf("%s; it fits %s, which leaves %.3g", text, found.difference(p), best.Ratio)
}

// levels are those of fitLevels that the process passes; where there are none, its middle.
func (p Parameterised) levels() (list []float64) {
	lo, hi := p.Process.Range()
	if p.Spread != 0 {
		lo, hi = lo/p.Spread, hi/p.Spread
	}
	for _, s := range fitLevels {
		if s >= lo && s <= hi {
			list = append(list, s)
		}
	}
	if list == nil {
		list = []float64{math.Sqrt(lo * hi)}
	}
	return list
}

// best is the description with the smallest residual; those that cannot be built are left out.
func (p Parameterised) best(e *engine.Engine, dtype engine.DType, u []float64, dim int, list []Parameterised) (best Residual, found Parameterised) {
	best.Ratio = math.Inf(1)
	for _, q := range list {
		if s, err := NewResidual(e, dtype, q, u, dim, p.levels()); err == nil && s.Ratio < best.Ratio {
			best, found = s, q
		}
	}
	return best, found
}

// outputs are the other readings of the output.
func (p Parameterised) outputs() (list []Parameterised) {
	_, discrete := p.Process.(DiscreteProcess)
	for _, o := range Outputs {
		if o != p.Output && !(discrete && o == OutputVelocity) {
			q := p
			q.Output = o
			list = append(list, q)
		}
	}
	return list
}

// others are the descriptions that are tried when no output fits: the usual ways of
// telling the time, and for a flow its other direction, each with all outputs.
func (p Parameterised) others() (list []Parameterised) {
	processes := []Process{p.Process}
	if flow, ok := p.Process.(FlowProcess); ok {
		processes = append(processes, FlowProcess{DataAtZero: !flow.DataAtZero})
	}
	for _, process := range processes {
		for _, t := range []Time{p.Time, {"t", 1}, {"t", 1000}, {"t", 999}, {"t", 1e-3}, {"sigma", 1}, {"log_sigma", 1}, {"log_sigma", 0.25}} {
			q := p
			q.Time, q.Process = t, process
			list = append(list, q)
			list = append(list, q.outputs()...)
		}
	}
	return slices.DeleteFunc(list, func(q Parameterised) bool { return q.difference(p) == "" })
}

// difference is what q says otherwise than p.
func (q Parameterised) difference(p Parameterised) string {
	var say []string
	if q.Output != p.Output {
		say = append(say, fmt.Sprintf("output %q", q.Output))
	}
	if q.Time != p.Time {
		say = append(say, fmt.Sprintf("time %q with time_scale %g", q.Time.Of, q.Time.Scale))
	}
	if flow, ok := q.Process.(FlowProcess); ok && flow != p.Process.(FlowProcess) {
		say = append(say, fmt.Sprintf("data at the other end of the flow (data_at_zero = %t)", flow.DataAtZero))
	}
	return strings.Join(say, " and ")
}
