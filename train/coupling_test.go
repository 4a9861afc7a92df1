package train

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"abide/dataio"
	"abide/internal/engine"
	"abide/network"
	"abide/prior"
)

// On the line the transport of a batch pairs points and noise in their order: the
// batches that training sees, solved for u and n from z and v, have no pair out of
// it, and those of independent noise have.
func TestBatchesAreCoupled(t *testing.T) {
	e := openGo(t)
	u := make([]float64, 500)
	for i := range u {
		u[i] = float64(i*i)/7e4 - 1.2
	}
	for _, c := range []struct {
		coupling string
		crossed  bool
	}{{"ot", false}, {"independent", true}} {
		trainer, err := New(e, u, nil, 1, Settings{
			Network: network.Architecture{Kind: "mlp", Width: 4, Depth: 1, Embedding: 4}, Objective: "flow", Coupling: c.coupling, Steps: 4, Batch: 100, Seed: 3,
		})
		if err != nil {
			t.Fatal(err)
		}
		in := trainer.batch(2)
		type pair struct{ u, n float64 }
		pairs := make([]pair, 100)
		for i := range pairs {
			z, v, at := in[0].F64[i], in[1].F64[i], in[2].F64[i]
			pairs[i] = pair{z + (1-at)*v, z - at*v}
		}
		slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.u, b.u) })
		crossed := false
		for i := 1; i < len(pairs); i++ { // equal points, but for rounding, have no order
			crossed = crossed || pairs[i].u > pairs[i-1].u+1e-9 && pairs[i].n < pairs[i-1].n
		}
		if crossed != c.crossed {
			t.Errorf("coupling %s: paths cross: %v", c.coupling, crossed)
		}
	}
}

// The prior of such a flow is the flow at every noise level: no Gaussian takes over
// at high ones, as it does for independent noise.
func TestTransportIsAFlowThroughout(t *testing.T) {
	tab := &dataio.Table{Names: []string{"a"}, Rows: 4, Data: []float64{0, 1, 3, 4}}
	at, err := prior.Standardise(tab)
	if err != nil {
		t.Fatal(err)
	}
	for _, coupling := range []string{"ot", "independent"} {
		s := Settings{Network: network.Architecture{Kind: "mlp", Width: 4, Depth: 1, Embedding: 4}, Objective: "flow", Coupling: coupling}
		net, err := network.New(s.Architecture(1), 1)
		if err != nil {
			t.Fatal(err)
		}
		m := &Model{Card: Card{Settings: s, Columns: at.Names, Rows: 4, Shift: at.Shift, Scale: at.Scale}, Network: net}
		p, err := m.Prior(tab, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := openGo(t).NewFunction("both", engine.Float64, func(in []*engine.Node) []*engine.Node {
			return []*engine.Node{p.Denoiser.Denoise(in[0], in[1]), prior.Velocity{Network: net}.Denoise(in[0], in[1])}
		})
		for _, sigma := range []float64{0.5, 2, 20, 1e3} {
			out, err := f.Call(engine.Rows([]float64{-3, 1, 40}, 1), engine.Scalar(sigma))
			if err != nil {
				t.Fatal(err)
			}
			same := true
			for i, v := range out[0].F64 {
				same = same && math.Abs(v-out[1].F64[i]) <= 1e-12*(1+math.Abs(v))
			}
			if want := coupling == "ot" || sigma < 3; same != want {
				t.Errorf("coupling %s, σ = %g: the network's own flow: %v", coupling, sigma, same)
			}
		}
	}
}
