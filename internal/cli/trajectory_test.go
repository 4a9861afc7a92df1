package cli

import (
	"path/filepath"
	"slices"
	"testing"

	"abide/dataio"
)

// A trajectory stands beside the samples it ends in, with a and b of its levels.
func TestTrajectoryIsWritten(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), "[prior]\nkind = \"gaussian\"\nmean = [3, 4]\n[method]\nkind = \"none\"\n"+
		"[sampler]\nkind = \"ode\"\ntimes = [1, 0.5]\n[run]\nsamples = 5\ntrajectory = true\n")
	must(t, folder, "run", "spec.toml", "--out", "out", "-q")
	arrays, err := dataio.ReadNPZ(filepath.Join(folder, "out", "samples.npz"))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*dataio.Array{}
	for _, a := range arrays {
		byName[a.Name] = a
	}
	way, levels := byName["trajectory"], byName["levels"]
	if way == nil || levels == nil || !slices.Equal(way.Shape, []int{3, 5, 2}) || !slices.Equal(levels.Shape, []int{3, 2}) {
		t.Fatalf("trajectory %v, levels %v", way, levels)
	}
	if !slices.Equal(way.F64[20:], byName["x"].F64) {
		t.Error("the trajectory does not end in the samples")
	}
	if !slices.Equal(levels.F64, []float64{1e-9, 1, 0.5, 0.5, 1, 0}) {
		t.Errorf("levels %v", levels.F64)
	}
}
