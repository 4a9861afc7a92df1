package physics

import (
	"math"
	"strings"
	"testing"

	"abide/sparse"
)

// What cannot be a law is refused where it is made, with the place and the value.
func TestLawsRefuseInput(t *testing.T) {
	nan := math.NaN()
	one := []float64{1, 1}
	h := lawsInterpolation(t, 2, 4)
	fixed := lawsMust[*Fixed](t)(NewFixed(4, []int32{0}, []float64{1}, Label{Name: "left"}))
	mass := lawsMust[*Linear](t)(NewMass(one, one, Metric{1, 2, 1, 1}, Label{}))
	sum := lawsMust[*Linear](t)(NewMass(one, one, nil, Label{Name: "sum"}))
	shell := lawsMust[*Energy](t)(NewEnergy(one, one, nil, nil, Label{}))
	short := lawsMust[*Bounds](t)(NewBounds(3, []float64{0}, []float64{1}, Label{Name: "box"}))
	for _, c := range []struct {
		make func() error
		want string
	}{
		{func() error { _, err := NewFixed(4, []int32{1, 1}, one, Label{}); return err }, "node 1 twice"},
		{func() error { _, err := NewFixed(4, []int32{1, 4}, one, Label{}); return err }, "node 4 of a field of 4"},
		{func() error { _, err := NewFixed(4, []int32{1}, []float64{nan}, Label{}); return err }, "value 0 is NaN"},
		{func() error { _, err := NewFixed(4, []int32{1}, one, Label{}); return err }, "1 nodes and 2 values"},
		{func() error { _, err := NewFixed(4, []int32{1}, one[:1], Label{Unit: -1}); return err }, "unit -1"},
		{func() error { _, err := NewFixed(4, []int32{1}, one[:1], Label{Tolerance: nan}); return err }, "tolerance NaN"},
		{func() error { _, err := Plane([]int{3, 2}, 2, 0); return err }, "axis 2"},
		{func() error { _, err := Plane([]int{3, 2}, 1, 2); return err }, "plane 2 of axis 1"},
		{func() error { _, err := NewSensors(h, one[:1], nil, Label{}); return err }, "1 values for 2 rows"},
		{func() error { _, err := NewSensors(h, one, Metric{1, 1, 0, 1}, Label{}); return err }, "weight 2"},
		{func() error { _, err := NewSensors(h, one, Metric{1}, Label{}); return err }, "1 weights for fields of 4"},
		{func() error { _, err := NewNoisySensors(h, one, []float64{1, 0}, nil, Label{}); return err }, "variance 1 is 0"},
		{func() error { _, err := Gradients([]int{4}, 0, false, 1, 4); return err }, "needs 5"},
		{func() error { _, err := Gradients([]int{4}, 0, false, 1, 3); return err }, "order 3"},
		{func() error { _, err := Gradients([]int{4}, 0, false, 0, 2); return err }, "spacing of 0"},
		{func() error { _, err := NewMass(nil, one, nil, Label{}); return err }, "0 weights"},
		{func() error { _, err := NewMass([]float64{1, nan}, one, nil, Label{}); return err }, "matrix 1 is NaN"},
		{func() error { _, err := NewMoments([][]float64{one, one[:1]}, one, nil, Label{}); return err }, "moment 1 has 1 weights"},
		{func() error { _, err := NewMoments([][]float64{one, one}, one[:1], nil, Label{}); return err }, "2 moments and 1 totals"},
		{func() error { _, err := NewBalance(one, nil, nil, Label{}); return err }, "0 steps"},
		{func() error { _, err := NewEnergy([]float64{1, -1}, one, nil, nil, Label{}); return err }, "weight 1"},
		{func() error {
			_, err := NewEnergyForm(&sparse.CSR{Rows: 1, Cols: 1, Ptr: []int32{0, 0}}, 1, Label{})
			return err
		}, "positive definite"},
		{func() error { _, err := NewEnergyForm(h, 1, Label{}); return err }, "2×4"},
		{func() error { _, err := NewLeray([]int{4, 4}, []float64{1, 0}, nil, Label{}); return err }, "length 0 of axis 1"},
		{func() error { _, err := NewLeray([]int{4}, []float64{1}, nil, Label{}); return err }, "two or three axes"},
		{func() error { _, err := NewLeray([]int{4, 4}, one, lawsMetric(32), Label{}); return err }, "by transforms"},
		{func() error { _, err := NewBandLimit([]int{4, 4}, []int{1}, nil, Label{}); return err }, "one for each axis"},
		{func() error { _, err := NewMAC([]int{4, 4}, one, []Wall{{Low: one}, {}}, nil, Label{}); return err }, "2 velocities for 4 faces"},
		{func() error { _, err := NewBounds(4, one, one, Label{}); return err }, "2 lower bounds"},
		{func() error { _, err := NewMonotone(1, 1, false, nil, Label{}); return err }, "at least 2"},
		{func() error { _, err := NewUnimodal(1, 2, false, nil, Label{}); return err }, "at least 3"},
		{func() error { _, err := NewConvex(1, []float64{0, 1, 1}, false, nil, Label{}); return err }, "coordinate 1"},
		{func() error { _, err := NewStack(nil, fixed, shell); return err }, "energy in a stack"},
		{func() error { _, err := NewStack(nil); return err }, "no laws"},
		{func() error { _, err := NewDykstra(DykstraSettings{}, fixed, short); return err }, "box in an intersection"},
		{func() error { _, err := NewDykstra(DykstraSettings{}, fixed, shell); return err }, "not be convex"},
		{func() error { _, err := NewDykstra(DykstraSettings{}, mass, sum); return err }, "mass and sum in an intersection have different metrics"},
	} {
		if err := c.make(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	for _, x := range []float64{nan, math.Inf(1)} {
		u := []float64{0, 0, x, 0}
		if err := mass.Project(u); err == nil || !strings.Contains(err.Error(), "not finite") {
			t.Errorf("a field with %g: %v", x, err)
		}
	}
}
