package cli

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"abide/potential"
	"abide/report"
	"abide/sampler"
	"abide/spec"
)

// A measurement of pixels stands in its places, one of fewer pixels keeps its shape,
// and anything else is filled into rows, as y has it; what is not there is no number.
func TestMeasurementsAsPictures(t *testing.T) {
	nan := math.NaN()
	image := []int{4, 6}
	matrix := func(m int) *potential.Measurement {
		rows, y := make([][]float64, m), make([]float64, m)
		for i := range rows {
			rows[i], y[i] = slices.Repeat([]float64{1}, 24), float64(i)
		}
		p, err := potential.NewMeasurement("y", rows, y, []float64{1})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	mask, err := potential.NewMask("y", 24, []int{7, 2}, []float64{5, 6}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	inPlace := slices.Repeat([]float64{nan}, 24)
	inPlace[7], inPlace[2] = 5, 6
	for _, c := range []struct {
		m       *potential.Measurement
		picture []float64
		shape   []int
		own     bool
	}{
		{mask, inPlace, image, false},
		{matrix(24), matrix(24).Y, image, false},
		{matrix(6), matrix(6).Y, []int{2, 3}, false},
		{matrix(8), append(slices.Clone(matrix(8).Y), nan, nan, nan, nan), []int{2, 6}, true},
		{matrix(2), []float64{0, 1}, []int{1, 2}, true},
	} {
		picture, shape, own := seen(c.m, image)
		if d := cmp.Diff(c.picture, picture, cmpopts.EquateNaNs()); d != "" || !slices.Equal(shape, c.shape) || own != c.own {
			t.Errorf("%d values: shape %v, own %v, want %v, %v; %s", len(c.m.Y), shape, own, c.shape, c.own, d)
		}
	}
}

// Rows of a prior that tells its grid are fields, and so are those under laws; an image of
// [report] alone is none. Fields have one bar behind all that share a scale, so that the
// standard deviation is last.
func TestFieldsAndImages(t *testing.T) {
	for file, want := range map[string]bool{"field/field.toml": true, "flow/flow.toml": true, "digits/inpaint.toml": false} {
		s, err := spec.Load(filepath.Join("..", "..", "examples", filepath.FromSlash(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		st, err := newStudy(s, file)
		if err != nil {
			t.Fatal(err)
		}
		const n = 6
		d := st.problem.Dim()
		all := st.recovered(&sampler.Samples{N: n, Dim: d, X: make([]float64, n*d)}, make([]report.ColumnSummary, d))
		for i, g := range all {
			if last := i == len(all)-1; g.Field != want || g.Spread != (want && last) || (g.Below != nil) != want || (g.Left != nil) != want {
				t.Errorf("%s: %q is a field: %v, a spread: %v, with axes: %v", file, g.Title, g.Field, g.Spread, g.Below != nil)
			}
		}
		for _, g := range st.images(&sampler.Samples{N: n, Dim: d, X: make([]float64, n*d)}) {
			if g.Field != want {
				t.Errorf("%s: %q is a field: %v", file, g.Title, g.Field)
			}
		}
	}
}
