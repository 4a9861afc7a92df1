package correct

import (
	"math"
	"testing"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// Products with the Jacobian in sampler coordinates are each other's adjoint and the
// derivative of the residuals, units and scales included, also where a bound is active.
func TestResidualsInSamplerCoordinates(t *testing.T) {
	c := prior.Coordinates{Names: make([]string, 4), Shift: []float64{1, -2, 0, 3}, Scale: []float64{1, 2, 0.5, 4}}
	energy, err := physics.NewEnergy([]float64{1, 2, 2, 1}, []float64{0.7}, nil, nil, physics.Label{Unit: 3})
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := physics.NewBounds(4, []float64{-1, -1, -1, -1}, []float64{1, 1, 1, 1}, physics.Label{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResiduals(c, energy, bounds)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3
	m := r.Size()
	draw := func(k, size int) []float64 {
		x := make([]float64, size)
		keyed.New(4, "residuals", k, 0).Normal(x)
		return x
	}
	u, v, w := draw(0, n*4), draw(1, n*4), draw(2, n*m)
	jv, jw := make([]float64, n*m), make([]float64, n*4)
	r.JVP(jv, u, v)
	r.VJP(jw, u, w)
	var a, b float64
	for i := range jv {
		a += jv[i] * w[i]
	}
	for i := range jw {
		b += jw[i] * v[i]
	}
	if !(math.Abs(a-b) <= 1e-12*(1+math.Abs(a))) {
		t.Errorf("⟨w, J v⟩ = %.15g, ⟨Jᵀ w, v⟩ = %.15g", a, b)
	}
	const h = 1e-6
	up, down, c1, c0 := make([]float64, n*4), make([]float64, n*4), make([]float64, n*m), make([]float64, n*m)
	for i := range u {
		up[i], down[i] = u[i]+h*v[i], u[i]-h*v[i]
	}
	r.At(c1, up)
	r.At(c0, down)
	for i := range jv {
		if d := (c1[i] - c0[i]) / (2 * h); !(math.Abs(d-jv[i]) <= 1e-7*(1+math.Abs(d))) {
			t.Errorf("residual %d changes by %.9g along v, JVP says %.9g", i, d, jv[i])
		}
	}
}

// Sizes of rows are their lengths in sampler coordinates and units, to the error of 32
// draws; a row without a derivative has size 1.
func TestSizesOfRows(t *testing.T) {
	c := prior.Coordinates{Names: make([]string, 4), Shift: []float64{1, -2, 0, 3}, Scale: []float64{1, 2, 0.5, 4}}
	rows := [][]float64{{1, 0, 0, 0}, {0, 0, 0, 1e6}, {3, 1, -2, 1}, {0, 0, 0, 0}}
	h := &dense{rows: rows, unit: 5}
	r, err := NewResiduals(c, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range r.Sizes() {
		var want float64
		for j, a := range rows[i] {
			want += math.Pow(a*c.Scale[j]/h.unit, 2)
		}
		want = math.Sqrt(want)
		if i == 3 {
			want = 1
		}
		// The square is χ² with as many degrees as draws: 6.1 standard deviations.
		if d := got*got/(want*want) - 1; !(math.Abs(d) <= 6.1*math.Sqrt(2.0/sizeProbes)) || i == 3 && d != 0 {
			t.Errorf("row %d has size %g, want about %g", i, got, want)
		}
	}
}

// dense is a law H u = 0.
type dense struct {
	rows [][]float64
	unit float64
}

func (h *dense) Dim() int { return len(h.rows[0]) }
func (h *dense) Rows() []physics.Row {
	return []physics.Row{{Name: "rows", Size: len(h.rows), Unit: h.unit, Tolerance: 1}}
}
func (h *dense) Residual(dst, u []float64) { h.JVP(dst, u, u) }
func (h *dense) JVP(dst, u, v []float64) {
	for i, row := range h.rows {
		dst[i] = 0
		for j, a := range row {
			dst[i] += a * v[j]
		}
	}
}
func (h *dense) VJP(dst, u, w []float64) {
	clear(dst)
	for i, row := range h.rows {
		for j, a := range row {
			dst[j] += a * w[i]
		}
	}
}
