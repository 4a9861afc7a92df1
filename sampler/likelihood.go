package sampler

import (
	"context"
	"fmt"
	"math"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/ode"
	"abide/prior"
)

// Likelihood is log p(x) of a prior, by the change of variables along the
// probability flow (Chen et al. 2018, equation 8; Song et al. 2021, equation 39).
// On the straight path z = (1−t) u + t n, with velocity v = (z − x̂)/t,
//
//	log p(u) = log N(z(1); 0, I) + ∫₀¹ div v dt,   dz/dt = v,   z(0) = u
//
// which ends in N(0, I) exactly, and has v = −z, div v = −d at the data. The
// divergence is the trace of the denoiser's Jacobian up to 64 columns, and above
// that the mean over probes of random signs (Hutchinson 1990; Grathwohl et al.
// 2019), each of which is followed on its own, so that its standard error is known.
// The integrator is [ode.Adaptive], run a second time at ten times the tolerance:
// the difference is the estimate of its error.
//
// Everything is done in float64, networks included. Cost per point: about 100
// denoiser calls, each with d or as many as there are probes vector–Jacobian
// products. Not for laws without a density (empirical), but with Noise. A network
// is asked no nearer to the data than its resolution, below which its Jacobian is
// anything: the density is that of points blurred by it.
type Likelihood struct {
	Prior     *prior.Prior
	Probes    int     // 0: exact up to 64 columns, 16 probes above; negative: exact
	Noise     float64 // density of u + Noise·n, in standard deviations; 0: the prior's resolution, itself 0 for exact denoisers
	Tolerance float64 // per step, relative and absolute; default 1e-6
	Seed      uint64
	Chunk     int // default 256
	Workers   int // default: all cores

	answer *engine.Function
}

// MaxExactTrace is the number of columns up to which the divergence is exact
// unless probes are asked for.
const MaxExactTrace = 64

// Densities are log-densities of points in the user's units.
type Densities struct {
	LogP   []float64 // [n]
	StdErr []float64 // [n] of the probes; nil where the divergence is exact
	Error  []float64 // [n] estimate of the integrator's error
	Calls  int64     // denoiser calls of the chunk that needed most
}

// Bind names the function that is compiled.
func (l *Likelihood) Bind(e *engine.Engine) *Likelihood {
	if l.Probes == 0 && l.Prior.Coordinates.Dim() > MaxExactTrace {
		l.Probes = 16
	}
	l.Probes = max(l.Probes, 0)
	if l.Noise == 0 {
		l.Noise = l.Prior.Resolution
	}
	if l.Tolerance == 0 {
		l.Tolerance = 1e-6
	}
	if l.Chunk == 0 {
		l.Chunk = 256
	}
	d := l.Prior.Denoiser
	l.answer = e.NewFunction("denoiser and its divergence", engine.Float64, func(in []*engine.Node) []*engine.Node {
		if len(in) == 2 {
			mean, trace := prior.DenoiseTrace(d, in[0], in[1])
			return []*engine.Node{mean, trace}
		}
		mean, quadratic := prior.DenoiseQuadratic(d, in[0], in[1], in[2:])
		return []*engine.Node{mean, quadratic}
	})
	return l
}

// LogDensity is log p of rows x [n, d] in the user's units.
func (l *Likelihood) LogDensity(ctx context.Context, x []float64) (*Densities, error) {
	if !l.Prior.HasDensity() && l.Noise == 0 {
		return nil, fmt.Errorf("sampler: likelihood: a law that draws rows of a file has no density: ask for the density with noise")
	}
	d := l.Prior.Coordinates.Dim()
	n := len(x) / d
	out := &Densities{LogP: make([]float64, n), Error: make([]float64, n)}
	if l.Probes > 0 {
		out.StdErr = make([]float64, n)
	}
	u := make([]float64, len(x))
	l.Prior.Coordinates.ToU(u, x)
	volume := 0.0
	for _, s := range l.Prior.Coordinates.Scale {
		volume += math.Log(s)
	}
	calls := make([]int64, (n+l.Chunk-1)/l.Chunk)
	err := ForChunks(ctx, n, l.Chunk, l.Workers, func(c, lo, hi int) error {
		rows := pad(u[lo*d:hi*d], d, min(l.Chunk, n))
		f := &densityFlow{likelihood: l, dim: d, probes: l.signs(c, len(rows)/d, d), calls: &calls[c]}
		fine, err := f.solve(ctx, rows, l.Tolerance)
		if err != nil {
			return fmt.Errorf("sampler: likelihood: rows %d to %d: %w", lo, hi-1, err)
		}
		coarse, err := f.solve(ctx, rows, 10*l.Tolerance)
		if err != nil {
			return fmt.Errorf("sampler: likelihood: rows %d to %d: %w", lo, hi-1, err)
		}
		for i := lo; i < hi; i++ {
			mean, se := meanAndError(fine[i-lo])
			rough, _ := meanAndError(coarse[i-lo])
			out.LogP[i], out.Error[i] = mean-volume, math.Abs(mean-rough)
			if out.StdErr != nil {
				out.StdErr[i] = se
			}
		}
		return nil
	})
	for _, c := range calls {
		out.Calls = max(out.Calls, c)
	}
	return out, err
}

// signs are the probes of a chunk, each [n, d] of ±1.
func (l *Likelihood) signs(chunk, n, d int) []engine.Array {
	out := make([]engine.Array, l.Probes)
	for k := range out {
		e, stream := make([]float64, n*d), keyed.New(l.Seed, "probes", chunk, k)
		for i := range e {
			e[i] = 1 - 2*float64(stream.Uint64()>>63)
		}
		out[k] = engine.Rows(e, d)
	}
	return out
}

// meanAndError is the mean of values and its standard error, not a number for one.
func meanAndError(v []float64) (mean, se float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += x / n
	}
	for _, x := range v {
		se += (x - mean) * (x - mean) / (n - 1) / n
	}
	return mean, math.Sqrt(se)
}

// densityFlow is the flow of one chunk: blocks of d coordinates and the integrals
// of as many divergences as there are probes, or one.
type densityFlow struct {
	likelihood *Likelihood
	dim        int
	probes     []engine.Array
	calls      *int64
}

// solve returns log p(u) of rows u, for each probe.
func (f *densityFlow) solve(ctx context.Context, u []float64, tolerance float64) ([][]float64, error) {
	d, k := f.dim, max(len(f.probes), 1)
	n, m := len(u)/d, d+k
	t0 := f.likelihood.Noise / (1 + f.likelihood.Noise)
	y := make([]float64, n*m)
	for i := range n {
		for j := range d {
			y[i*m+j] = (1 - t0) * u[i*d+j]
		}
	}
	c := ode.Control{}
	system := func(t float64, y, dy []float64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.velocity(t, y, dy)
	}
	if _, err := (ode.Adaptive{Rtol: tolerance, Atol: tolerance, Dim: m}).Solve(system, t0, 1, y, &c, nil); err != nil {
		return nil, err
	}
	out := make([][]float64, n)
	for i := range out {
		end := float64(d) * (math.Log1p(-t0) - 0.5*math.Log(2*math.Pi))
		for _, z := range y[i*m : i*m+d] {
			end -= 0.5 * z * z
		}
		for _, integral := range y[i*m+d : (i+1)*m] {
			out[i] = append(out[i], end+integral)
		}
	}
	return out, nil
}

// velocity is v and its divergence at time t.
func (f *densityFlow) velocity(t float64, y, dy []float64) error {
	d, k := f.dim, max(len(f.probes), 1)
	m := d + k
	n := len(y) / m
	a, b := diffusion.Flow{}.At(t)
	if b == 0 {
		for i := range n {
			for j := range d {
				dy[i*m+j] = -y[i*m+j]
			}
			for j := d; j < m; j++ {
				dy[i*m+j] = -float64(d)
			}
		}
		return nil
	}
	a = diffusion.Above(a, b)
	u := make([]float64, n*d)
	for i := range n {
		for j := range d {
			u[i*d+j] = y[i*m+j] / a
		}
	}
	*f.calls++
	out, err := f.likelihood.answer.Call(append([]engine.Array{engine.Rows(u, d), engine.Scalar(b / a)}, f.probes...)...)
	if err != nil {
		return err
	}
	for i := range n {
		for j := range d {
			dy[i*m+j] = (y[i*m+j] - out[0].F64[i*d+j]) / b
		}
		for j := range k {
			dy[i*m+d+j] = (float64(d) - out[1].F64[i*k+j]/a) / b
		}
	}
	return nil
}
