package train

import (
	"testing"

	"abide/internal/engine"
	"abide/network"
)

// The split told is the split made.
func TestSplitIsTheTrainers(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const n, d = 97, 3
	u := make([]float64, n*d)
	for i := range u {
		u[i] = float64(i)
	}
	s := Settings{Network: network.Architecture{Kind: "mlp", Width: 2, Depth: 1, Embedding: 2}, Steps: 1, Batch: 1, Holdout: 0.23, Seed: 5}
	trainer, err := New(e, u, nil, d, s)
	if err != nil {
		t.Fatal(err)
	}
	fitted, held := s.Split(n)
	if len(fitted) != trainer.rows || len(held) != trainer.held {
		t.Fatalf("%d and %d rows, the trainer has %d and %d", len(fitted), len(held), trainer.rows, trainer.held)
	}
	for i, r := range append(append([]int{}, fitted...), held...) {
		if trainer.data.u[i*d] != float64(r*d) {
			t.Fatalf("row %d is row %g of the data, not %d", i, trainer.data.u[i*d]/d, r)
		}
	}
}
