package method

import (
	"math"
	"testing"

	"abide/diffusion"
	"abide/internal/testkit"
	"abide/ode"
	"abide/sampler"
)

func eulerFlow(g diffusion.Grid) sampler.Bridge {
	b, err := sampler.NewProbabilityFlow(g, &ode.Euler)
	if err != nil {
		panic(err)
	}
	b.KeepNoise = true
	return b
}

// The rest of kit T1: guides in continuous time and in ancestral steps, by their
// printed digits. What is TMPD in one dimension under other names is held to it by
// TestGuidesFollowTheDenseRecursion.
func TestAffineOracleOfTweedie(t *testing.T) {
	em := [3][2]float64{{.512198, .142798}, {.502506, .127044}, {.500251, .125179}}
	kalman := [3][2]float64{{.499997, .068350}, {.499997, .105229}, {.499997, .122326}}
	implicit := [3][2]float64{{.499050, .083546}, {.498884, .115312}, {.498843, .123958}}
	checkOracle(t, []oracle{
		{"mmps", Values{"iterations": 3, "solver": "gmres"}, withNoise, em},
		{"tmpd", nil, eulerFlow, [3][2]float64{{.507947, .112972}, {.500686, .122211}, {.499024, .124716}}},
		{"pigdm", Values{"rows": "sum"}, withNoise, [3][2]float64{{.455100, .148002}, {.438740, .132933}, {.435054, .131219}}},
		{"dps-d", nil, withNoise, [3][2]float64{{.631189, .126519}, {.631983, .110301}, {.632102, .108282}}},
		{"kpddpm", nil, nil, kalman},
		{"kgdm", Values{"eta": 1.0}, nil, kalman},
		{"kgdm", Values{"eta": 0.0}, nil, implicit},
	})
}

// The rows of kit T1 with exploding variance: σ from 50 down to 0.01, started at
// N(0, 50²). The kit's KPSMLD ends at σ = 0.01; ours ends at 0, which the kit notes.
func TestAffineOracleOfExplodingVariance(t *testing.T) {
	p := t1(t)
	for _, o := range []struct {
		method string
		bridge func(diffusion.Grid) sampler.Bridge
		last   float64 // σ of the data
		law    [2][2]float64
	}{
		{"tmpd", withNoise, 0, [2][2]float64{{.499990, .125404}, {.499977, .125104}}},
		{"kpsmld", nil, .01, [2][2]float64{{.499975, .115033}, {.499975, .124041}}},
		{"kpsmld", nil, 0, [2][2]float64{{.499975, .114833}, {.499975, .123841}}},
		{"kgdm", nil, 0, [2][2]float64{{.499975, .114833}, {.499975, .123841}}},
	} {
		for i, n := range []int{100, 1000} {
			g := explodingGrid(t, n)
			g.B[n] = o.last
			var b sampler.Bridge
			if o.bridge != nil {
				b = o.bridge(g)
			}
			law := affineLaw(t, o.method, p, g, b, nil, testkit.Gaussian{Mean: []float64{0}, Cov: []float64{2500}})
			for j, got := range []float64{law.Mean[0], law.Cov[0]} {
				if !(math.Abs(got-o.law[i][j]) <= 6e-7) {
					t.Errorf("%s to σ = %g, %d steps: moment %d is %.7f, the oracle has %.6f", o.method, o.last, n, j+1, got, o.law[i][j])
				}
			}
		}
	}
}

func explodingGrid(t *testing.T, n int) diffusion.Grid {
	t.Helper()
	g, err := diffusion.Uniform(diffusion.VE{Min: 0.01, Max: 50}, n)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
