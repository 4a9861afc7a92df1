package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"abide/run"
)

const weighted = `
[prior]
kind = "gaussian-mixture"
means = [[2, 0], [-2, 1], [0, -2]]
covariances = [[0.3, 0.5], [0.2, 0.2], [0.4, 0.1]]
[[constraint]]
expr = "x[0] + x[1] >= -0.5"
[[constraint]]
expr = "x[0]**2 + x[1]**2 <= 6"
[[potential]]
kind = "cost"
expr = "x[1]"
weight = 0.5
[run]
samples = 1300
chunk = 256
`

// The same seed gives the same bytes whatever the number of workers.
func TestSameBytesForAnyWorkers(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), weighted)
	for _, method := range []string{"none", "project", "guided", "twisted-smc"} {
		t.Run(method, func(t *testing.T) {
			var first []byte
			for _, workers := range []string{"1", "2", "7"} {
				out := filepath.Join(folder, method+workers)
				must(t, folder, "run", "spec.toml", "method.kind="+method, "sampler.steps=12", "--workers", workers, "--out", out, "-q")
				got := read(t, filepath.Join(out, "samples.npz"))
				if first == nil {
					first = got
				} else if !bytes.Equal(got, first) {
					t.Errorf("%s workers give other bytes than 1", workers)
				}
			}
		})
	}
}

// process starts abide as a process of its own; its messages go to a file.
func process(t *testing.T, folder string, args ...string) *exec.Cmd {
	t.Helper()
	messages, err := os.Create(filepath.Join(folder, "messages"))
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Close()
	cmd := exec.Command("abide", args...)
	cmd.Dir, cmd.Stderr = folder, messages
	cmd.Env = append(os.Environ(), "ABIDE_CACHE="+folder+"/cache")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// waitFor polls until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// reached tells whether the run in a folder has taken that many steps, or has ended.
func reached(folder string, step int) func() bool {
	return func() bool {
		if _, err := os.Stat(folder); err == nil {
			return true
		}
		f, err := os.Open(filepath.Join(folder+run.Unfinished, "events.jsonl"))
		if err != nil {
			return false
		}
		defer f.Close()
		last := -1
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var e run.Event
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				last = e.Step
			}
		}
		return last >= step
	}
}

// A run that was killed at any step, and again while it was resumed, ends with
// the bytes of one that was left alone.
func TestKillAndResume(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), weighted)
	const steps = 40
	args := []string{"run", "spec.toml", "sampler.steps=40", "method.particles=4096", "--checkpoint", "1ms", "-q"}
	must(t, folder, append(args, "--out", "whole")...)
	want := read(t, filepath.Join(folder, "whole", "samples.npz"))

	seed := time.Now().UnixNano()
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	t.Logf("seed of the kills: %d", seed)
	killed, at := 0, 0
	args = append(args, "--out", "cut")
	for killed < 4 {
		at += rng.IntN((steps - at) / (4 - killed)) // any step not yet passed
		cmd := process(t, folder, args...)
		waitFor(t, "a step", reached(filepath.Join(folder, "cut"), at))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			break // it was done before the kill came
		}
		killed++
		if killed == 1 {
			args = append(args, "--resume")
		}
	}
	if killed == 0 {
		t.Fatal("no run was killed: the run is too short for this test")
	}
	if killed == 4 {
		must(t, folder, args...)
	}
	if got := read(t, filepath.Join(folder, "cut", "samples.npz")); !bytes.Equal(got, want) {
		t.Errorf("%d kills changed the samples", killed)
	}
	if _, err := os.Stat(filepath.Join(folder, "cut.partial")); err == nil {
		t.Error("the unfinished folder stayed")
	}
	// Steps that were walked twice stand twice among the events, once in the page.
	page := read(t, filepath.Join(folder, "cut", "report.html"))
	must(t, folder, "report", "cut")
	if !bytes.Equal(read(t, filepath.Join(folder, "cut", "report.html")), page) {
		t.Error("the page made again from the events is another one")
	}
}

// Ctrl-C stops a run with a checkpoint, exit code 1 and the command that continues it.
func TestInterrupt(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), weighted)
	args := []string{"run", "spec.toml", "sampler.steps=40", "method.particles=4096", "--out", "cut"}
	cmd := process(t, folder, args...)
	waitFor(t, "a step", reached(filepath.Join(folder, "cut"), 3))
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	errs := string(read(t, filepath.Join(folder, "messages")))
	if code := cmd.ProcessState.ExitCode(); code != exitFailed {
		t.Fatalf("exit code %d, want %d: %s", code, exitFailed, errs)
	}
	again := "continue with: abide run spec.toml sampler.steps=40 method.particles=4096 --out cut --resume"
	if !strings.Contains(errs, again) {
		t.Errorf("%q lacks %q", errs, again)
	}
	// Without --resume nothing is overwritten.
	if code, _, errs := call(t, folder, args...); code != exitFailed || !strings.Contains(errs, "continue it with --resume or discard it with --restart") {
		t.Errorf("exit %d: %s", code, errs)
	}
	// Another run does not continue from this one's checkpoint, and leaves it alone.
	if code, _, errs := call(t, folder, append(args, "--resume", "--seed", "5")...); code != exitFailed || !strings.Contains(errs, "--restart") {
		t.Errorf("exit %d: %s", code, errs)
	}
	must(t, folder, append(args, "--resume", "-q")...)
	must(t, folder, "run", "spec.toml", "sampler.steps=40", "method.particles=4096", "--out", "whole", "-q")
	if !bytes.Equal(read(t, filepath.Join(folder, "cut", "samples.npz")), read(t, filepath.Join(folder, "whole", "samples.npz"))) {
		t.Error("the resumed run has other samples")
	}
}

// Ctrl-C in a training leaves a checkpoint, and the same command ends with the
// network of one that was never stopped.
func TestInterruptedTraining(t *testing.T) {
	for _, network := range []string{
		"width = 16\nsteps = 1500",
		"network = { kind = \"unet\", shape = [2], width = 4, depth = 1 }\nsteps = 400",
		"network = { kind = \"fno\", shape = [2], width = 8, depth = 2 }\nsteps = 600",
	} {
		t.Run(network, func(t *testing.T) {
			interruptTraining(t, "[prior]\nkind = \"diffusion\"\ndata = \"rows.csv\"\nbatch = 32\n"+network)
		})
	}
}

func interruptTraining(t *testing.T, spec string) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), spec)
	var rows strings.Builder
	rows.WriteString("a,b\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		line, _ := json.Marshal([]float64{rng.NormFloat64(), rng.NormFloat64()})
		rows.WriteString(strings.Trim(string(line), "[]") + "\n")
	}
	write(t, filepath.Join(folder, "rows.csv"), rows.String())
	cmd := process(t, folder, "train", "spec.toml", "--out", "cut.safetensors")
	messages := filepath.Join(folder, "messages")
	waitFor(t, "the training", func() bool { return strings.Contains(string(read(t, messages)), "network of") })
	time.Sleep(200 * time.Millisecond) // so that some steps are taken; the law holds without them
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	errs := string(read(t, messages))
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(errs, "give the same command again to continue") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(folder, "cut.safetensors")); err == nil {
		t.Error("a stopped training left a model")
	}
	_, _, note := call(t, folder, "train", "spec.toml", "--out", "cut.safetensors")
	if !strings.Contains(note, "continues from its checkpoint") {
		t.Errorf("the second call did not continue: %s", note)
	}
	must(t, folder, "train", "spec.toml", "--out", "whole.safetensors")
	if !bytes.Equal(read(t, filepath.Join(folder, "cut.safetensors")), read(t, filepath.Join(folder, "whole.safetensors"))) {
		t.Error("the resumed training ends with another network")
	}
}

// A file too large for what the disk allows ends the run with exit code 1 and
// without a folder; so does a full device for results.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), weighted)
	before := listing(t, folder)
	out, err := exec.Command("sh", "-c", "cd "+folder+" && ulimit -f 8 && exec abide run spec.toml method.kind=none -q --out full").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "samples.npz") || strings.Contains(string(out), "goroutine") {
		t.Errorf("error %v: %s", err, out)
	}
	if after := listing(t, folder); after != before {
		t.Errorf("left on the disk:\n%s", after)
	}
	out, err = exec.Command("sh", "-c", "cd "+folder+" && exec abide run spec.toml method.kind=none --json --out done > /dev/full").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no space left") {
		t.Errorf("error %v: %s", err, out)
	}
}
