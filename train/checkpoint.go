package train

import (
	"encoding/json"
	"fmt"
	"io"

	"abide/dataio"
	"abide/internal/engine"
)

// parts of a state, weight by weight.
func (s *State) parts() map[string][]engine.Array {
	return map[string][]engine.Array{"weights": s.Weights, "m": s.M, "v": s.V, "average": s.Average, "best": s.Best}
}

var partNames = []string{"weights", "m", "v", "average", "best"}

// Save writes the state of training, so that Resume continues to the identical result.
func (t *Trainer) Save(w io.Writer, fingerprint string) error {
	s := t.state
	var arrays []*dataio.Array
	for i, p := range t.Network.Weights() {
		for _, name := range partNames {
			a := s.parts()[name][i]
			arrays = append(arrays, &dataio.Array{Name: name + "." + p.Name, Shape: p.Shape, F32: a.F32, F64: a.F64})
		}
	}
	arrays = append(arrays, &dataio.Array{Name: "losses", Shape: []int{2}, F64: []float64{s.BestLoss, s.LossSum}})
	counts, _ := json.Marshal([]int{s.Step, s.BestStep, s.Waited, s.Losses})
	return dataio.WriteSafetensors(w, arrays, map[string]string{"fingerprint": fingerprint, "counts": string(counts)})
}

// Resume continues from a saved state of the same data and settings.
func (t *Trainer) Resume(r io.Reader, fingerprint string) error {
	arrays, meta, err := dataio.ReadSafetensors(r)
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	if meta["fingerprint"] != fingerprint {
		return fmt.Errorf("train: checkpoint is of other data or settings")
	}
	byName := map[string]*dataio.Array{}
	for _, a := range arrays {
		byName[a.Name] = a
	}
	s := newState(t.Network)
	var counts []int
	losses := byName["losses"]
	if err := json.Unmarshal([]byte(meta["counts"]), &counts); err != nil || len(counts) != 4 || losses == nil || len(losses.F64) != 2 {
		return fmt.Errorf("train: checkpoint lacks its counts")
	}
	for i, p := range t.Network.Weights() {
		for _, name := range partNames {
			a, into := byName[name+"."+p.Name], s.parts()[name][i]
			if a == nil || len(a.F32) != len(into.F32) || len(a.F64) != len(into.F64) {
				return fmt.Errorf("train: checkpoint lacks %s of %s", name, p.Name)
			}
			copy(into.F32, a.F32)
			copy(into.F64, a.F64)
		}
	}
	s.Step, s.BestStep, s.Waited, s.Losses = counts[0], counts[1], counts[2], counts[3]
	s.BestLoss, s.LossSum = losses.F64[0], losses.F64[1]
	t.state = s
	t.ahead = newAhead(t.batch, t.Settings.Steps)
	t.load(s.Weights)
	return nil
}
