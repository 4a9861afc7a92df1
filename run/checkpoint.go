package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"abide/dataio"
	"abide/sampler"
)

// Store keeps the checkpoint of one run in a folder. A nil Store keeps nothing.
type Store struct {
	Folder string
	Key    string        // what the run is: a checkpoint of another key is refused
	Every  time.Duration // least time between checkpoints; 0: 2 s
}

const checkpointName = "checkpoint.safetensors"

func (s *Store) path() string { return filepath.Join(s.Folder, checkpointName) }

func (s *Store) due(last time.Time) bool {
	if s == nil {
		return false
	}
	every := s.Every
	if every == 0 {
		every = 2 * time.Second
	}
	return time.Since(last) >= every
}

// save writes the state beside the last checkpoint and renames it into place.
func (s *Store) save(st *sampler.State, seconds float64) error {
	if s == nil {
		return nil
	}
	n, d := st.N, st.Dim
	arrays := []*dataio.Array{
		{Name: "z", Shape: []int{n, d}, F64: st.Z},
		{Name: "logw", Shape: []int{n}, F64: st.LogW},
		{Name: "ancestor", Shape: []int{n}, I64: st.Ancestor},
		{Name: "memory", Shape: []int{len(st.Memory)}, F64: orEmpty(st.Memory)},
		{Name: "adapted", Shape: []int{len(st.Adapted)}, F64: orEmpty(st.Adapted)},
		{Name: "trajectory", Shape: []int{len(st.Trajectory)}, F64: orEmpty(st.Trajectory)},
		{Name: "ess", Shape: []int{len(st.ESS)}, F64: orEmpty(st.ESS)},
		{Name: "scalars", Shape: []int{2}, F64: []float64{st.LogEvidence, seconds}},
		{Name: "counts", Shape: []int{4}, I64: []int64{int64(st.Step), int64(st.Resampled), st.DenoiserCalls, st.VJPCalls}},
	}
	err := dataio.WriteFile(s.path(), func(w io.Writer) error {
		return dataio.WriteSafetensors(w, arrays, map[string]string{"key": s.Key})
	})
	if err != nil {
		return fmt.Errorf("run: checkpoint: %w", err)
	}
	return nil
}

func orEmpty(x []float64) []float64 {
	if x == nil {
		return []float64{}
	}
	return x
}

// load returns the saved state and the seconds spent so far, or nil when there is none.
func (s *Store) load() (*sampler.State, float64, error) {
	if s == nil {
		return nil, 0, nil
	}
	f, err := openIfThere(s.path())
	if f == nil {
		return nil, 0, err
	}
	defer f.Close()
	list, meta, err := dataio.ReadSafetensors(f)
	if err != nil {
		return nil, 0, fmt.Errorf("run: checkpoint %s: %w: remove it, or run with --restart", s.path(), err)
	}
	if meta["key"] != s.Key {
		return nil, 0, fmt.Errorf("run: checkpoint %s is of another run (its spec, prior or version differs): run with --restart to discard it", s.path())
	}
	a := map[string]*dataio.Array{}
	for _, t := range list {
		a[t.Name] = t
	}
	for _, name := range []string{"z", "logw", "ancestor", "memory", "adapted", "trajectory", "ess", "scalars", "counts"} {
		if a[name] == nil {
			return nil, 0, fmt.Errorf("run: checkpoint %s lacks %q: run with --restart to discard it", s.path(), name)
		}
	}
	c := a["counts"].I64
	shape := a["z"].Shape
	if len(c) != 4 || len(shape) != 2 || len(a["scalars"].F64) != 2 || len(a["logw"].F64) != shape[0] || len(a["ancestor"].I64) != shape[0] {
		return nil, 0, fmt.Errorf("run: checkpoint %s has the wrong shapes: run with --restart to discard it", s.path())
	}
	return &sampler.State{
		N: shape[0], Dim: shape[1], Z: a["z"].F64, LogW: a["logw"].F64, Ancestor: a["ancestor"].I64,
		Memory: a["memory"].F64, Adapted: a["adapted"].F64, Trajectory: a["trajectory"].F64, ESS: a["ess"].F64, LogEvidence: a["scalars"].F64[0],
		Step: int(c[0]), Resampled: int(c[1]), DenoiserCalls: c[2], VJPCalls: c[3],
	}, a["scalars"].F64[1], nil
}

func openIfThere(path string) (fs.File, error) {
	f, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("run: checkpoint: %w", err)
	}
	return f, nil
}
