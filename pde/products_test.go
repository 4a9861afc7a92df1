package pde

import (
	"math"
	"math/rand/v2"
	"testing"
)

// productsCase is a family with the size of its states, beyond its band too, at which what
// is not linear matters.
type productsCase struct {
	kind   Kind
	values Values
	size   float64
}

var productsCases = []productsCase{
	{navierStokesKind, Values{"grid": 8, "times": 3, "end": 3.0}, 10},
	{navierStokesKind, Values{"grid": 9, "times": 2, "end": 1.0, "nu": 0.01}, 10},
	{navierStokesKind, Values{"grid": 15, "times": 1, "end": 1.0}, 10},
	{navierStokesKind, Values{"grid": 16, "times": 2, "end": 1.0}, 10},
	{navierStokesKind, Values{"grid": 24, "times": 1, "end": 1.0, "steps": 20}, 10},
	{navierStokesKind, Values{"grid": 16, "times": 2, "end": 0.2, "scheme": "cn-euler", "steps": 20}, 10},
	{burgersKind, Values{"grid": 8, "times": 2}, 1},
	{burgersKind, Values{"grid": 16, "times": 3, "nu": 0.05}, 2},
	{burgersKind, Values{"grid": 32, "times": 17, "steps": 1}, 1}, // more intervals than go side by side
	{burgersKind, Values{"grid": 64, "times": 35, "steps": 4}, 1},
	{fitzHughNagumoKind, Values{"grid": 4, "times": 3, "end": 0.6}, 2},
	{fitzHughNagumoKind, Values{"grid": 5, "times": 1, "end": 0.2, "steps": 1}, 2}, // Euler's step alone
	{fitzHughNagumoKind, Values{"grid": 7, "times": 2, "end": 0.2, "steps": 2}, 2},
	{fitzHughNagumoKind, Values{"grid": 16, "times": 2, "end": 1.0}, 1},
}

// point is a point of the family, not a solution, and a direction.
func (c productsCase) point(t *testing.T, r *rand.Rand) (f Products, s, d Sample, rows int) {
	t.Helper()
	made, err := c.kind.Make(c.values)
	if err != nil {
		t.Fatal(err)
	}
	f = made.(Products)
	s, d = NewSample(f), NewSample(f)
	for k := range s {
		for i := range s[k] {
			s[k][i], d[k][i] = c.size*r.NormFloat64(), r.NormFloat64()
		}
	}
	for _, row := range f.Rows() {
		rows += row.Size
	}
	return f, s, d, rows
}

func productsDot(a, b Sample) (s float64) {
	for k := range a {
		for i, x := range a[k] {
			s += x * b[k][i]
		}
	}
	return s
}

// wᵀ(J v) = (Jᵀ w)ᵀ v by all arrays and by each, with even and odd numbers of points.
func TestProducts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range productsCases {
		f, s, v, rows := c.point(t, r)
		w, jv, jw := make([]float64, rows), make([]float64, rows), NewSample(f)
		for i := range w {
			w[i] = r.NormFloat64()
		}
		for k := range jw { // what was there does not matter
			for i := range jw[k] {
				jw[k][i] = math.NaN()
			}
		}
		f.JVP(jv, s, v)
		f.VJP(jw, s, w)
		left, right := productsDot(Sample{w}, Sample{jv}), productsDot(jw, v)
		scale := math.Sqrt(productsDot(Sample{w}, Sample{w}) * productsDot(Sample{jv}, Sample{jv}))
		t.Logf("%s %v: %.3g, off by %.1e of %.3g", c.kind.Name, c.values, left, math.Abs(left-right)/scale, scale)
		if !(math.Abs(left-right) <= 1e-13*scale) {
			t.Errorf("%s %v: wᵀ(J v) = %.17g, (Jᵀ w)ᵀ v = %.17g of %g", c.kind.Name, c.values, left, right, scale)
		}
		for k := range s { // by each array alone
			one := NewSample(f)
			copy(one[k], v[k])
			f.JVP(jv, s, one)
			size := math.Sqrt(productsDot(Sample{w}, Sample{w}) * productsDot(Sample{jv}, Sample{jv}))
			if left, right = productsDot(Sample{w}, Sample{jv}), productsDot(jw, one); !(math.Abs(left-right) <= 1e-12*size) {
				t.Errorf("%s %v, array %d: wᵀ(J v) = %.17g, (Jᵀ w)ᵀ v = %.17g of %g", c.kind.Name, c.values, k, left, right, size)
			}
		}
	}
}

// Central differences D(ε) of the residual tend to J v with order 2, and (4 D(ε) − D(2ε))/3
// is J v to 1e-9.
func TestProductsDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range productsCases {
		f, s, v, rows := c.point(t, r)
		jv := make([]float64, rows)
		f.JVP(jv, s, v)
		size := math.Sqrt(productsDot(Sample{jv}, Sample{jv}))
		difference := func(eps float64) []float64 {
			up, down, out, moved := make([]float64, rows), make([]float64, rows), make([]float64, rows), NewSample(f)
			for _, side := range []struct {
				dst []float64
				eps float64
			}{{up, eps}, {down, -eps}} {
				for k := range s {
					for i, x := range s[k] {
						moved[k][i] = x + side.eps*v[k][i]
					}
				}
				if err := f.Residual(side.dst, moved); err != nil {
					t.Fatal(err)
				}
			}
			for i := range out {
				out[i] = (up[i] - down[i]) / (2 * eps)
			}
			return out
		}
		off := func(d []float64) (e float64) {
			for i, x := range d {
				e = math.Hypot(e, x-jv[i])
			}
			return e / size
		}
		coarse, fine := difference(2e-3*c.size), difference(1e-3*c.size)
		order := math.Log2(off(coarse) / off(fine))
		for i := range coarse {
			coarse[i] = (4*fine[i] - coarse[i]) / 3
		}
		t.Logf("%s %v: off by %.2e, order %.3f, extrapolated %.2e", c.kind.Name, c.values, off(fine), order, off(coarse))
		if !(math.Abs(order-2) <= 0.02) || !(off(coarse) <= 1e-9) {
			t.Errorf("%s %v: off by %.2e with order %.3f, extrapolated by %.2e", c.kind.Name, c.values, off(fine), order, off(coarse))
		}
	}
}
