package pde

import (
	"strings"
	"testing"
)

// Rows hold where parameters are not the defaults too: with those that enter the stencils
// changed, and with steps that are long.
func TestRowsFollowParameters(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		v    Values
	}{
		{heatKind, Values{"grid": 40, "times": 10, "end": 3.0, "nu": 0.4, "theta": 1.0}},
		{heatKind, Values{"grid": 10, "times": 100, "nu": 0.1, "theta": 0.2}},
		{heatClosedKind, Values{"grid": 13, "times": 5}},
		{stokesSecondKind, Values{"grid": 7, "times": 11}},
		{stefanKind, Values{"grid": 30, "times": 50}},
		{advectionKind, Values{"grid": 33, "times": 7, "beta": -2.5, "waves": 5, "highest": 16}},
		{waveKind, Values{"grid": 20, "times": 300, "end": 5.0, "c": 0.7}},
		{waveKind, Values{"grid": 20, "end": 1e-9}},
		{burgersKind, Values{"grid": 64, "times": 35, "nu": 0.03, "steps": 50}},
		{burgersShockKind, Values{"grid": 30, "times": 100, "flux": "rusanov"}},
		{reactionDiffusionKind, Values{"grid": 30, "times": 20, "end": 4.0, "nu": 0.1, "rho": 2.0}},
		{allenCahnKind, Values{"grid": 50, "times": 10, "end": 1000.0, "epsilon": 0.1}},
		{fitzHughNagumoKind, Values{"grid": 9, "times": 2, "end": 1.0, "steps": 10}},
		{navierStokesKind, Values{"grid": 15, "times": 2, "end": 0.5, "nu": 0.01, "force": "random", "scheme": "cn-euler", "steps": 40}},
	} {
		for i := range 3 {
			f, s := evolutionDraw(t, c.kind, c.v, i)
			violations, err := Check(f, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				if !(v.Worst <= 1e-11) {
					t.Errorf("%s %v, row %s: residual %g of %g at place %d", c.kind.Name, c.v, v.Row.Name, v.Worst, v.Row.Unit, v.Place)
				}
			}
		}
	}
}

// What cannot be solved is refused with the remedy, at once or when a state is lost.
func TestEvolutionRefusals(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		v    Values
		want string
	}{
		{heatKind, Values{"theta": 0.0}, "by more times"},
		{waveKind, Values{"c": 3.0}, "by 192 times"},
		{advectionKind, Values{"grid": 16}, "more points"},
		{burgersKind, Values{"grid": 100}, "a power of two, as 128"},
		{burgersShockKind, Values{"times": 50}, "at least 100"},
		{burgersKind, Values{"grid": 256, "times": 30, "steps": 1, "nu": 1e-6}, "shorter steps"},
		{navierStokesKind, Values{"grid": 32, "times": 10, "end": 1000.0, "steps": 1, "nu": 1e-6}, "shorter steps"},
		{fitzHughNagumoKind, Values{"grid": 8, "times": 20, "end": 100.0, "steps": 1}, "shorter steps"},
		{reactionDiffusionKind, Values{"rho": 100.0, "end": 20.0}, "shorter steps"},
	} {
		f, err := c.kind.Make(c.v)
		if err == nil {
			_, err = f.Draw(t.Context(), 1, 0)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %q in it", c.kind.Name, c.v, err, c.want)
		}
	}
}
