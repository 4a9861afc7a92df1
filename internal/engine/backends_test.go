package engine

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"abide/internal/keyed"
)

// childVariable makes the test binary a program that opens a backend, runs a
// function and prints nothing; see TestOpeningPrintsNothing.
const childVariable = "ABIDE_ENGINE_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		if err := child(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// onBackends runs f on every backend of this build. A graph that hangs fails its
// test after a minute, and the other tests go on.
func onBackends(t *testing.T, f func(t *testing.T, e *Engine)) {
	for _, name := range []string{"go", "xla"} {
		t.Run(name, func(t *testing.T) {
			e, err := Open(name)
			if err != nil && name == "xla" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				f(t, e)
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("no result after a minute: the backend hangs")
			}
		})
	}
}

// call runs a graph once.
func call(t *testing.T, e *Engine, dtype DType, build func(in []*Node) []*Node, in ...Array) []Array {
	t.Helper()
	out, err := e.NewFunction(t.Name(), dtype, build).Call(in...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// normals is n draws of N(0, 1).
func normals(n, stream int) []float64 {
	x := make([]float64, n)
	keyed.New(1, "engine tests", stream, 0).Normal(x)
	return x
}

// near fails where got and want differ by more than tol·max(1, |want|).
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %.17g, want %.17g within %g", what, i, got[i], want[i], tol)
		}
	}
}
