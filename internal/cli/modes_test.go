package cli

import (
	"context"
	"math"
	"testing"

	"abide/diagnose"
	"abide/internal/engine"
	"abide/problem"
)

// The floor of a problem is the mean distance of exact sets 1, 2, … to set 0, which
// the methods are measured against, and the distance of a method is to that set too.
func TestFloorOfModes(t *testing.T) {
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const d, m, sigma, n, sets, directions = 4, 1, 0.5, 60, 3, 20
	table := &modesTable{Methods: []string{exactMethod}, out: t.TempDir(),
		modesSettings: modesSettings{Steps: 5, Samples: n, Directions: directions, FloorSets: sets}}
	rows, err := table.problem(context.Background(), e, d, m, sigma, 2)
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.NewModes(d, m, sigma, 2)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i := range sets {
		sum += diagnose.SlicedWasserstein1(q.Exact(n, i+1), nil, q.Exact(n, 0), nil, d, directions, 1)
	}
	if got, want := rows[0].Floor, sum/sets; !(math.Abs(got-want) <= 1e-12*want) {
		t.Errorf("floor %.15g, the mean of %d sets is %.15g", got, sets, want)
	}
}
