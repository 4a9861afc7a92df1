package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"abide/dataio"
	"abide/sampler"
)

// writeSamples writes samples.npz: x float64 [n, d], logw float64 [n], ancestor
// int64 [n]; where the trajectory was asked for, also the noised points of every
// level, trajectory float64 [levels, n, d], and levels float64 [levels, 2], a and b.
func writeSamples(w io.Writer, s *sampler.Samples) error {
	arrays := []*dataio.Array{
		{Name: "x", Shape: []int{s.N, s.Dim}, F64: s.X},
		{Name: "logw", Shape: []int{s.N}, F64: s.LogW},
		{Name: "ancestor", Shape: []int{s.N}, I64: s.Ancestor},
	}
	if n := len(s.Levels) / 2; n > 0 {
		arrays = append(arrays,
			&dataio.Array{Name: "trajectory", Shape: []int{n, s.N, s.Dim}, F64: s.Trajectory},
			&dataio.Array{Name: "levels", Shape: []int{n, 2}, F64: s.Levels})
	}
	return dataio.WriteNPZ(w, arrays)
}

// readSamples reads a run folder's samples.npz.
func readSamples(folder string) (*sampler.Samples, error) {
	path := filepath.Join(folder, "samples.npz")
	arrays, err := dataio.ReadNPZ(path)
	if err != nil {
		return nil, err
	}
	s := &sampler.Samples{}
	for _, a := range arrays {
		switch a.Name {
		case "x":
			if len(a.Shape) == 2 {
				s.N, s.Dim, s.X = a.Shape[0], a.Shape[1], a.F64
			}
		case "logw":
			s.LogW = a.F64
		case "ancestor":
			s.Ancestor = a.I64
		}
	}
	if s.X == nil || len(s.LogW) != s.N || len(s.Ancestor) != s.N {
		return nil, fmt.Errorf("%s: wants x [n, d], logw [n] and ancestor [n]: it was written by something else", path)
	}
	return s, nil
}

// writeSamplesCSV writes the columns by name, then logw.
func writeSamplesCSV(w io.Writer, names []string, s *sampler.Samples) error {
	d := s.Dim
	rows := make([]float64, 0, s.N*(d+1))
	for i := range s.N {
		rows = append(append(rows, s.X[i*d:(i+1)*d]...), s.LogW[i])
	}
	return dataio.WriteCSV(w, append(append([]string(nil), names...), "logw"), rows)
}
