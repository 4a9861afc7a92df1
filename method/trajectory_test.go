package method

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// What a trajectory says of its points is true: with a prior whose mean is a thousand
// of its standard deviations away, and data that agree with it, the points a x + b n of
// a level have the mean a·1000 within a few of their own standard deviations, and are
// at least b/4 apart, whatever a method carries from step to step.
func TestTrajectoryIsWhatItsLevelsSay(t *testing.T) {
	const n, d, far, scale = 64, 2, 2000.0, 2.0
	p, err := prior.NewGaussian([]float64{far, far}, mat.NewSymDense(d, []float64{scale * scale, 0, 0, scale * scale}), nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMask("y", d, []int{0}, []float64{far + 1}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for name, process := range map[string]diffusion.Process{"vp": diffusion.VP{Min: 0.1, Max: 20}, "ve": diffusion.VE{Min: 0.01, Max: 50}} {
		grid, err := diffusion.Uniform(process, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range Table {
			if m.Population != "" || m.Name == "project" {
				continue
			}
			t.Run(name+"/"+m.Name, func(t *testing.T) {
				s := Settings{Samples: n, Chunk: n, Seed: 1, Grid: grid, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Trajectory: true, Values: own(m, Values{"weight": 0.02, "iterations": 6})}
				var unsupported *problem.UnsupportedError
				if _, err := m.New(e, q, s); errors.As(err, &unsupported) {
					t.Skip(err)
				}
				out := sample(t, m.Name, q, s).Samples
				if got, want := len(out.Trajectory), len(out.Levels)/2*n*d; got != want {
					t.Fatalf("%d numbers of trajectory, %d levels", got, len(out.Levels)/2)
				}
				for k := range len(out.Levels) / 2 {
					a, b := out.Levels[2*k], out.Levels[2*k+1]
					points := out.Trajectory[k*n*d : (k+1)*n*d]
					var mean, square float64
					for _, v := range points {
						mean += v / (n * d)
						square += (v - a*far) * (v - a*far) / (n * d)
					}
					if width := scale * math.Hypot(a, b); !(math.Abs(mean-a*far) <= 10*width) || !(math.Sqrt(square) >= scale*b/4) {
						t.Errorf("level %d, a = %.3g and b = %.3g: mean %.6g, want %.6g; %.3g from it, want at least %.3g", k, a, b, mean, a*far, math.Sqrt(square), scale*b/4)
					}
				}
			})
		}
	}
}
