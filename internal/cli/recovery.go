package cli

import (
	"fmt"
	"math"
	"slices"

	"abide/dataio"
	"abide/operator"
	"abide/potential"
	"abide/report"
	"abide/sampler"
	"abide/spec"
)

// truth is the point that was measured, in [report] truth; nil where it is not given.
func truth(s *spec.Spec, names []string) ([]float64, error) {
	if !s.Report.Has("truth") {
		return nil, nil
	}
	t, err := dataio.ReadTable(s.Path(s.Report.String("truth")), names)
	if err != nil {
		return nil, s.Report.Errorf("truth", "%v", err)
	}
	if t.Rows != 1 {
		return nil, s.Report.Errorf("truth", "the file has %d rows; allowed: one, the point that was measured", t.Rows)
	}
	return t.Data, nil
}

// recovery scores the samples by the truth. The range of the signal is that of the
// real rows where there are some, else of the truth.
func (st *study) recovery(s *sampler.Samples, columns []report.ColumnSummary) *report.Recovery {
	if st.truth == nil {
		return nil
	}
	signal := st.truth
	if st.data != nil {
		signal = st.data.Data
	}
	return report.NewRecovery(columns, s.X, s.LogW, st.truth, slices.Max(signal)-slices.Min(signal), st.image)
}

// measurements are those of the problem.
func (st *study) measurements() (all []*potential.Measurement) {
	for _, p := range st.problem.Potentials {
		if m, ok := p.(*potential.Measurement); ok {
			all = append(all, m)
		}
	}
	return all
}

// Widths of a picture that stands alone and of those in a grid, two of which are as high.
const wide, narrow = 118.0, 57.5

// recovered shows what was measured beside what it tells; nil where rows are no
// images or nothing was measured.
func (st *study) recovered(s *sampler.Samples, columns []report.ColumnSummary) []report.Images {
	measured := st.measurements()
	if st.image == nil || len(measured) == 0 && st.problem.Law == nil {
		return nil
	}
	mean, std := make([]float64, s.Dim), make([]float64, s.Dim)
	for j, c := range columns {
		mean[j], std[j] = c.Samples.Mean, c.Samples.Std
	}
	var out []report.Images
	fields := st.fields()
	add := func(title string, shape []int, own bool, wide float64, pictures ...[]float64) {
		g := report.Images{Title: title, Shape: shape, Pictures: pictures, Across: (len(pictures) + 1) / 2, Wide: wide, Own: own, Field: fields, Outline: fields}
		if fields && slices.Equal(shape, st.image) {
			st.sides(&g)
		}
		out = append(out, g)
	}
	if st.truth != nil {
		add("truth", st.image, false, wide, st.truth)
	}
	for i, m := range measured {
		title := "measured"
		if len(measured) > 1 {
			title = fmt.Sprintf("measured %d", i+1)
		}
		picture, shape, own := seen(m, st.image)
		add(title, shape, own, wide, picture)
	}
	add("mean", st.image, false, wide, mean)
	if !fields { // without a bar, which says it
		add(fmt.Sprintf("std, up to %.2g", slices.Max(std)), st.image, true, wide, std)
	}
	if s.N >= 6 {
		var some [][]float64
		for i := range 6 {
			some = append(some, s.X[i*s.Dim:(i+1)*s.Dim])
		}
		add("samples", st.image, false, narrow, some...)
	}
	if fields { // behind all that share one bar
		add("std", st.image, true, wide, std)
		out[len(out)-1].Spread = true
	}
	return out
}

// sides names the axes of pictures of fields.
func (st *study) sides(g *report.Images) {
	grid := st.spec.FieldGrid(st.problem.Dim())
	axis := func(a int) *report.PictureAxis {
		lo, hi := grid.Ends(a)
		return &report.PictureAxis{Name: grid.Axes[a].Name, Lo: lo, Hi: hi}
	}
	g.Below, g.Left, g.Parts = axis(1), axis(0), grid.Fields
	g.Left.Fields, g.Left.Of = grid.Fields, st.spec.FieldNames(grid.Fields)
}

// seen is a measurement as a picture: in its place where it is of single pixels,
// with as many rows and columns as fit where it is an image of fewer pixels, else
// filled into rows as wide as the image. own tells that its numbers are no pixels.
func seen(m *potential.Measurement, image []int) (picture []float64, shape []int, own bool) {
	d, n := m.Op.Dims()
	if mask, ok := m.Op.(*operator.Mask); ok {
		picture = slices.Repeat([]float64{math.NaN()}, d)
		for i, j := range mask.Index() {
			picture[j] = m.Y[i]
		}
		return picture, image, false
	}
	h, w := image[0], image[1]
	for k := 1; k <= min(h, w); k++ { // every k-th row and column
		if h%k == 0 && w%k == 0 && n*k*k == d {
			return m.Y, append([]int{h / k, w / k}, image[2:]...), false
		}
	}
	width := min(w, n)
	rows := (n + width - 1) / width
	picture = slices.Repeat([]float64{math.NaN()}, rows*width)
	copy(picture, m.Y)
	return picture, []int{rows, width}, true
}

// curve tells whether columns are shown as one: where something is measured, and
// they are no image, not too few, of one unit, and no states of several numbers.
func (st *study) curve() bool {
	states := st.spec.Prior.Kind == "state-space" && len(st.spec.Prior.Floats("mean")) > 1
	return st.image == nil && len(st.measurements()) > 0 && st.problem.Dim() >= 10 && st.oneUnit() && !states
}

// band shows columns as a curve; nil where they are none.
func (st *study) band(columns []report.ColumnSummary) *report.Band {
	if !st.curve() {
		return nil
	}
	b := &report.Band{Label: "column", Truth: st.truth}
	for _, c := range columns {
		b.Mean, b.Low, b.Top = append(b.Mean, c.Samples.Mean), append(b.Low, c.Samples.Q05), append(b.Top, c.Samples.Q95)
	}
	for _, m := range st.measurements() {
		if mask, ok := m.Op.(*operator.Mask); ok {
			b.Seen, b.SeenValue = append(b.Seen, mask.Index()...), append(b.SeenValue, m.Y...)
		}
	}
	return b
}
