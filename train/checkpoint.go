package train

import (
	"encoding/json"
	"fmt"
	"io"

	"abide/dataio"
)

// Save writes the state of training, so that Resume continues to the identical result.
func (t *Trainer) Save(w io.Writer, fingerprint string) error {
	s := t.state
	var arrays []*dataio.Array
	for i, p := range t.Network.Weights() {
		for _, part := range []struct {
			name string
			data [][]float32
		}{{"weights", s.Weights}, {"m", s.M}, {"v", s.V}, {"average", s.Average}, {"best", s.Best}} {
			arrays = append(arrays, &dataio.Array{Name: part.name + "." + p.Name, Shape: p.Shape, F32: part.data[i]})
		}
	}
	arrays = append(arrays, &dataio.Array{Name: "losses", Shape: []int{2}, F64: []float64{s.BestLoss, s.LossSum}})
	counts, _ := json.Marshal([]int{s.Step, s.BestStep, s.Waited})
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
	if err := json.Unmarshal([]byte(meta["counts"]), &counts); err != nil || len(counts) != 3 || losses == nil || len(losses.F64) != 2 {
		return fmt.Errorf("train: checkpoint lacks its counts")
	}
	for i, p := range t.Network.Weights() {
		for _, part := range []struct {
			name string
			data [][]float32
		}{{"weights", s.Weights}, {"m", s.M}, {"v", s.V}, {"average", s.Average}, {"best", s.Best}} {
			a := byName[part.name+"."+p.Name]
			if a == nil || len(a.F32) != len(part.data[i]) {
				return fmt.Errorf("train: checkpoint lacks %s of %s", part.name, p.Name)
			}
			copy(part.data[i], a.F32)
		}
	}
	s.Step, s.BestStep, s.Waited = counts[0], counts[1], counts[2]
	s.BestLoss, s.LossSum = losses.F64[0], losses.F64[1]
	t.state = s
	t.load(s.Weights)
	return nil
}
