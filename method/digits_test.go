package method

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"abide/dataio"
	"abide/diffusion"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/train"
)

func digitsPrior(t testing.TB, given []float64) (*prior.Prior, *dataio.Table, []int) {
	t.Helper()
	table, err := dataio.ReadTable("../examples/digits/digits.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Read("../examples/digits/prior.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Prior(table, given, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, held := m.Card.Settings.Split(table.Rows)
	return p, table, held
}

func TestDigitsExperiment(t *testing.T) {
	get := func(k string, def float64) float64 {
		if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
			return v
		}
		return def
	}
	p, table, held := digitsPrior(t, nil)
	t.Log(p.Describe, table.Names[:2], len(table.Names), p.Coordinates.Dim())
	grid, err := diffusion.Karras(diffusion.EDM{Min: .002, Max: 20, Rho: 7}, int(get("STEPS", 64)))
	if err != nil {
		t.Fatal(err)
	}
	for _, std := range []float64{.2, 1} {
		for _, m := range []int{4} {
			var min, end, se float64
			const probs = 3
			for i := range probs {
				rng := rand.New(rand.NewPCG(uint64(i), 1))
				d := p.Coordinates.Dim()
				off := len(table.Names) - d // label first or last
				row := table.Data[held[i]*len(table.Names) : (held[i]+1)*len(table.Names)]
				if table.Names[0] != "label" {
					off = 0
				}
				truth := row[off : off+d]
				index := rng.Perm(d)[:m]
				y := make([]float64, m)
				for k, j := range index {
					y[k] = truth[j] + std*rng.NormFloat64()
				}
				q, err := potential.NewMask("y", d, index, y, []float64{std})
				if err != nil {
					t.Fatal(err)
				}
				pr, err := problem.New(p, nil, []potential.Potential{q})
				if err != nil {
					t.Fatal(err)
				}
				o := sample(t, "twisted-smc", pr, Settings{Samples: 512, Seed: 1, Grid: grid, Values: Values{"particles": 512, "jacobian": "rows"}})
				min += o.Samples.ESSMin / 512 / probs
				end += o.Samples.ESSFinal / 512 / probs
				se += o.Samples.EvidenceStd / probs
			}
			t.Logf("std %g m %d: least ESS %.2f final %.2f, se %.3f", std, m, min, end, se)
		}
	}
}
