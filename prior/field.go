package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// Field is a stationary Gaussian random field on a regular grid of one or two
// axes, the first one slow:
//
//	cov(x_i, x_j) = variance·k(‖s_i − s_j‖/length) + nugget·[i = j]
//
// A free axis has its n points from end to end of its extent, a periodic one
// leaves out the end, which is its beginning again. There the kernel is summed
// over all periods, which keeps it positive definite, and scaled to its variance.
type Field struct {
	Shape    []int     // points along each axis
	Extent   []float64 // length of each axis, in the unit of Length
	Kernel   string    // one of [Kernels]
	Length   float64   // correlation length ℓ > 0
	Variance float64   // > 0
	Nugget   float64   // ≥ 0, the variance of independent noise at every point
	Mean     float64   // the same at every point
	Periodic bool
	Names    []string // of the columns; nil: x[0], x[1], …
}

// kernels of unit variance over t = r/ℓ (Rasmussen and Williams 2006, eqs. 4.9
// and 4.14–4.17), and the t beyond which they are below 1e-17.
var kernels = map[string]struct {
	of    func(t float64) float64
	reach float64
}{
	"matern12": {func(t float64) float64 { return math.Exp(-t) }, 40},
	"matern32": {func(t float64) float64 { a := math.Sqrt(3) * t; return (1 + a) * math.Exp(-a) }, 26},
	"matern52": {func(t float64) float64 { a := math.Sqrt(5) * t; return (1 + a + a*a/3) * math.Exp(-a) }, 22},
	"rbf":      {func(t float64) float64 { return math.Exp(-0.5 * t * t) }, 9},
}

// Kernels lists the covariance functions: Matérn of smoothness ½, 3/2, 5/2 and
// their limit, the squared exponential.
var Kernels = []string{"matern12", "matern32", "matern52", "rbf"}

// Bounds of the grids that are made: points in all, and points whose covariance
// has to be factorised as one matrix.
const (
	maxFieldPoints = 1 << 20
	maxFreePoints  = 2048
	maxAxisPoints  = 2048
)

func (f *Field) check() error {
	fail := func(format string, args ...any) error { return fmt.Errorf("prior: gaussian-field: "+format, args...) }
	d := 1
	if len(f.Shape) < 1 || len(f.Shape) > 2 || len(f.Extent) != len(f.Shape) {
		return fail("%d axes and %d extents: need one or two axes, each with its extent", len(f.Shape), len(f.Extent))
	}
	for a, n := range f.Shape {
		if n < 2 || n > maxAxisPoints {
			return fail("axis %d has %d points: must be from 2 to %d", a, n, maxAxisPoints)
		}
		if !(f.Extent[a] > 0) || math.IsInf(f.Extent[a], 0) {
			return fail("axis %d has extent %g: must be positive and finite", a, f.Extent[a])
		}
		if d *= n; d > maxFieldPoints {
			return fail("more than %d points", maxFieldPoints)
		}
		if f.Periodic && f.Length > f.Extent[a] {
			return fail("length %g is more than the extent %g of periodic axis %d: such a field hardly varies; must be at most the extent", f.Length, f.Extent[a], a)
		}
	}
	for _, p := range []struct {
		name string
		v    float64
	}{{"length", f.Length}, {"variance", f.Variance}} {
		if !(p.v > 0) || math.IsInf(p.v, 0) {
			return fail("%s is %g: must be positive and finite", p.name, p.v)
		}
	}
	if !(f.Nugget >= 0) || math.IsInf(f.Nugget, 0) || math.IsNaN(f.Mean) || math.IsInf(f.Mean, 0) {
		return fail("nugget %g and mean %g: must be finite, the nugget not negative", f.Nugget, f.Mean)
	}
	if _, ok := kernels[f.Kernel]; !ok {
		return fail("kernel %q is unknown; there are %s", f.Kernel, strings.Join(Kernels, ", "))
	}
	if f.Names != nil && len(f.Names) != d {
		return fail("%d column names for %d points", len(f.Names), d)
	}
	if !f.Periodic && !f.separable() && d > maxFreePoints {
		return fail("%d points with free boundaries: at most %d, or take periodic boundaries or kernel rbf, whose covariance factorises by axis", d, maxFreePoints)
	}
	return nil
}

// separable tells whether the kernel is a product of one-dimensional ones.
func (f *Field) separable() bool { return f.Kernel == "rbf" || len(f.Shape) == 1 }

// spacing between the points of axis a.
func (f *Field) spacing(a int) float64 {
	if f.Periodic {
		return f.Extent[a] / float64(f.Shape[a])
	}
	return f.Extent[a] / float64(f.Shape[a]-1)
}

// NewField is the prior of a Gaussian random field, with exact denoiser and
// exact draws. Where the eigenbasis factorises by axis (periodic boundaries, or
// the kernel rbf) every operation does; else the covariance is factorised once
// as a matrix, by parity, which bounds the number of points (2,048).
func NewField(f Field) (*Prior, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var s *Spectral
	switch {
	case f.Periodic:
		s = f.circulant()
	case f.separable():
		s = f.kronecker()
	default:
		s = f.full()
	}
	// A constant variance on the grid: one scale standardises all columns.
	v := f.Variance + f.Nugget
	for j, l := range s.eigen {
		s.eigen[j] = (f.Variance*max(l, 0) + f.Nugget) / v
	}
	d := len(s.eigen)
	at := Coordinates{Names: f.Names, Shift: slices.Repeat([]float64{f.Mean}, d), Scale: slices.Repeat([]float64{math.Sqrt(v)}, d)}
	if at.Names == nil {
		at.Names = numbered(d)
	}
	p := s.prior(at)
	boundary := "free"
	if f.Periodic {
		boundary = "periodic"
	}
	p.Kind = "gaussian-field"
	p.Describe = fmt.Sprintf("%s field on %s points, %s boundaries, exact denoiser", f.Kernel, strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Shape), " ", "×"), "[]"), boundary)
	return p, nil
}

// prior is the law N(0, Σ) in coordinates at.
func (s *Spectral) prior(at Coordinates) *Prior {
	return &Prior{
		Denoiser: s, Coordinates: at, DType: engine.Float64, Structure: s, Law: s,
		Draw: func(rng *rand.Rand, n int) []float64 {
			d := len(s.eigen)
			colour, _ := s.Colouring(1, 0) // never fails
			out, white := make([]float64, n*d), make([]float64, d)
			for i := range n {
				for j := range white {
					white[j] = rng.NormFloat64()
				}
				colour(out[i*d:(i+1)*d], white)
			}
			at.ToX(out, out)
			return out
		},
	}
}

// kronecker is k(t₁)⋯k(t_r) from the eigenvectors along each axis.
func (f *Field) kronecker() *Spectral {
	s := &Spectral{shape: f.Shape, eigen: []float64{1}}
	for a, n := range f.Shape {
		c := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				c.SetSym(i, j, kernels[f.Kernel].of(float64(i-j)*f.spacing(a)/f.Length))
			}
		}
		lambda, q := eigen(c)
		s.basis = append(s.basis, q)
		s.eigen = outer(s.eigen, lambda)
	}
	return s
}

// eigen gives eigenvalues and eigenvectors (columns, row-major).
func eigen(c *mat.SymDense) (lambda, q []float64) {
	var e mat.EigenSym
	e.Factorize(c, true)
	var v mat.Dense
	e.VectorsTo(&v)
	return e.Values(nil), v.RawMatrix().Data
}

// outer is the Kronecker product of two vectors.
func outer(a, b []float64) []float64 {
	out := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x*y)
		}
	}
	return out
}
