package prior

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
)

// Factor is one axis of a family u = Σ_q slow_q(θ₁) ⊗ fast_q(θ₂): the points of that
// axis and what its latent parameter does to them.
type Factor struct {
	Latent    string  // name of the parameter; "" where the factor has none
	Low, High float64 // its law is uniform between them; equal: it is known
	Size      int     // points along the axis
	Terms     int     // number of terms q, the same on both axes
	// At writes slow_q(θ) or fast_q(θ) at every point.
	At func(dst []float64, q int, theta float64)
}

func (f *Factor) theta(angle float64) float64 {
	return (f.Low+f.High)/2 + (f.High-f.Low)/2*math.Cos(angle)
}

// degrees are the numbers of Chebyshev coefficients that are tried in turn, and
// negligibleTail is the size of the last of them, relative to the largest, at which an
// expansion is believed: they fall geometrically, to rounding.
var degrees = []int{8, 12, 16, 24, 32, 48, 64, 96, 128}

const negligibleTail = 3e-15

// axis is a factor in an orthonormal basis of few vectors, as a Chebyshev series:
// slow_q(θ) = Σ_k T_k Σ_i coef[q][k, i] basis[i], T_k = cos kα for θ = mid + half cos α.
type axis struct {
	*Factor
	terms int          // Chebyshev terms; 1 where there is no parameter
	rank  int          // vectors of the basis
	basis []float64    // [rank, Size]
	coef  []*mat.Dense // per q, [terms, rank]
	gram  [][]float64  // per pair (q, q'), ⟨slow_q, slow_q'⟩ at the angles of the nodes
}

// nodes are the angles of n Chebyshev points of the first kind.
func nodes(n int) []float64 {
	a := make([]float64, n)
	for i := range a {
		a[i] = (float64(i) + 0.5) * math.Pi / float64(n)
	}
	return a
}

// chebyshev is the matrix [n, n] that turns values at the n nodes into coefficients.
func chebyshev(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for k := range n {
		size := 2 / float64(n)
		if k == 0 {
			size = 1 / float64(n)
		}
		for i, a := range nodes(n) {
			m.Set(k, i, size*math.Cos(float64(k)*a))
		}
	}
	return m
}

// newAxis expands a factor to rounding, and with it the inner products of its terms.
func newAxis(f *Factor) (*axis, error) {
	if f.Latent == "" || f.Low == f.High {
		return f.expanded(1), nil
	}
	for _, n := range degrees {
		a := f.expanded(n)
		m := chebyshev(n)
		tail := 0.0
		for _, g := range a.gram {
			tail = max(tail, relativeTail(m, mat.NewDense(n, 1, g)))
		}
		for _, c := range a.coef {
			tail = max(tail, tailOf(c))
		}
		if tail <= negligibleTail && a.offNodes() <= 1e-12 {
			return a, nil
		}
	}
	return nil, fmt.Errorf("prior: %s from %g to %g is too wide a range: %d Chebyshev terms do not resolve it, take a narrower one", f.Latent, f.Low, f.High, degrees[len(degrees)-1])
}

// offNodes is the largest error of the series between its nodes and at the ends, over
// the largest value: nodes may miss what is narrow.
func (a *axis) offNodes() float64 {
	want, got := make([]float64, a.Size), make([]float64, a.Size)
	var worst, top float64
	for i := range 12 {
		angle := math.Pi * float64(i) / 11
		t := a.table([]float64{angle})
		for q, c := range a.coef {
			a.At(want, q, a.theta(angle))
			clear(got)
			for r := range a.rank {
				var s float64
				for k, v := range t {
					s += v * c.At(k, r)
				}
				for j, v := range a.basis[r*a.Size : (r+1)*a.Size] {
					got[j] += s * v
				}
			}
			for j, v := range want {
				worst, top = max(worst, math.Abs(v-got[j])), max(top, math.Abs(v))
			}
		}
	}
	return worst / top
}

func relativeTail(m, values *mat.Dense) float64 {
	var c mat.Dense
	c.Mul(m, values)
	return tailOf(&c)
}

// tailOf is the largest of the last two rows over the largest of all.
func tailOf(c *mat.Dense) float64 {
	n, _ := c.Dims()
	top, tail := 0.0, 0.0
	for k := range n {
		for _, v := range c.RawRowView(k) {
			top = max(top, math.Abs(v))
			if k >= n-2 {
				tail = max(tail, math.Abs(v))
			}
		}
	}
	if top == 0 {
		return 0
	}
	return tail / top
}

// expanded interpolates at n nodes and takes an orthonormal basis of the values.
func (f *Factor) expanded(n int) *axis {
	a := &axis{Factor: f, terms: n}
	angle := nodes(n)
	values := mat.NewDense(f.Terms*n, f.Size, nil)
	for q := range f.Terms {
		for i := range n {
			f.At(values.RawRowView(q*n+i), q, f.theta(angle[i]))
		}
	}
	for q := range f.Terms {
		for r := range f.Terms {
			g := make([]float64, n)
			for i := range g {
				g[i] = mat.Dot(values.RowView(q*n+i), values.RowView(r*n+i))
			}
			a.gram = append(a.gram, g)
		}
	}
	var d mat.SVD
	d.Factorize(values.T(), mat.SVDThin)
	s := d.Values(nil)
	for a.rank < len(s) && s[a.rank] > 1e-15*s[0] {
		a.rank++
	}
	var u mat.Dense
	d.UTo(&u) // [Size, …]
	a.basis = make([]float64, a.rank*f.Size)
	for i := range a.rank {
		mat.Col(a.basis[i*f.Size:(i+1)*f.Size], i, &u)
	}
	m, basis := chebyshev(n), mat.NewDense(a.rank, f.Size, a.basis)
	for q := range f.Terms {
		var in, c mat.Dense
		in.Mul(values.Slice(q*n, (q+1)*n, 0, f.Size), basis.T())
		c.Mul(m, &in)
		a.coef = append(a.coef, &c)
	}
	return a
}

// moment is E T_k for θ uniform: 1/(1 − k²) for even k, else 0.
func (a *axis) moment(k int) float64 {
	if a.terms == 1 {
		return 1
	}
	if k%2 == 1 {
		return 0
	}
	return 1 / (1 - float64(k)*float64(k))
}

// seconds is E T_k T_k' = ½ (E T_{k+k'} + E T_{|k−k'|}).
func (a *axis) seconds() *mat.Dense {
	m := mat.NewDense(a.terms, a.terms, nil)
	for i := range a.terms {
		for j := range a.terms {
			d := i - j
			if d < 0 {
				d = -d
			}
			m.Set(i, j, (a.moment(i+j)+a.moment(d))/2)
		}
	}
	return m
}

// legendre is the Gauss–Legendre rule of n points on [0, 1].
func legendre(n int) (x, w []float64) {
	x, w = make([]float64, n), make([]float64, n)
	quad.Legendre{}.FixedLocations(x, w, 0, 1)
	return x, w
}
