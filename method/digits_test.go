package method

import (
	"context"
	"testing"
	"time"

	"abide/dataio"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
	"abide/train"
)

// digits is the network of examples/digits, of 64 columns and all classes, with a
// held-out digit seen through a mask of m pixels.
func digits(t testing.TB, m int) *problem.Problem {
	t.Helper()
	table, err := dataio.ReadTable("../examples/digits/digits.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	model, err := train.Read("../examples/digits/prior.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var p *prior.Prior
	if p, err = model.Prior(table, nil, 1); err != nil {
		t.Fatal(err)
	}
	_, held := model.Card.Settings.Split(table.Rows)
	row := table.Data[held[0]*len(table.Names):] // pixels, then the label
	index, y := make([]int, m), make([]float64, m)
	for i := range m {
		index[i] = (19 + 10*i) % p.Coordinates.Dim()
		y[i] = row[index[i]]
	}
	q, err := potential.NewMask("y", p.Coordinates.Dim(), index, y, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	out, err := problem.New(p, nil, []potential.Potential{q})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// walkingTime is the time of a step, in the mean over a run.
func walkingTime(t testing.TB, name string, p *problem.Problem, s Settings) (perStep time.Duration, last *sampler.State) {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.New(e, p, s)
	if err != nil {
		t.Fatal(err)
	}
	state, err := k.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Step(context.Background(), state); err != nil { // compiles
		t.Fatal(err)
	}
	begin := time.Now()
	for state.Step < k.Steps() {
		if err := k.Step(context.Background(), state); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begin) / time.Duration(k.Steps()-1), state
}

// A step of twisted SMC with m measured pixels is one denoiser call and m + 1
// vector–Jacobian products, where the gradient of the likelihood (DPS, here by
// guided) takes one and one: at most 2 + m times its cost. The benchmark says how
// many times it is.
func TestCostOfMeasuredDigits(t *testing.T) {
	const m = 3
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 20, Rho: 7}, 6)
	if err != nil {
		t.Fatal(err)
	}
	_, s := walkingTime(t, "twisted-smc", digits(t, m), Settings{Samples: 16, Chunk: 16, Grid: grid, Values: Values{"particles": 16}})
	steps := int64(grid.Steps() - 1) // the last takes none
	if s.DenoiserCalls != steps || s.VJPCalls != (m+1)*steps {
		t.Errorf("%d denoiser calls and %d products in %d steps, want 1 and %d each", s.DenoiserCalls, s.VJPCalls, steps, m+1)
	}
}

func BenchmarkDigits(b *testing.B) {
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.002, Max: 20, Rho: 7}, 12)
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range []int{1, 4, 16} {
		p := digits(b, m)
		b.Run(map[int]string{1: "1", 4: "4", 16: "16"}[m], func(b *testing.B) {
			var smc, dps time.Duration
			for b.Loop() {
				one, _ := walkingTime(b, "twisted-smc", p, Settings{Samples: 512, Grid: grid, Workers: 1, Values: Values{"particles": 512, "jacobian": "rows"}})
				other, _ := walkingTime(b, "guided", p, Settings{Samples: 512, Grid: grid, Workers: 1, Bridge: sampler.DDIM{Grid: grid, Eta: 1}, Values: Values{"weight": 0.01}})
				smc, dps = smc+one, dps+other
			}
			b.ReportMetric(float64(smc)/float64(dps), "steps-of-dps")
			b.ReportMetric(float64(2+m), "allowed")
			b.ReportMetric(smc.Seconds()*1000/float64(b.N), "ms/step")
		})
	}
}
