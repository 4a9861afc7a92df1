package operator

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"
)

// NewKernelBlur convolves images with any kernel of odd sides, centred: the sum of
// the separable blurs of the kernel's singular vectors, Σ sᵢ uᵢ vᵢᵀ, as many as it
// has rank.
func NewKernelBlur(in Image, kernel [][]float64, edge Boundary) (Linear, error) {
	if len(kernel) == 0 || len(kernel)%2 == 0 || len(kernel[0])%2 == 0 {
		return nil, fault("blur", "a kernel of odd height and width is needed")
	}
	k := mat.NewDense(len(kernel), len(kernel[0]), nil)
	for i, row := range kernel {
		if len(row) != len(kernel[0]) {
			return nil, fault("blur", "kernel row %d has %d numbers, row 0 has %d", i, len(row), len(kernel[0]))
		}
		k.SetRow(i, row)
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fault("blur", "kernel[%d][%d] is %g: want a finite number", i, j, v)
			}
		}
	}
	var f mat.SVD
	if !f.Factorize(k, mat.SVDThin) {
		return nil, fault("blur", "the kernel has no singular values: are its numbers finite?")
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	s := f.Values(nil)
	if !(s[0] > 0) {
		return nil, fault("blur", "the kernel is zero and measures nothing")
	}
	var parts sum
	for r, size := range s {
		if size <= 1e-14*s[0] {
			break
		}
		column := mat.Col(nil, r, &u)
		for i := range column {
			column[i] *= size
		}
		part, err := NewBlur(in, column, mat.Col(nil, r, &v), edge)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

// NewMotionBlur is the blur of a camera that moves by length pixels at an angle
// (degrees, against the clock from the horizontal): a line of that length, at most
// twice the image's larger side, drawn with bilinear weights.
func NewMotionBlur(in Image, length, angle float64, edge Boundary) (Linear, error) {
	if !(length > 0) || math.IsInf(length, 0) || math.IsNaN(angle) || math.IsInf(angle, 0) {
		return nil, fault("blur", "length %g at angle %g: want a length in pixels above 0 and a finite angle", length, angle)
	}
	if most := 2 * max(in.Height, in.Width); length > float64(most) {
		return nil, fault("blur", "a motion of %g pixels in an image of %d×%d: want at most %d", length, in.Height, in.Width, most)
	}
	const rounding = 1e-9
	points := max(401, 8*int(math.Ceil(length/2))+1) // a quarter of a pixel apart at most
	sin, cos := math.Sincos(angle * math.Pi / 180)
	up := math.Ceil(math.Abs(length*sin)/2 - rounding) // so that curves may move along themselves
	along := math.Ceil(math.Abs(length*cos)/2 - rounding)
	k := make([][]float64, 2*int(up)+1)
	for i := range k {
		k[i] = make([]float64, 2*int(along)+1)
	}
	for p := range points {
		t := length * (float64(p)/float64(points-1) - 0.5)
		splat(k, up-t*sin, along+t*cos, 1/float64(points))
	}
	return NewKernelBlur(in, k, edge)
}

// splat adds a weight at a place between pixels, bilinearly; what falls outside is lost.
func splat(k [][]float64, row, column, weight float64) {
	i, j := int(math.Floor(row)), int(math.Floor(column))
	f, g := row-float64(i), column-float64(j)
	for di, wi := range []float64{1 - f, f} {
		for dj, wj := range []float64{1 - g, g} {
			if y, x := i+di, j+dj; y >= 0 && y < len(k) && x >= 0 && x < len(k[0]) {
				k[y][x] += weight * wi * wj
			}
		}
	}
}

// sum is Σ Aᵢ x of operators of the same dimensions.
type sum []Linear

var _ Linear = sum(nil)

func (s sum) Dims() (d, m int) { return s[0].Dims() }

func (s sum) Apply(x *Node) *Node {
	out := s[0].Apply(x)
	for _, a := range s[1:] {
		out = graph.Add(out, a.Apply(x))
	}
	return out
}

func (s sum) Adjoint(y *Node) *Node {
	out := s[0].Adjoint(y)
	for _, a := range s[1:] {
		out = graph.Add(out, a.Adjoint(y))
	}
	return out
}

func (s sum) ApplyAt(y, x []float64) {
	part := make([]float64, len(y))
	clear(y)
	for _, a := range s {
		a.ApplyAt(part, x)
		for i, v := range part {
			y[i] += v
		}
	}
}

func (s sum) AdjointAt(x, y []float64) {
	part := make([]float64, len(x))
	clear(x)
	for _, a := range s {
		a.AdjointAt(part, y)
		for i, v := range part {
			x[i] += v
		}
	}
}

func (s sum) VJPAt(g, _, c []float64) { s.AdjointAt(g, c) }
