package ode

// Dense is the solution between the ends of one step, to O(h⁵):
//
//	y(t + θh) = r₁ + θ(r₂ + (1−θ)(r₃ + θ(r₄ + (1−θ) r₅)))
//
// It is valid only inside the call that hands it out.
type Dense struct {
	T, H float64 // the step leads from T to T + H
	y, n []float64
	k    [][]float64
	d    []float64
}

func newDense(m *Tableau, t, h float64, y, next []float64, w *Work) Dense {
	return Dense{t, h, y, next, w.k, m.D}
}

// At computes y(t) into dst.
func (d Dense) At(t float64, dst []float64) {
	a := (t - d.T) / d.H
	b := 1 - a
	last := len(d.k) - 1
	for i := range dst {
		r2 := d.n[i] - d.y[i]
		r3 := d.H*d.k[0][i] - r2
		r4 := r2 - d.H*d.k[last][i] - r3
		var r5 float64
		for j, c := range d.d {
			r5 += d.H * c * d.k[j][i]
		}
		dst[i] = d.y[i] + a*(r2+b*(r3+a*(r4+b*r5)))
	}
}
