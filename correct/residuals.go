package correct

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"abide/internal/keyed"
	"abide/physics"
	"abide/prior"
)

// Residuals are laws of whole fields as seen from sampler coordinates, for methods that
// take their residuals and products with their Jacobian and not a projection,
//
//	r(u) = c(shift + scale ⊙ u)/unit,   ∂r/∂u = unit⁻¹ J scale,
//
// the rows of all laws one after the other, each in its unit; a row g ≤ 0 counts as
// max(g, 0). Points are shared out among the cores.
type Residuals struct {
	coordinates prior.Coordinates
	laws        []physics.Constraint
	unit        []float64
	upper       []bool
}

// NewResiduals checks that the laws are those of the prior's fields.
func NewResiduals(c prior.Coordinates, laws ...physics.Constraint) (*Residuals, error) {
	r := &Residuals{coordinates: c, laws: laws}
	for _, law := range laws {
		rows := law.Rows()
		if law.Dim() != c.Dim() {
			return nil, fmt.Errorf("correct: %s: fields of %d numbers, the prior has %d columns", rows[0].Name, law.Dim(), c.Dim())
		}
		for _, row := range rows {
			for range row.Size {
				r.unit, r.upper = append(r.unit, row.Unit), append(r.upper, row.Upper)
			}
		}
	}
	return r, nil
}

// Size is the number m of residuals of a field.
func (r *Residuals) Size() int { return len(r.unit) }

// sizeProbes is how many draws a size is the mean of: it is known to an eighth, which is
// what scaling needs.
const sizeProbes = 32

// Sizes are how large rows are in sampler coordinates, |∂rᵢ/∂u| by Hutchinson's (1990)
// estimate, the root mean square of (∂r/∂u) v over v ~ N(0, I), at fields u ~ N(0, I);
// [m], and 1 for rows that are 0 at all of these.
func (r *Residuals) Sizes() []float64 {
	d, m := r.coordinates.Dim(), r.Size()
	u, v, c := make([]float64, d), make([]float64, d), make([]float64, m)
	out := make([]float64, m)
	for k := range sizeProbes {
		s := keyed.New(0, "sizes of rows", k, 0)
		s.Normal(u)
		s.Normal(v)
		r.coordinates.ToX(u, u)
		for j := range v {
			v[j] *= r.coordinates.Scale[j]
		}
		at := 0
		for _, law := range r.laws {
			size := physics.Size(law)
			law.JVP(c[at:at+size], u, v)
			at += size
		}
		for i, q := range c {
			q /= r.unit[i]
			out[i] += q * q / sizeProbes
		}
	}
	for i, square := range out {
		if out[i] = math.Sqrt(square); !(out[i] > 0) || math.IsInf(out[i], 0) {
			out[i] = 1
		}
	}
	return out
}

// At writes r of every row of u, [n, d] → [n, m].
func (r *Residuals) At(dst, u []float64) {
	r.each(u, func(i int, x []float64) { r.residual(dst[i*r.Size():(i+1)*r.Size()], x) })
}

// residual is r at one x in the user's units.
func (r *Residuals) residual(dst, x []float64) {
	at := 0
	for _, law := range r.laws {
		m := physics.Size(law)
		law.Residual(dst[at:at+m], x)
		at += m
	}
	for i := range dst {
		dst[i] /= r.unit[i]
		if r.upper[i] {
			dst[i] = max(dst[i], 0)
		}
	}
}

// VJP writes (∂r/∂u)ᵀ w of every point, [n, d], [n, m] → [n, d]; rows g ≤ 0 that hold
// count for nothing.
func (r *Residuals) VJP(dst, u, w []float64) {
	d, m := r.coordinates.Dim(), r.Size()
	r.each(u, func(i int, x []float64) {
		c, part, g := make([]float64, m), make([]float64, d), dst[i*d:(i+1)*d]
		r.residual(c, x)
		for j := range c {
			if r.upper[j] && c[j] == 0 {
				continue
			}
			c[j] = w[i*m+j] / r.unit[j]
		}
		clear(g)
		at := 0
		for _, law := range r.laws {
			size := physics.Size(law)
			law.VJP(part, x, c[at:at+size])
			for j := range g {
				g[j] += r.coordinates.Scale[j] * part[j]
			}
			at += size
		}
	})
}

// JVP writes (∂r/∂u) v of every point, [n, d], [n, d] → [n, m]; rows g ≤ 0 that hold are 0.
func (r *Residuals) JVP(dst, u, v []float64) {
	d, m := r.coordinates.Dim(), r.Size()
	r.each(u, func(i int, x []float64) {
		c, dx, out := make([]float64, m), make([]float64, d), dst[i*m:(i+1)*m]
		r.residual(c, x)
		for j := range dx {
			dx[j] = r.coordinates.Scale[j] * v[i*d+j]
		}
		at := 0
		for _, law := range r.laws {
			size := physics.Size(law)
			law.JVP(out[at:at+size], x, dx)
			at += size
		}
		for j := range out {
			out[j] /= r.unit[j]
			if r.upper[j] && c[j] == 0 {
				out[j] = 0
			}
		}
	})
}

func (r *Residuals) each(u []float64, f func(i int, x []float64)) { eachField(r.coordinates, u, f) }

// eachField calls f for every row of u, in the user's units, on all cores.
func eachField(c prior.Coordinates, u []float64, f func(i int, x []float64)) {
	d := c.Dim()
	n := len(u) / d
	var next atomic.Int64
	work := func() {
		x := make([]float64, d)
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			c.ToX(x, u[i*d:(i+1)*d])
			f(i, x)
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
