package cli

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/method"
	"abide/problem"
)

// Sets of independent draws have the floor's MMSE on average, whose value is exact, and
// the mean CRPS of their law; 90 % of draws lie in their intervals, less what the ends of
// N sorted draws lose.
func TestIndependentDrawsAreTheFloor(t *testing.T) {
	const sets, samples = 60, 32
	table := &pdeTable{out: t.TempDir(), pdeSettings: pdeSettings{Grid: 8, Steps: 2, Samples: samples, Truth: 64, FloorSets: sets}}
	c, err := table.prepare("heat")
	if err != nil {
		t.Fatal(err)
	}
	var mmse, square, smse, coverage []float64
	for seed := range sets {
		r, err := table.run(context.Background(), nil, c, iidMethod, 100+seed, nil, "row.json")
		if err != nil {
			t.Fatal(err)
		}
		mmse, smse, coverage = append(mmse, r.Score.MMSE), append(smse, r.Score.SMSE), append(coverage, *r.Score.Coverage)
		square = append(square, r.Score.Latents[0].SD)
		if r.Score.Distinct != samples || r.Score.Violation > 1e-12 {
			t.Fatalf("%d distinct draws, violation %g", r.Score.Distinct, r.Score.Violation)
		}
		if err := os.Remove(filepath.Join(table.out, "row.json")); err != nil {
			t.Fatal(err)
		}
	}
	near := func(what string, x []float64, want, slack float64) {
		s := newSpread(x)
		se := s.SD / math.Sqrt(sets)
		t.Logf("%s %.4g ± %.1g, want %.4g", what, s.Mean, se, want)
		if math.Abs(s.Mean-want) > 4*se+slack {
			t.Errorf("%s of independent draws is %g ± %g, want %g", what, s.Mean, se, want)
		}
	}
	near("MMSE", mmse, c.floor.MMSE, 0)
	near("SMSE", smse, c.floor.SMSE, 4*newSpread(smse).SD/math.Sqrt(sets)) // a mean of as many sets
	// One set of 64 true draws is common to all: its share inside is off by 0.04.
	near("coverage", coverage, 0.9, 2*0.0375+2.0/samples)
	near("sd of v", square, 4/math.Sqrt(12), 0.02)
}

// Errors of two fields with weights, by hand.
func TestFieldErrors(t *testing.T) {
	p, err := problem.NewFields("heat", 4)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 32)
	for i := range 16 {
		x[i], x[16+i] = p.Mean[i]+1, p.Mean[i]+5
	}
	// Mean + 2, variance 3/4·1 + 1/4·9 = 3.
	mmse, smse := fieldErrors(p, x, []float64{0.75, 0.25})
	var want float64
	for _, s := range p.SD {
		want += math.Pow(math.Sqrt(3)-s, 2) / 16
	}
	if math.Abs(mmse-4) > 1e-12 || math.Abs(smse-want) > 1e-12 {
		t.Errorf("MMSE %g, SMSE %g, want 4 and %g", mmse, smse, want)
	}
}

// Every embedded file belongs to a row of the table, its settings fit the row, all rows
// are given as many, and it was not chosen on seeds that are scored.
func TestSettingsOfPDEMethods(t *testing.T) {
	files, err := pdeFiles.ReadDir("pdebench")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".toml")
		m, err := method.Find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		c, err := pdeChoicesOf("", name)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(c.Try) != 4 {
			t.Errorf("%s: %d settings, others have 4", name, len(c.Try))
		}
		for _, s := range c.Try {
			if _, _, err := s.split(m, diffusion.Grid{}); err != nil {
				t.Error(err)
			}
		}
		for _, seed := range c.Seeds {
			if seed > 3 {
				t.Errorf("%s: chosen on seed %d", name, seed)
			}
		}
		for family, chosen := range c.Chosen {
			if len(chosen.Scores) != len(c.Try) {
				t.Errorf("%s: %d scores for %s", name, len(chosen.Scores), family)
			}
			for _, score := range chosen.Scores {
				if score < chosen.Scores[chosen.Try-1] {
					t.Errorf("%s: %s has setting %d, another is better", name, family, chosen.Try)
				}
			}
		}
	}
	eci, err := method.Find("eci")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []setting{{"mixin": int64(1)}, {"mixing": 1.5}, {"eta": 1.0}, {"sampler": "ddim"}} {
		if _, _, err := bad.split(eci, diffusion.Grid{}); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

// The flow of the conditional denoiser comes to the conditional law: v and its spread are
// those of independent draws within what 64 fields tell.
func TestExactFlowIsTheConditionalLaw(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const samples = 128
	table := &pdeTable{out: t.TempDir(), pdeSettings: pdeSettings{Grid: 8, Steps: 60, Samples: samples, Truth: 64, FloorSets: 20}}
	c, err := table.prepare("heat")
	if err != nil {
		t.Fatal(err)
	}
	r, err := table.run(context.Background(), e, c, exactMethod, 10, nil, "row.json")
	if err != nil {
		t.Fatal(err)
	}
	v := r.Score.Latents[0]
	t.Logf("v %.3f/%.3f; MMSE %.2f, SMSE %.2f × floor", v.Mean, v.SD, r.Score.MMSE/c.floor.MMSE, r.Score.SMSE/c.floor.SMSE)
	if math.Abs(v.Mean-3) > 4*1.155/math.Sqrt(samples) || math.Abs(v.SD-1.155) > 0.2 {
		t.Errorf("v has mean %g and sd %g, want 3 and 1.155", v.Mean, v.SD)
	}
	if phase := r.Score.Latents[1]; math.Abs(phase.Mean-math.Pi/4) > 0.02 || phase.SD > 0.02 { // a lattice's width
		t.Errorf("phase has mean %g and sd %g, want π/4 and 0", phase.Mean, phase.SD)
	}
}
