package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abide/report"
)

const lessonSpec = `
[prior]
kind = "diffusion"
data = "rows.csv"
width = 16
depth = 2
steps = 3000
batch = 32
holdout = 0.2
[sampler]
steps = 16
`

func writeRows(t *testing.T, folder string) {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("a,b\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		x := rng.NormFloat64()
		fmt.Fprintf(&rows, "%g,%g\n", x, x+0.3*rng.NormFloat64())
	}
	write(t, filepath.Join(folder, "rows.csv"), rows.String())
	write(t, filepath.Join(folder, "lesson.toml"), lessonSpec)
}

// curve are the columns of curve.csv that do not depend on the clock.
func curve(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(string(read(t, filepath.Join(folder, curveName)))), "\n") {
		out = append(out, strings.Join(strings.Split(line, ",")[:5], ","))
	}
	return out
}

// A training that is killed, more than once, and continued has the curve of one
// that was left alone: no step is missing, none stands twice, and every number is
// the same; so are the events, and the model is equal byte by byte.
func TestKilledTrainingKeepsItsCurve(t *testing.T) {
	folder := t.TempDir()
	writeRows(t, folder)
	must(t, folder, "train", "lesson.toml", "--out", "whole.safetensors", "--log", "whole", "--samples", "0")

	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed of the kills: %d", seed)
	args := []string{"train", "lesson.toml", "--out", "cut.safetensors", "--checkpoint", "1ms", "--samples", "0"}
	log := filepath.Join(folder, "runs", "train-lesson")
	killed := 0
	for at := 0; killed < 3; killed++ {
		at += 1 + rng.IntN(8) // of the 60 points of the curve, so that much is left
		cmd := process(t, folder, args...)
		waitFor(t, "the curve", func() bool {
			b, _ := os.ReadFile(filepath.Join(log, curveName))
			return bytes.Count(b, []byte("\n")) > at
		})
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			break
		}
		// What a kill in the middle of a line leaves is not believed.
		files, err := filepath.Glob(filepath.Join(folder, "cache", "priors", "*.training.jsonl"))
		if err != nil || len(files) != 1 {
			t.Fatalf("kept curves %v, %v", files, err)
		}
		f, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString(`{"step":29`)
		f.Close()
	}
	if killed == 0 {
		t.Fatal("no training was killed")
	}
	if killed == 3 { // else it was done before the kill came
		must(t, folder, args...)
	}
	if !bytes.Equal(read(t, filepath.Join(folder, "cut.safetensors")), read(t, filepath.Join(folder, "whole.safetensors"))) {
		t.Error("another model")
	}
	got, want := curve(t, log), curve(t, filepath.Join(folder, "whole"))
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%d kills changed the curve:\n%s\nwant\n%s", killed, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if a, b := records(t, log), records(t, filepath.Join(folder, "whole")); a != b || a != len(want) {
		t.Errorf("%d records of events, whole %d, lines of the curve %d", a, b, len(want))
	}
	if _, err := os.Stat(log + "-2"); err == nil {
		t.Error("the continued training began a second folder")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "cache", "priors", "[^.]*")); len(left) != 0 {
		t.Errorf("left in the cache: %v", left)
	}
	var page report.Training
	if err := json.Unmarshal(read(t, filepath.Join(log, trainingJSONName)), &page); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(page.Curve); i++ {
		if a, b := page.Curve[i-1], page.Curve[i]; !(b.Seconds > a.Seconds) || b.Step <= a.Step {
			t.Errorf("points %d and %d: %+v, %+v", i-1, i, a, b)
		}
	}
}

// records counts those of the one event file in a folder; the first says the
// version, as the first line of the curve its names.
func records(t *testing.T, folder string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, eventsPattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("event files %v, %v", files, err)
	}
	n := 0
	for b := read(t, files[0]); len(b) > 0; n++ {
		b = b[16+binary.LittleEndian.Uint64(b):]
	}
	return n
}

// A folder that is none of a training is left alone; one that is takes the next.
func TestTrainingFolder(t *testing.T) {
	folder := t.TempDir()
	writeRows(t, folder)
	args := []string{"train", "lesson.toml", "prior.steps=100", "--samples", "40", "--out", "m.safetensors"}
	if err := os.Mkdir(filepath.Join(folder, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "mine", "letter.txt"), "dear")
	if code, _, errs := call(t, folder, append(args, "--log", "mine")...); code != exitFailed || !strings.Contains(errs, "no folder of a training: name another with --log") {
		t.Errorf("exit %d: %s", code, errs)
	}
	must(t, folder, args...)
	must(t, folder, args...)
	for _, name := range []string{"train-lesson", "train-lesson-2"} {
		for _, file := range []string{curveName, trainingJSONName, trainingPageName} {
			if _, err := os.Stat(filepath.Join(folder, "runs", name, file)); err != nil {
				t.Error(err)
			}
		}
	}
	first := string(read(t, filepath.Join(folder, "runs", "train-lesson", curveName)))
	must(t, folder, append(args, "--log", "runs/train-lesson")...)
	if second := string(read(t, filepath.Join(folder, "runs", "train-lesson", curveName))); strings.Count(second, "\n") != strings.Count(first, "\n") {
		t.Errorf("the curve of a second training in the folder:\n%s", second)
	}
}

// Without held-out rows the prior is compared with the rows it was fitted to, and
// the report says what that is worth; numbers that do not exist are null.
func TestTrainingWithoutHoldout(t *testing.T) {
	folder := t.TempDir()
	writeRows(t, folder)
	out := must(t, folder, "train", "lesson.toml", "prior.steps=100", "prior.holdout=0", "--samples", "60", "--out", "m.safetensors", "--json")
	var got struct{ Report report.Training }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	r := got.Report
	if r.Law == nil || r.Law.Heldout || r.Law.Samples != 60 || r.Law.Rows != 100 || r.HeldoutLoss == r.HeldoutLoss || r.Curve[0].Heldout == r.Curve[0].Heldout {
		t.Errorf("%+v", r)
	}
	if s := strings.Join(report.TrainingVerdicts(&r), " "); !strings.Contains(s, "No row was held out") {
		t.Error(s)
	}
}

// Whatever stands in the cache, steps of a kept curve rise and end at the checkpoint's.
func FuzzCurve(f *testing.F) {
	f.Add([]byte(`{"schema":"abide.curve/1","folder":"/x"}`+"\n"+`{"step":50,"loss":null}`+"\n"+`{"step":100}`+"\n"+`{"step":29`), 100)
	f.Add([]byte(`{"schema":"abide.curve/1"}`+"\n"+`{"step":50}`+"\n"+`{"step":50}`+"\n[]\n"), 60)
	f.Fuzz(func(t *testing.T, b []byte, step int) {
		header, points := parseCurve(b, step)
		if header.Schema != logSchema {
			t.Fatalf("header %+v", header)
		}
		last := 0
		for _, p := range points {
			if p.Step <= last || p.Step > step {
				t.Fatalf("step %d after %d, up to %d", p.Step, last, step)
			}
			last = p.Step
		}
	})
}
