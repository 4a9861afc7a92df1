package method

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/diagnose"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// The side of the small images of the test, and their number of pixels.
const side, pixels = 4, side * side

// imagePriors are a mixture in closed form, a diffusion network and a flow
// network, both with random weights on top of the standard Gaussian's denoiser.
func imagePriors(t *testing.T) map[string]*prior.Prior {
	t.Helper()
	rng := rand.New(keyed.New(11, "modes", 0, 0))
	var means [][]float64
	var covs []*mat.SymDense
	for range 3 {
		m, c := make([]float64, pixels), mat.NewSymDense(pixels, nil)
		for i := range m {
			m[i] = 2 * rng.NormFloat64()
			for j := range i + 1 {
				c.SetSym(i, j, 0.3*math.Exp(-math.Abs(float64(i-j))))
			}
		}
		means, covs = append(means, m), append(covs, c)
	}
	mixture, err := prior.NewMixture([]float64{0.3, 0.3, 0.4}, means, covs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*prior.Prior{
		"mixture": mixture,
		"network": roughPrior("diffusion", prior.EDM{Network: roughNetwork(1)}),
		"flow":    roughPrior("flow", prior.Velocity{Network: flowNetwork{roughNetwork(2)}}),
	}
}

// roughNetwork has small random weights everywhere.
func roughNetwork(seed uint64) network.Network {
	n := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{pixels}, Width: 24, Depth: 2, Embedding: 8}, seed)
	for i, w := range n.Weights() {
		rng := rand.New(keyed.New(seed, "weights", i, 0))
		for j := range w.Data {
			w.Data[j] = float32(0.15 * rng.NormFloat64())
		}
	}
	return n
}

// flowNetwork is the velocity of N(0, I) with a network's output added.
type flowNetwork struct{ network.Network }

func (f flowNetwork) Apply(z, t, y *engine.Node) *engine.Node {
	return graph.Add(standardFlow{}.Apply(z, t, y), f.Network.Apply(z, t, y))
}

func roughPrior(kind string, d prior.Denoiser) *prior.Prior {
	p := &prior.Prior{Kind: kind, Denoiser: d, DType: engine.Float32, Covariance: make([]float64, pixels*pixels), Resolution: 0.02}
	for i := range pixels {
		p.Covariance[i*pixels+i] = 1
		p.Coordinates.Names = append(p.Coordinates.Names, "")
		p.Coordinates.Shift = append(p.Coordinates.Shift, 0.5)
		p.Coordinates.Scale = append(p.Coordinates.Scale, 2)
	}
	return p
}

// measurements are y = A(truth) + 0.2 n through a mask, a matrix and a blur.
func measurements(t *testing.T, p *prior.Prior) map[string]*potential.Measurement {
	t.Helper()
	rng := rand.New(keyed.New(12, "truth", 0, 0))
	truth := make([]float64, pixels)
	for i := range truth {
		truth[i] = rng.NormFloat64()
	}
	if p.Draw != nil {
		truth = p.Draw(rng, 1)
	} else {
		p.Coordinates.ToX(truth, truth)
	}
	rows := make([][]float64, 3)
	for i := range rows {
		for range pixels {
			rows[i] = append(rows[i], rng.NormFloat64()/4)
		}
	}
	mask, err := operator.NewMask(pixels, []int{1, 2, 5, 7, 11, 14})
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := operator.NewMatrix(rows)
	if err != nil {
		t.Fatal(err)
	}
	blurred, err := operator.NewGaussianBlur(operator.Image{Height: side, Width: side, Channels: 1}, 0.8, operator.Zero)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*potential.Measurement{}
	ops := map[string]operator.Operator{"mask": mask, "matrix": matrix, "blur": blurred}
	for _, name := range slices.Sorted(maps.Keys(ops)) { // in one order: they share a stream
		op := ops[name]
		_, m := op.Dims()
		y, std := make([]float64, m), make([]float64, m)
		op.ApplyAt(y, truth)
		for i := range y {
			std[i] = 0.2
			y[i] += std[i] * rng.NormFloat64()
		}
		noise, err := potential.NewNormal(std)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = potential.NewMeasured(name, op, y, noise); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// misfit is the mean energy of the measurement over the samples, by weight.
func misfit(y *potential.Measurement, s *sampler.Samples) float64 {
	var sum float64
	for i, w := range diagnose.Weights(s.LogW) {
		sum += w * y.EnergyAt(s.X[i*s.Dim:(i+1)*s.Dim])
	}
	return sum
}

// Every method for measurements, with every kind of prior and operator: it runs,
// its points are numbers, they fit the measurement better than the prior's, and
// where the posterior is known the distance to it is printed. What it does not
// support it says by an UnsupportedError.
func TestEveryMethodWithEveryMeasurement(t *testing.T) {
	const n = 64
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 40)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for pname, p := range imagePriors(t) {
		for oname, y := range measurements(t, p) {
			q, err := problem.New(p, nil, []potential.Potential{y})
			if err != nil {
				t.Fatal(err)
			}
			unguided := misfit(y, sample(t, "none", q, Settings{Samples: n, Chunk: n, Seed: 1, Grid: grid}).Samples)
			var exact []float64
			if p.Draw != nil {
				exact = posteriorDraws(t, p, y, n)
			}
			for _, m := range Table {
				if m.Name == "none" || m.Name == "project" {
					continue
				}
				t.Run(pname+"/"+oname+"/"+m.Name, func(t *testing.T) {
					// Pulls that take the estimate for certain, or nearly, are stiff: at their own
					// weight, 1, they throw points about in few steps.
					given := Values{"particles": 4 * n, "iterations": 6, "weight": 0.02}
					s := Settings{Samples: n, Chunk: n, Seed: 1, Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Values: own(m, given)}
					_, err := m.New(e, q, s)
					var unsupported *problem.UnsupportedError
					if errors.As(err, &unsupported) {
						t.Logf("%v", err)
						return
					}
					out := sample(t, m.Name, q, s).Samples
					got := misfit(y, out)
					for _, v := range out.X {
						if math.IsNaN(v) || math.IsInf(v, 0) {
							t.Fatal("a point is not finite")
						}
					}
					if !(got < unguided) {
						t.Errorf("misfit %.4g, unguided %.4g", got, unguided)
					}
					distance := ""
					if exact != nil {
						distance = describeDistance(out, exact)
					}
					t.Logf("%s: misfit %.4g (unguided %.4g, expected of the truth %.3g)%s", m.Name, got, unguided, 0.5*float64(len(y.Y)), distance)
				})
			}
		}
	}
}

func posteriorDraws(t *testing.T, p *prior.Prior, y *potential.Measurement, n int) []float64 {
	t.Helper()
	a, data, variance, ok := y.Rows()
	if !ok {
		return nil
	}
	noise := mat.NewSymDense(len(data), nil)
	for i, v := range variance {
		noise.SetSym(i, i, v)
	}
	posterior, err := p.Condition(mat.NewDense(len(data), p.Coordinates.Dim(), a), data, noise)
	if err != nil {
		t.Fatal(err)
	}
	return posterior.Draw(rand.New(keyed.New(13, "posterior", 0, 0)), 2*n)
}

// describeDistance is the energy distance to the exact posterior beside that of two
// exact sets.
func describeDistance(s *sampler.Samples, exact []float64) string {
	half := len(exact) / 2
	d := diagnose.WeightedEnergyDistance(s.X, diagnose.Weights(s.LogW), exact[:half], nil, s.Dim)
	return fmt.Sprintf("; energy distance to the posterior %.3g, of two exact sets %.3g", d, diagnose.EnergyDistance(exact[half:], exact[:half], s.Dim))
}

// Points of a batch do not interact: the steps of a method take permuted points,
// with their noise, to permuted points. Norms over a whole batch, a step size shared
// by it or a solver that stops for all at once would show here.
func TestPointsDoNotInteract(t *testing.T) {
	const n = 6
	grid, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, 10)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	order := []int{3, 0, 5, 1, 4, 2}
	permuted := func(rows []float64) []float64 {
		d, out := len(rows)/n, make([]float64, 0, len(rows))
		for _, i := range order {
			out = append(out, rows[i*d:(i+1)*d]...)
		}
		return out
	}
	for pname, p := range imagePriors(t) {
		p.DType = engine.Float64
		for oname, y := range measurements(t, p) {
			q, err := problem.New(p, nil, []potential.Potential{y})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range Table {
				k, err := m.New(e, q, Settings{Samples: n, Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}})
				one, ok := k.(*sampler.Independent)
				if err != nil || !ok || !strings.Contains(m.Needs, "measurement") {
					continue // unsupported, or a population, whose points do interact
				}
				t.Run(pname+"/"+oname+"/"+m.Name, func(t *testing.T) {
					run := func(change func([]float64) []float64) []float64 {
						z := make([]float64, n*pixels)
						keyed.New(3, "start", 0, 0).Normal(z)
						points := sampler.Points{Z: change(z), Dim: pixels}
						if b, ok := one.Bridge.(sampler.Multistep); ok {
							points.Memory = make([]float64, n*b.Memory(pixels))
						}
						stream := keyed.New(4, "noise", 0, 0)
						noise := func(dst []float64) {
							stream.Normal(dst)
							copy(dst, change(dst))
						}
						for step := range grid.Steps() {
							if err := one.Transition(points, step, noise); err != nil {
								t.Fatal(err)
							}
						}
						return points.Z
					}
					want := permuted(run(func(x []float64) []float64 { return x }))
					for i, v := range run(permuted) {
						if !(math.Abs(v-want[i]) <= 1e-7*(1+math.Abs(want[i]))) {
							t.Fatalf("number %d is %.12g in one order and %.12g in another", i, v, want[i])
						}
					}
				})
			}
		}
	}
}
