//go:build slow

package pde

import "testing"

// Data of the published sizes satisfy their rows.
func TestPublishedSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		v    Values
	}{
		{"Cheng et al.: heat", heatClosedKind, nil},
		{"Cheng et al.: Stokes", stokesSecondKind, nil},
		{"Cheng et al.: porous medium", porousMediumKind, nil},
		{"Cheng et al.: Stefan", stefanKind, nil},
		{"PDEBench: advection", advectionKind, Values{"grid": 1024, "times": 200, "beta": 4.0}},
		{"PDEBench: reaction", fitzHughNagumoKind, Values{"grid": 128, "times": 100}},
		{"Li et al.: Burgers", burgersKind, Values{"grid": 1024, "times": 200, "nu": 1e-3}},
		{"Huang et al.: Burgers", burgersKind, Values{"grid": 128, "times": 127, "nu": 0.01}},
		{"Utkarsh et al.: Burgers", burgersShockKind, nil},
		{"Utkarsh et al.: reaction", reactionDiffusionKind, nil},
		{"Utkarsh et al.: Navier–Stokes", navierStokesKind, Values{"times": 49, "end": 49.0, "force": "random", "scheme": "cn-euler"}},
		{"Li et al.: Navier–Stokes", navierStokesKind, Values{"grid": 256, "times": 5, "end": 5.0}},
	} {
		f, s := evolutionDraw(t, c.kind, c.v, 0)
		violations, err := Check(f, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			t.Logf("%s, row %s: %.2g", c.name, v.Row.Name, v.Worst)
			if !(v.Worst <= 1e-10) {
				t.Errorf("%s, row %s: residual %g of %g at place %d", c.name, v.Row.Name, v.Worst, v.Row.Unit, v.Place)
			}
		}
	}
}
