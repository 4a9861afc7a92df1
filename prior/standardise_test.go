package prior

import (
	"math"
	"testing"

	"abide/dataio"
)

// Standardised together, columns have mean 0 and their variances mean 1; ratios
// of contrasts are those of the data, and constant columns are allowed.
func TestStandardiseTogether(t *testing.T) {
	table := &dataio.Table{Names: []string{"a", "b", "border"}, Rows: 4, Data: []float64{
		1, 10, 7,
		2, 30, 7,
		3, 20, 7,
		6, -8, 7,
	}}
	at, err := StandardiseTogether(table)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, len(table.Data))
	at.ToU(u, table.Data)
	var mean [3]float64
	total := 0.0
	for i, v := range u {
		mean[i%3] += v / 4
		total += v * v / float64(len(u))
	}
	if !(math.Abs(mean[0])+math.Abs(mean[1])+math.Abs(mean[2]) <= 1e-14) || !(math.Abs(total-1) <= 1e-14) {
		t.Errorf("means %v, mean variance %g", mean, total)
	}
	if ratio := (u[3*3] - u[0]) / (u[1*3+1] - u[1]); !(math.Abs(ratio-5.0/20) <= 1e-14) {
		t.Errorf("ratio of contrasts %g, in the data 0.25", ratio)
	}
	back := make([]float64, len(u))
	at.ToX(back, u)
	for i := range back {
		if !(math.Abs(back[i]-table.Data[i]) <= 1e-12) {
			t.Errorf("%d: back %g, data %g", i, back[i], table.Data[i])
		}
	}
	for _, bad := range [][]float64{{1, 2, 3}, {1, 2, 3, 1, 2, 3}, {1e200, 1, 1, -1e200, 1, 1}} {
		if _, err := StandardiseTogether(&dataio.Table{Names: table.Names, Rows: len(bad) / 3, Data: bad}); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
