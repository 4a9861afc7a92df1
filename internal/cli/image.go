package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"abide/diagnose"
	"abide/report"
	"abide/sampler"
	"abide/spec"
)

// imageShape is the shape of rows that are images; nil where they are none.
func imageShape(s *spec.Spec, columns int) ([]int, error) {
	if !s.Report.Has("image") {
		return nil, nil
	}
	var shape []int
	n := 1
	for _, v := range s.Report.Floats("image") {
		shape = append(shape, int(v))
		n *= int(v)
	}
	if n != columns {
		return nil, s.Report.Errorf("image", "images of %d pixels for %d columns; allowed: sides whose product is %d", n, columns, columns)
	}
	return shape, nil
}

// imagesAcross is how many images stand side by side in a grid of no labels.
const imagesAcross = 8

// imageGrid shows the first rows in a square grid, or, where rows carry up to 16
// different labels, the first of each label in a line of its own.
func imageGrid(title string, shape []int, x, labels []float64) report.Images {
	d := len(x) / max(len(labels), 1)
	g := report.Images{Title: title, Shape: shape, Across: imagesAcross}
	known := slices.Compact(slices.Sorted(slices.Values(labels)))
	if len(known) == 0 || len(known) > 16 || math.IsNaN(known[0]) {
		for i := range min(len(labels), imagesAcross*imagesAcross) {
			g.Pictures = append(g.Pictures, x[i*d:(i+1)*d])
		}
		return g
	}
	g.Pictures = make([][]float64, len(known)*imagesAcross)
	filled := make([]int, len(known))
	for i, label := range labels {
		if r, _ := slices.BinarySearch(known, label); filled[r] < imagesAcross {
			g.Pictures[r*imagesAcross+filled[r]] = x[i*d : (i+1)*d]
			filled[r]++
		}
	}
	for _, label := range known {
		g.RowLabels = append(g.RowLabels, strconv.FormatFloat(label, 'g', -1, 64))
	}
	return g
}

// images are the first samples and the first real rows; nil where they are no images.
func (st *study) images(s *sampler.Samples) []report.Images {
	if st.image == nil {
		return nil
	}
	nan := math.NaN()
	unlabelled := func(x []float64) []float64 { return slices.Repeat([]float64{nan}, len(x)/s.Dim) }
	out := []report.Images{imageGrid("the first samples", st.image, s.X, unlabelled(s.X))}
	if st.data != nil {
		out = append(out, imageGrid("real rows", st.image, st.data.Data, unlabelled(st.data.Data)))
	}
	if st.fields() {
		for i := range out {
			out[i].Field, out[i].Outline, out[i].Parts = true, true, st.spec.FieldGrid(st.problem.Dim()).Fields
		}
	}
	return out
}

// trainingImages are samples beside held-out rows, and some samples above the
// fitted rows nearest to them.
func trainingImages(shape []int, x, labels, held, heldLabels, fitted []float64) [][]report.Images {
	d := len(x) / len(labels)
	const pairs = 12
	near := report.Images{Title: fmt.Sprintf("%d samples, and the fitted row nearest to each", min(pairs, len(labels))), Shape: shape, Across: min(pairs, len(labels)), RowLabels: []string{"sample", "fitted"}}
	var below [][]float64
	for k := range near.Across {
		i := k * len(labels) / near.Across
		row := x[i*d : (i+1)*d]
		j := diagnose.Nearest(row, fitted, d)
		near.Pictures = append(near.Pictures, row)
		below = append(below, fitted[j*d:(j+1)*d])
	}
	near.Pictures = append(near.Pictures, below...)
	return [][]report.Images{
		{imageGrid("samples", shape, x, labels), imageGrid("rows not fitted", shape, held, heldLabels)},
		{near},
	}
}
