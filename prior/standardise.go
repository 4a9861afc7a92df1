package prior

import (
	"fmt"
	"math"

	"abide/dataio"
)

// StandardiseTogether gives every column its own shift but all of them one scale,
//
//	u_j = (x_j − mean_j)/s,   s² = mean over columns of the variances,
//
// so that the variance of u is 1 on average over the columns. It is the choice
// for images and fields, whose columns share a unit: contrasts between pixels
// stay what they are, and pixels that are the same in every row are no fault.
// [Standardise] instead gives each column variance 1, the choice for tables.
func StandardiseTogether(t *dataio.Table) (Coordinates, error) {
	d := len(t.Names)
	at := Coordinates{Names: t.Names, Shift: make([]float64, d), Scale: make([]float64, d)}
	if t.Rows < 2 {
		return at, fmt.Errorf("prior: %d rows of data: need at least 2", t.Rows)
	}
	for i, x := range t.Data {
		at.Shift[i%d] += x / float64(t.Rows)
	}
	var variance, square float64
	for i, x := range t.Data {
		r := x - at.Shift[i%d]
		variance += r * r / float64(len(t.Data))
		square += at.Shift[i%d] * at.Shift[i%d] / float64(len(t.Data))
	}
	if !(variance > 1e-24*square) || math.IsInf(variance, 0) {
		return at, fmt.Errorf("prior: every row of the data is the same, or its numbers are too large: variance %g", variance)
	}
	for j := range at.Scale {
		at.Scale[j] = math.Sqrt(variance)
	}
	return at, nil
}
