package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScripts(t *testing.T) {
	testscript.Run(t, scripts("testdata/script"))
}

// scripts are the settings of all script tests: a cache of their own, and the
// command near.
func scripts(folder string) testscript.Params {
	return testscript.Params{
		Dir:                 folder,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ABIDE_CACHE", e.WorkDir+"/cache")
			networks, err := filepath.Abs("../../onnx/testdata")
			e.Setenv("NETWORKS", networks)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"near": near},
	}
}

// near FILE KEY VALUE [TOLERANCE] compares a number of a JSON file with a value,
// by default to the digits that the value is written with.
func near(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: near FILE KEY VALUE [TOLERANCE]")
	}
	var tree any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &tree))
	for _, key := range strings.Split(args[1], ".") {
		switch at := tree.(type) {
		case map[string]any:
			tree = at[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("%s: %d entries at %s", args[0], len(at), key)
			}
			tree = at[i]
		}
	}
	got, ok := tree.(float64)
	if !ok {
		ts.Fatalf("%s: %s is %v", args[0], args[1], tree)
	}
	want, tolerance := parse(ts, args[2]), 0.0
	if len(args) == 4 {
		tolerance = parse(ts, args[3])
	} else if _, decimals, found := strings.Cut(args[2], "."); found {
		tolerance = 0.5 * math.Pow10(-len(decimals))
	}
	if math.Abs(got-want) <= tolerance == neg {
		ts.Fatalf("%s: %s is %v, want %v ± %v", args[0], args[1], got, want, tolerance)
	}
}

func parse(ts *testscript.TestScript, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		ts.Fatalf("%s", fmt.Errorf("near: %w", err))
	}
	return v
}
