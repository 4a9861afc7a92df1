package train

import (
	"context"
	"math"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/equation"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/physics"
	"abide/prior"
)

// sampled are n points by Heun's rule of the probability flow, from σ = 40 down the
// levels of Karras et al. (ρ = 7), in sampler coordinates.
func sampled(t testing.TB, tr *Trainer, n, d, stream int) []float64 {
	t.Helper()
	tr.Best()
	f := tr.engineForTest(t)
	const steps, high, low = 30, 40.0, 0.005
	z := make([]float64, n*d)
	keyed.New(11, "start", stream, 0).Normal(z)
	level := func(k int) float64 {
		if k == steps {
			return 0
		}
		a, b := math.Pow(high, 1/7.), math.Pow(low, 1/7.)
		return math.Pow(a+(b-a)*float64(k)/(steps-1), 7)
	}
	for i := range z {
		z[i] *= high
	}
	slope := func(x []float64, sigma float64) []float64 {
		out, err := f.Call(engine.Rows(x, d), engine.Scalar(sigma))
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range out[0].F64 {
			out[0].F64[i] = (x[i] - m) / sigma
		}
		return out[0].F64
	}
	next := make([]float64, len(z))
	for k := range steps {
		h, a := level(k+1)-level(k), slope(z, level(k))
		for i := range z {
			next[i] = z[i] + h*a[i]
		}
		if k+1 < steps {
			b := slope(next, level(k+1))
			for i := range z {
				next[i] = z[i] + h*(a[i]+b[i])/2
			}
		}
		copy(z, next)
	}
	return z
}

func (t *Trainer) engineForTest(tb testing.TB) *engine.Function {
	d := t.Settings.denoiser(t.Network, nil)
	return openGo(tb).NewFunction("denoise", t.Settings.dtype(), func(in []*Node) []*Node {
		return []*Node{d.DenoiseGiven(in[0], BroadcastToDims(Reshape(in[1], 1, 1), in[0].Shape().Dimensions[0], 1), nil)}
	})
}

// energyDistance is 2E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖ of two samples.
func energyDistance(x, y []float64, d int) float64 {
	mean := func(a, b []float64, same bool) float64 {
		var s float64
		n, m := len(a)/d, len(b)/d
		for i := range n {
			for j := range m {
				var q float64
				for k := range d {
					v := a[i*d+k] - b[j*d+k]
					q += v * v
				}
				s += math.Sqrt(q)
			}
		}
		if same {
			return s / float64(n*(n-1))
		}
		return s / float64(n*m)
	}
	return 2*mean(x, y, false) - mean(x, x, true) - mean(y, y, true)
}

func rms(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v * v
	}
	return math.Sqrt(s / float64(len(x)))
}

// heat is a field of 4 times × 8 places on a ring that obeys the Crank–Nicolson scheme
// of ∂u/∂t = ν ∂²u/∂x² to rounding, its rows in units of 1 of the field.
type heat struct {
	law  *equation.Equation
	rows []physics.Row
}

const heatTimes, heatPlaces, heatNu = 4, 8, 0.3

func newHeat(t testing.TB) heat {
	t.Helper()
	e, err := equation.Parse(equation.Spec{Equation: "dt(u) - nu*dxx(u) = 0", Constants: map[string]float64{"nu": heatNu},
		Axes: []equation.Axis{{Name: "t", Points: heatTimes, Length: 1}, {Name: "x", Points: heatPlaces, Length: 2 * math.Pi, Boundary: "periodic"}}})
	if err != nil {
		t.Fatal(err)
	}
	law, err := physics.FromEquation(e, physics.EquationChoice{})
	if err != nil {
		t.Fatal(err)
	}
	return heat{e, law.Rows()}
}

// draw are n fields Σ_k a_k sin(kx + φ_k) at first, k = 1, 2, amplitudes away from 0:
// two rings, a law that no Gaussian is.
func (h heat) draw(n, stream int) []float64 {
	s := keyed.New(12, "heat", stream, 0)
	x := make([]float64, 0, n*heatTimes*heatPlaces)
	dx, dt := 2*math.Pi/heatPlaces, 1./(heatTimes-1)
	for range n {
		var amplitude, phase, keep [2]float64
		for k := range 2 {
			amplitude[k], phase[k] = (0.7+0.6*s.Uniform())/float64(k+1), 2*math.Pi*s.Uniform()
			l := heatNu * math.Pow(2/dx*math.Sin(float64(k+1)*dx/2), 2)
			keep[k] = (1 - l*dt/2) / (1 + l*dt/2)
		}
		for m := range heatTimes {
			for i := range heatPlaces {
				var v float64
				for k := range 2 {
					v += amplitude[k] * math.Pow(keep[k], float64(m)) * math.Sin(float64((k+1)*i)*dx+phase[k])
				}
				x = append(x, v)
			}
		}
	}
	return x
}

// residual is that of fields, row units.
func (h heat) residual(x []float64) []float64 {
	var all []float64
	r := make([]float64, h.law.Rows())
	for i := 0; i < len(x); i += h.law.Dim() {
		h.law.Residual(r, x[i:i+h.law.Dim()])
		for _, v := range r {
			all = append(all, v/h.rows[0].Unit)
		}
	}
	return all
}

// measured is what a training for the heat equation came to.
type measured struct {
	residual, amplitude, relative float64 // RMS in row units, of the field over that of data, and their quotient
	distance                      float64 // energy distance to data
	step                          time.Duration
}

func (h heat) train(t testing.TB, steps int, set func(s *Settings)) measured {
	t.Helper()
	d := h.law.Dim()
	s := Settings{Network: network.Architecture{Kind: "mlp", Width: 64, Depth: 3, Embedding: 16}, Warmup: 0.02, Steps: steps, Batch: 128, LearningRate: 3e-3, EMA: 0.99, Seed: 5}
	set(&s)
	x := h.draw(4000, 0)
	at := prior.Coordinates{Shift: make([]float64, d), Scale: make([]float64, d)}
	for j := range d {
		at.Scale[j] = rms(x)
	}
	u := make([]float64, len(x))
	at.ToU(u, x)
	var tr *Trainer
	var err error
	if s.Physics.Loss == "" {
		tr, err = New(openGo(t), u, nil, d, s)
	} else {
		tr, err = NewObeying(openGo(t), u, nil, at, s, Equation(h.law, h.rows))
	}
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := tr.Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	each := time.Since(start) / time.Duration(steps)
	const n = 1000
	got := sampled(t, tr, n, d, 0)
	for i := range got {
		got[i] = at.Shift[i%d] + at.Scale[i%d]*got[i]
	}
	test := h.draw(n, 1)
	m := measured{residual: rms(h.residual(got)), amplitude: rms(got) / rms(test), distance: energyDistance(got, test, d), step: each}
	m.relative = m.residual / m.amplitude
	return m
}

// Trained for the heat equation, samples of a flow break it less after equal steps, and
// not by being smaller: what is compared is the residual over the amplitude.
func TestTrainedForTheHeatEquation(t *testing.T) {
	h := newHeat(t)
	if r := rms(h.residual(h.draw(50, 2))); r > 1e-13 {
		t.Fatalf("the data break their law by %g", r)
	}
	plain := h.train(t, 300, func(s *Settings) { s.Objective = "flow" })
	lawful := h.train(t, 300, func(s *Settings) { s.Objective, s.Physics = "flow", Physics{Loss: "pbfm", Unroll: 2} })
	floor := energyDistance(h.draw(1000, 3), h.draw(1000, 1), h.law.Dim())
	t.Logf("plain %+v, pbfm %+v, floor of the distance %.4f", plain, lawful, floor)
	if !(lawful.relative < 0.7*plain.relative) {
		t.Errorf("residual over amplitude %.5f, without laws %.5f: want 0.7 of it at most", lawful.relative, plain.relative)
	}
	if !(math.Abs(lawful.amplitude-1) < 0.1) {
		t.Errorf("the amplitude is %.3f of the data's", lawful.amplitude)
	}
}
