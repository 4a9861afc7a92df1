package particle

import (
	"context"
	"fmt"
	"math"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/operator"
	"abide/prior"
	"abide/sampler"
)

// Rotated is a linear measurement in the bases that make its values independent:
// Y[i] = vᵢ·u + nᵢ/S[i], nᵢ ~ N(0, 1), in sampler coordinates u.
type Rotated struct {
	S, Y []float64
	V    operator.Basis // vᵢ, orthonormal
	Left float64        // energy of the measurement that no u can take away
}

// MCGDiff is the particle filter of Cardoso, Janati El Idrissi, Le Corff and Moulines
// 2024 (algorithms 1 and 2) for linear measurements. In clean coordinates u = z/a,
// where noise levels are σ, value i is what the diffusion itself would show at level τᵢ
// = 1/S[i]: Y[i] = u_τ[i]. Particles follow the prior's reverse kernels, which have
// independent coordinates,
//
//	p(u′ | u) = N(D + (v′/v)(u − D), c²I),   c² = (1 − v′/v) v′ + (1 − v′/v)² r²,   v = σ²,
//
// conditioned on potentials N(Y[i]; u′[i], gᵢ) until the first level σⱼ ≤ τᵢ,
//
//	gᵢ = τᵢ² − σⱼ² there,   and before   gᵢ = τᵢ² − σⱼ² + σ′² − σⱼ² + Kappa (1 + τᵢ²),
//
// and carry the weights Π N(Y[i]; m[i], c² + gᵢ) / N(Y[i]; u[i], gᵢ before). The last
// potential of a value is p(Y[i] | u[i]) and stays; below it the value is free. So the
// population follows the kernels' posterior as it grows, at any Kappa. (Published is
// σⱼ = τᵢ; the authors' program then divides the last potential away and weighs by the
// likelihood, with weights of infinite variance.) r² = σ²s²/(σ² + s²)
// makes the kernels exact for N(0, s²I); with s² = 0 they are those of DDPM.
//
// One denoiser call a step and no derivative. The potentials see no correlation of the
// prior: not for many values of strongly correlated columns, where twisted-smc looks
// ahead better.
type MCGDiff struct {
	MCGSettings
	prior *prior.Prior
	y     Rotated
	grid  diffusion.Grid
	sigma []float64
	until []int // of each value: the first level with σ ≤ τ
	eval  *engine.Function
}

// MCGSettings are those of the particle filter.
type MCGSettings struct {
	Samples, Particles int
	Threshold          float64 // resample when ESS < Threshold × Particles
	Kappa              float64
	DataVariance       float64 // s², in sampler coordinates
	Seed               uint64
	Chunk, Workers     int // 0: 512, all cores
}

var _ sampler.Kernel = (*MCGDiff)(nil)

// NewMCGDiff binds the filter to a prior and a measurement in its coordinates.
func NewMCGDiff(e *engine.Engine, p *prior.Prior, y Rotated, grid diffusion.Grid, s MCGSettings) (*MCGDiff, error) {
	if s.Particles == 0 {
		s.Particles = max(1024, s.Samples)
	}
	if s.Particles < s.Samples {
		return nil, fmt.Errorf("particle: mcgdiff: %d particles for %d samples: particles must be at least samples (0 chooses)", s.Particles, s.Samples)
	}
	if s.Chunk == 0 {
		s.Chunk = 512
	}
	k := &MCGDiff{MCGSettings: s, prior: p, y: y, grid: grid, until: make([]int, len(y.S))}
	for i := range grid.Steps() {
		k.sigma = append(k.sigma, grid.Sigma(i))
	}
	k.sigma = append(k.sigma, 0)
	for i, v := range y.S {
		for k.sigma[k.until[i]] > 1/v {
			k.until[i]++
		}
	}
	k.eval = e.NewFunction("denoiser", p.DType, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
	})
	return k, nil
}

// potential is gᵢ at a level not below the last of value i.
func (k *MCGDiff) potential(i, level int) float64 {
	tau2, last := 1/(k.y.S[i]*k.y.S[i]), k.sigma[k.until[i]]
	g := tau2 - last*last
	if level == k.until[i] {
		return g
	}
	return g + k.sigma[level]*k.sigma[level] - last*last + k.Kappa*(1+tau2)
}

// kernel are the shrinkage v′/v and the standard deviation c of a transition.
func (k *MCGDiff) kernel(step int) (shrink, c float64) {
	v, v1 := k.sigma[step]*k.sigma[step], k.sigma[step+1]*k.sigma[step+1]
	shrink = v1 / v
	c = (1-shrink)*v1 + (1-shrink)*(1-shrink)*k.DataVariance/(1+k.DataVariance/v)
	return shrink, math.Sqrt(c)
}

// Steps is the number of transitions.
func (k *MCGDiff) Steps() int { return k.grid.Steps() }

// Start draws from N(0, (1 + σ²)I) conditioned on the first potentials.
func (k *MCGDiff) Start(ctx context.Context) (*sampler.State, error) {
	n, d := k.Particles, k.prior.Coordinates.Dim()
	s := &sampler.State{N: n, Dim: d, Z: make([]float64, n*d), LogW: make([]float64, n), Ancestor: make([]int64, n)}
	c := math.Hypot(1, k.sigma[0])
	err := sampler.ForChunks(ctx, n, k.Chunk, k.Workers, func(chunk, lo, hi int) error {
		stream, w := keyed.New(k.Seed, "start", chunk, 0), newTurned(k)
		for i := lo; i < hi; i++ {
			s.Ancestor[i] = int64(i)
			s.LogW[i] = w.propose(s.Z[i*d:(i+1)*d], 0, c, stream.Normal)
		}
		return nil
	})
	s.ESS = append(s.ESS, diagnose.ESS(s.LogW))
	return s, err
}

// Step resamples where the weights ask for it and moves the population one level on.
// State.Z holds u.
func (k *MCGDiff) Step(ctx context.Context, s *sampler.State) error {
	if err := k.resample(s); err != nil {
		return err
	}
	d := s.Dim
	shrink, c := k.kernel(s.Step)
	next, logw := make([]float64, len(s.Z)), make([]float64, s.N)
	err := sampler.ForChunks(ctx, s.N, k.Chunk, k.Workers, func(chunk, lo, hi int) error {
		in := s.Z[lo*d : hi*d]
		if hi-lo < k.Chunk {
			in = make([]float64, k.Chunk*d)
			copy(in, s.Z[lo*d:hi*d])
		}
		out, err := k.eval.Call(engine.Rows(in, d), engine.Scalar(k.sigma[s.Step]))
		if err != nil {
			return err
		}
		stream, w := keyed.New(k.Seed, "proposal", chunk, s.Step), newTurned(k)
		for i := lo; i < hi; i++ {
			u, x := s.Z[i*d:(i+1)*d], next[i*d:(i+1)*d]
			for j := range x {
				m := out[0].F64[(i-lo)*d+j]
				x[j] = m + shrink*(u[j]-m)
			}
			logw[i] = s.LogW[i] - w.seen(u, s.Step) + w.propose(x, s.Step+1, c, stream.Normal)
			if math.IsNaN(logw[i]) {
				logw[i] = math.Inf(-1)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Z, s.LogW = next, logw
	s.Step++
	s.DenoiserCalls++
	s.ESS = append(s.ESS, diagnose.ESS(s.LogW))
	return nil
}

func (k *MCGDiff) resample(s *sampler.State) error {
	ess := diagnose.ESS(s.LogW)
	if !(ess > 0) {
		return fmt.Errorf("particle: mcgdiff: every weight is zero after step %d of %d: raise particles or kappa", s.Step, k.Steps())
	}
	if ess >= k.Threshold*float64(s.N) {
		return nil
	}
	ancestor, _ := Systematic(s.LogW, s.N, keyed.New(k.Seed, "resample", 0, s.Step).Uniform())
	s.LogEvidence += diagnose.LogMeanExp(s.LogW)
	s.Z = gather(s.Z, ancestor, s.Dim)
	origin := make([]int64, s.N)
	for i, a := range ancestor {
		origin[i] = s.Ancestor[a]
	}
	s.Ancestor = origin
	clear(s.LogW)
	s.Resampled++
	return nil
}

// Finish draws the samples from the population, or takes all of it.
func (k *MCGDiff) Finish(_ context.Context, s *sampler.State) (*sampler.Samples, error) {
	ess := diagnose.ESS(s.LogW)
	if !(ess > 0) {
		return nil, fmt.Errorf("particle: mcgdiff: every weight is zero at the end: raise particles or steps")
	}
	// From the density of Y to that of E = ½ Σ S²(Y − v·u)² + Left.
	evidence := s.LogEvidence - k.y.Left
	for _, v := range k.y.S {
		evidence += 0.5*math.Log(2*math.Pi) - math.Log(v)
	}
	out := &sampler.Samples{
		N: k.Samples, Dim: s.Dim, HasEvidence: true, HasESS: true, Population: s.N, ESSFinal: ess, ESSMin: ess,
		LogEvidence: evidence + diagnose.LogMeanExp(s.LogW), EvidenceStd: evidenceStd(s.LogW, s.Ancestor),
		LogW: make([]float64, k.Samples), Ancestor: make([]int64, k.Samples),
	}
	for _, e := range s.ESS {
		out.ESSMin = math.Min(out.ESSMin, e)
	}
	index := make([]int, s.N)
	for i := range index {
		index[i] = i
	}
	if k.Samples < s.N {
		index, _ = Systematic(s.LogW, k.Samples, keyed.New(k.Seed, "draw", 0, 0).Uniform())
		out.Notes = append(out.Notes, fmt.Sprintf("%d points were drawn systematically from a weighted population of %d and are equally weighted", k.Samples, s.N))
	}
	for i, a := range index {
		out.Ancestor[i] = s.Ancestor[a]
		if out.LogW[i] = out.LogEvidence; k.Samples == s.N {
			out.LogW[i] = evidence + s.LogW[a]
		}
	}
	out.X = gather(s.Z, index, s.Dim)
	k.prior.Coordinates.ToX(out.X, out.X)
	if w := k.grid.TerminalWarning(); w != "" {
		out.Warnings = append(out.Warnings, w)
	}
	return out, nil
}

// turned is the working memory of a chunk in the measurement's bases.
type turned struct {
	k       *MCGDiff
	c, e    []float64
	n, back []float64
}

func newTurned(k *MCGDiff) *turned {
	r, d := len(k.y.S), k.prior.Coordinates.Dim()
	return &turned{k, make([]float64, r), make([]float64, r), make([]float64, d), make([]float64, d)}
}

// seen is the logarithm of the potentials of u that are no last ones.
func (w *turned) seen(u []float64, level int) float64 {
	var log float64
	w.k.y.V.Coefficients(w.c, u)
	for i, v := range w.c {
		if level < w.k.until[i] {
			log += logNormal(w.k.y.Y[i]-v, w.k.potential(i, level))
		}
	}
	return log
}

// propose turns the mean m of N(m, c²I) into a draw conditioned on the potentials of a
// level, and returns the logarithm of their integral.
func (w *turned) propose(m []float64, level int, c float64, normal func([]float64)) float64 {
	normal(w.n)
	w.k.y.V.Coefficients(w.c, m)
	w.k.y.V.Coefficients(w.e, w.n)
	var log float64
	for i, mean := range w.c {
		n := w.e[i]
		w.e[i] = 0 // what is added to m + c n
		if level > w.k.until[i] {
			continue
		}
		g := w.k.potential(i, level)
		log += logNormal(w.k.y.Y[i]-mean, c*c+g)
		gain := 1 / (1 + g/(c*c))
		w.e[i] = gain*(w.k.y.Y[i]-mean) + (math.Sqrt(gain*g)-c)*n
	}
	w.k.y.V.Combine(w.back, w.e)
	for j, v := range w.back {
		m[j] += c*w.n[j] + v
	}
	return log
}
