package train

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"

	"abide/dataio"
)

// countdown is a context that is cancelled when it was asked often enough.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Training that is stopped after any step, saved, and resumed by a new process
// ends with the same bits as training that was never stopped.
func TestResumeIsBitIdentical(t *testing.T) {
	u := rows(100, 0.5, 0)
	s := small()
	run := func(tr *Trainer, steps int) (last Progress) {
		t.Helper()
		err := every(tr, 10).Run(&countdown{context.Background(), steps}, func(p Progress, _ *State) error { p.Speed = 0; last = p; return nil })
		if err != nil && err != context.Canceled {
			t.Fatal(err)
		}
		return last
	}
	whole := trainer(t, u, s)
	want := run(whole, s.Steps+1)
	for _, stops := range [][]int{{30}, {1, 17}, {59}, {60}, {0}} {
		tr := trainer(t, u, s)
		for _, n := range stops {
			run(tr, n)
			var file bytes.Buffer
			if err := tr.Save(&file, "key"); err != nil {
				t.Fatal(err)
			}
			tr = trainer(t, u, s)
			if err := tr.Resume(&file, "key"); err != nil {
				t.Fatal(err)
			}
		}
		// The last report also says what was remembered of the steps before it.
		if got := run(tr, s.Steps+1); tr.state.Step > stops[len(stops)-1] && got != want {
			t.Errorf("stopped after %v steps: the last report is %+v, want %+v", stops, got, want)
		}
		if tr.state.Step != s.Steps || !reflect.DeepEqual(tr.state, whole.state) {
			t.Errorf("stopped after %v steps: the end is another", stops)
		}
		for i, w := range tr.Network.Weights() {
			if !reflect.DeepEqual(w.Data, whole.Network.Weights()[i].Data) {
				t.Errorf("stopped after %v steps: weights %s differ", stops, w.Name)
			}
		}
	}
}

// A training without progress stops as early when it was resumed on the way.
func TestResumeRemembersPatience(t *testing.T) {
	s := small()
	s.LearningRate, s.WeightDecay, s.Patience = 0, 0, 3
	u := rows(60, 0, 0)
	tr := trainer(t, u, s)
	if err := every(tr, 5).Run(&countdown{context.Background(), 12}, nil); err != context.Canceled {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := tr.Save(&file, "key"); err != nil {
		t.Fatal(err)
	}
	tr = trainer(t, u, s)
	if err := tr.Resume(&file, "key"); err != nil {
		t.Fatal(err)
	}
	if err := every(tr, 5).Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if tr.state.Step != 20 || tr.state.BestStep != 5 {
		t.Errorf("stopped at step %d, best %d, want 20 and 5", tr.state.Step, tr.state.BestStep)
	}
}

// The engine's threads and the number of trainers at once do not matter either.
func TestTrainingIsDeterministic(t *testing.T) {
	u := rows(100, 0.5, 0)
	states := make(chan *State)
	for range 3 {
		tr := trainer(t, u, small())
		go func() {
			if err := every(tr, 20).Run(context.Background(), nil); err != nil {
				t.Error(err)
			}
			states <- tr.state
		}()
	}
	first := <-states
	for range 2 {
		if !reflect.DeepEqual(<-states, first) {
			t.Error("two trainings of the same seed differ")
		}
	}
	s := small()
	s.Seed++
	other := trainer(t, u, s)
	if err := every(other, 20).Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if equal(other.state.Weights, first.Weights) {
		t.Error("another seed gave the same weights")
	}
}

func TestResumeErrors(t *testing.T) {
	u := rows(60, 0, 0)
	tr := trainer(t, u, small())
	var file bytes.Buffer
	if err := tr.Save(&file, "key"); err != nil {
		t.Fatal(err)
	}
	raw := file.Bytes()
	refused := func(what string, raw []byte, key, want string) {
		t.Helper()
		fresh := trainer(t, u, small())
		before := fresh.state
		err := fresh.Resume(bytes.NewReader(raw), key)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", what, err)
		}
		if fresh.state != before {
			t.Errorf("%s: the state was replaced", what)
		}
	}
	refused("another key", raw, "other", "other data or settings")
	refused("an empty file", nil, "key", "train: checkpoint")
	for n := 1; n < len(raw); n += 1 + len(raw)/50 {
		refused("a truncated file", raw[:n], "key", "train: checkpoint")
	}
	arrays, meta, err := dataio.ReadSafetensors(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	write := func(arrays []*dataio.Array, meta map[string]string) []byte {
		var b bytes.Buffer
		if err := dataio.WriteSafetensors(&b, arrays, meta); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for i, a := range arrays {
		without := append(append([]*dataio.Array(nil), arrays[:i]...), arrays[i+1:]...)
		refused("without "+a.Name, write(without, meta), "key", "lacks")
	}
	refused("without counts", write(arrays, map[string]string{"fingerprint": "key"}), "key", "lacks its counts")
	refused("counts of another kind", write(arrays, map[string]string{"fingerprint": "key", "counts": "[1]"}), "key", "lacks its counts")
	wide := small()
	wide.Network.Width++
	other := trainer(t, u, wide)
	if err := other.Resume(bytes.NewReader(raw), "key"); err == nil || !strings.Contains(err.Error(), "lacks") {
		t.Errorf("a network of another width: got %v", err)
	}
}
