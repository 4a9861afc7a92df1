package train

import (
	"cmp"
	"slices"
	"testing"

	"abide/network"
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
