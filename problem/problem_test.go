package problem

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abide/constraint"
)

// The share of the prior inside the demonstration's half-spaces by exact draws,
// and feasibility of every one of them.
func TestDemoDrawsAreExact(t *testing.T) {
	d, err := Demo()
	if err != nil {
		t.Fatal(err)
	}
	const n = 20000
	x, tried := d.Exact(rand.New(rand.NewPCG(1, 2)), n)
	for i := 0; i < len(x); i += 2 {
		if !d.Feasible(x[i : i+2]) {
			t.Fatalf("point %v is outside", x[i:i+2])
		}
	}
	// 0.26558 in an independent simulation of 10⁵ draws; its error and ours.
	const p = 0.26558
	band := 6 * math.Sqrt(p*(1-p)*(1e-5+1/float64(tried)))
	if got := float64(n) / float64(tried); math.Abs(got-p) > band {
		t.Errorf("share inside is %.4f, want %.4f ± %.4f", got, p, band)
	}
}

func TestContradictionsAreFoundBeforeARun(t *testing.T) {
	d, err := Demo()
	if err != nil {
		t.Fatal(err)
	}
	c, err := constraint.NewHalfSpace("far away", []float64{1, 0}, -100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(d.Prior, append(d.Constraints, c), nil); err == nil || !strings.Contains(err.Error(), "far away") {
		t.Errorf("contradictory half-spaces gave %v", err)
	}
}

func TestUnsupportedErrorSaysWhatToTry(t *testing.T) {
	e := &UnsupportedError{Method: "m", Needs: "a", Has: "b", Try: "use c"}
	for _, part := range []string{"method m", "needs a", "has b", "use c"} {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("%q lacks %q", e.Error(), part)
		}
	}
}
