// Darcy finds the permeability of a porous medium from thirty noisy pressures: a truth is
// drawn, measured, and forgotten; what is left are draws of the posterior.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/mesh"
	"abide/method"
	"abide/operator"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/run"
)

func main() {
	n := flag.Int("grid", 64, "vertices along each side")
	samples := flag.Int("samples", 128, "draws of the posterior")
	seed := flag.Uint64("seed", 1, "of truth and noise")
	out := flag.String("out", ".", "folder for figure.svg and posterior.vtu")
	flag.Parse()
	if _, err := invert(context.Background(), os.Stdout, *n, *samples, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// noise is the standard deviation of a pressure; for permeability 1 the largest is 0.074.
const noise = 0.001

// posterior is what is known of each vertex in the end.
type posterior struct {
	truth, mean, std []float64
	inside           []bool // the truth lies in the 90 % interval
	coverage         float64
	rmse             float64 // of the mean
}

func invert(ctx context.Context, w io.Writer, n, samples int, seed uint64, out string) (*posterior, error) {
	// Log-permeability is a smooth Gaussian field of variance 1.
	field, err := prior.NewField(prior.Field{Shape: []int{n, n}, Extent: []float64{1, 1}, Kernel: "rbf", Length: 0.2, Variance: 1})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	truth := field.Draw(rng, 1)

	// Thirty wells, spread evenly by an additive recurrence.
	wells := make([][]float64, 30)
	for i := range wells {
		wells[i] = []float64{0.05 + 0.9*math.Mod(0.5+0.7548776662*float64(i+1), 1), 0.05 + 0.9*math.Mod(0.5+0.5698402910*float64(i+1), 1)}
	}
	solver, err := operator.NewDarcy(n, n, [2]float64{1, 1}, []float64{1}, wells)
	if err != nil {
		return nil, err
	}
	y := make([]float64, len(wells))
	if err := solver.At(ctx, y, truth); err != nil {
		return nil, err
	}
	for i := range y {
		y[i] += noise * rng.NormFloat64()
	}

	law, err := potential.NewNormal(slices.Repeat([]float64{noise}, len(y)))
	if err != nil {
		return nil, err
	}
	pressures, err := potential.NewHosted("pressures", solver, y, law, false)
	if err != nil {
		return nil, err
	}
	p, err := problem.New(field, nil, []potential.Potential{pressures})
	if err != nil {
		return nil, err
	}
	// Levels between the scale of the largest modes of the field and the pixels'.
	levels := make([]float64, 6)
	for k := range levels {
		levels[k] = 200 * math.Pow(200, -float64(k)/5)
	}
	grid, err := diffusion.Levels(levels)
	if err != nil {
		return nil, err
	}
	e, err := engine.Open("go")
	if err != nil {
		return nil, err
	}
	row, err := method.Find("newton-gibbs")
	if err != nil {
		return nil, err
	}
	kernel, err := row.New(e, p, method.Settings{Samples: samples, Seed: seed, Grid: grid, Values: method.Values{"proposals": 3}})
	if err != nil {
		return nil, err
	}
	o, err := run.Loop(ctx, kernel, nil, func(run.Event) {})
	if err != nil {
		return nil, err
	}
	r := summarise(o.Samples.X, samples, truth)
	fmt.Fprintf(w, "%d×%d vertices, %d pressures, %d draws; %s\n", n, n, len(y), samples, o.Samples.Notes[0])
	fmt.Fprintf(w, "root mean square error of the mean %.3f, of the prior's mean %.3f\n", r.rmse, rms(truth))
	fmt.Fprintf(w, "90 %% intervals hold %.1f %% of the truth\n", 100*r.coverage)
	return r, write(out, n, r, wells)
}

// summarise takes order statistics: between the k-th and the (N+1−k)-th of N draws lies a
// share 1 − 2k/(N+1) of the law.
func summarise(x []float64, samples int, truth []float64) *posterior {
	d := len(truth)
	r := &posterior{truth: truth, mean: make([]float64, d), std: make([]float64, d), inside: make([]bool, d)}
	v, k := make([]float64, samples), max(1, int(math.Round(0.05*float64(samples+1))))
	for j := range d {
		for i := range v {
			v[i] = x[i*d+j]
			r.mean[j] += v[i] / float64(samples)
		}
		for _, a := range v {
			r.std[j] += (a - r.mean[j]) * (a - r.mean[j]) / float64(samples-1)
		}
		r.std[j] = math.Sqrt(r.std[j])
		slices.Sort(v)
		if r.inside[j] = v[k-1] <= truth[j] && truth[j] <= v[samples-k]; r.inside[j] {
			r.coverage += 1 / float64(d)
		}
		r.rmse += (r.mean[j] - truth[j]) * (r.mean[j] - truth[j]) / float64(d)
	}
	r.rmse = math.Sqrt(r.rmse)
	return r
}

func rms(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v * v / float64(len(x))
	}
	return math.Sqrt(s)
}

func write(out string, n int, r *posterior, wells [][]float64) error {
	if err := os.WriteFile(filepath.Join(out, "figure.svg"), []byte(figure(n, r, wells)), 0o644); err != nil {
		return err
	}
	// Its points are row by row, as the field is: rows of the grid go along y.
	m, err := mesh.NewRectangle(mesh.Quadrilateral, n-1, n-1, 1, 1)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(out, "posterior.vtu"))
	if err != nil {
		return err
	}
	defer file.Close()
	err = mesh.WriteVTU(file, m,
		mesh.Field{Name: "truth", Values: r.truth, Components: 1},
		mesh.Field{Name: "mean", Values: r.mean, Components: 1},
		mesh.Field{Name: "std", Values: r.std, Components: 1})
	if err != nil {
		return err
	}
	return file.Close()
}
