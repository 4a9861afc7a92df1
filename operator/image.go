package operator

import "github.com/gomlx/gomlx/core/graph"

// Image is the shape of points that are images or fields: pixels row by row, the
// channels of a pixel beside each other, as in [report] image. A curve is an image
// of height 1.
type Image struct{ Height, Width, Channels int }

// NewImage checks a shape [h, w] or [h, w, c], or [n] of a curve.
func NewImage(shape []int) (Image, error) {
	for i, n := range shape {
		if n < 1 {
			return Image{}, fault("shape", "entry %d is %d: want sizes of at least 1", i, n)
		}
	}
	switch len(shape) {
	case 1:
		return Image{1, shape[0], 1}, nil
	case 2:
		return Image{shape[0], shape[1], 1}, nil
	case 3:
		return Image{shape[0], shape[1], shape[2]}, nil
	}
	return Image{}, fault("shape", "%v has %d numbers: want [n], [height, width] or [height, width, channels]", shape, len(shape))
}

// Size is the number of columns.
func (s Image) Size() int { return s.Height * s.Width * s.Channels }

// Separable applies one matrix along the rows of an image and another along its
// columns, the same to every channel: out = L X Rᵀ with L (h′×h) and R (w′×w), that
// is the Kronecker product L ⊗ R. Its singular vectors are products of theirs.
type Separable struct {
	in, out     Image
	left, right [][]float64
	svd         *SVD
}

var (
	_ Linear   = (*Separable)(nil)
	_ Spectral = (*Separable)(nil)
)

// NewSeparable is L X Rᵀ on images of a shape.
func NewSeparable(in Image, left, right [][]float64) (*Separable, error) {
	if len(left) == 0 || len(right) == 0 || len(left[0]) != in.Height || len(right[0]) != in.Width {
		return nil, fault("separable", "matrices along the axes do not fit an image of %d×%d", in.Height, in.Width)
	}
	a := &Separable{in: in, out: Image{len(left), len(right), in.Channels}, left: left, right: right}
	svd, err := a.decompose()
	if err != nil {
		return nil, err
	}
	a.svd = &svd
	return a, nil
}

// Out is the shape of what is seen.
func (a *Separable) Out() Image { return a.out }

// Dims are the pixels of a point and of what is seen.
func (a *Separable) Dims() (d, m int) { return a.in.Size(), a.out.Size() }

// Apply is two products with small matrices.
func (a *Separable) Apply(x *Node) *Node { return along(x, a.in, a.left, a.right) }

// Adjoint is Lᵀ Y R.
func (a *Separable) Adjoint(y *Node) *Node {
	return along(y, a.out, transpose(a.left), transpose(a.right))
}

// along is L X Rᵀ for every channel of N images, as a graph.
func along(x *Node, s Image, left, right [][]float64) *Node {
	n := x.Shape().Dimensions[0]
	x = graph.Reshape(x, n, s.Height, s.Width, s.Channels)
	if !isIdentity(left) {
		l := graph.ConstAs(x, left)
		x = graph.Einsum("ph,nhwc->npwc", l, x)
	}
	if !isIdentity(right) {
		r := graph.ConstAs(x, right)
		x = graph.Einsum("qw,npwc->npqc", r, x)
	}
	return graph.Reshape(x, n, len(left)*len(right)*s.Channels)
}

func isIdentity(a [][]float64) bool {
	for i, row := range a {
		if len(row) != len(a) {
			return false
		}
		for j, v := range row {
			if i == j && v != 1 || i != j && v != 0 {
				return false
			}
		}
	}
	return true
}

// ApplyAt is L X Rᵀ.
func (a *Separable) ApplyAt(y, x []float64) { alongAt(y, x, a.in, a.left, a.right) }

// AdjointAt is Lᵀ Y R.
func (a *Separable) AdjointAt(x, y []float64) {
	alongAt(x, y, a.out, transpose(a.left), transpose(a.right))
}

// VJPAt is the adjoint.
func (a *Separable) VJPAt(g, _, c []float64) { a.AdjointAt(g, c) }

// alongAt is L X Rᵀ for every channel of one image.
func alongAt(y, x []float64, s Image, left, right [][]float64) {
	p, q, c := len(left), len(right), s.Channels
	half := make([]float64, p*s.Width*c)
	for i, row := range left {
		for h, l := range row {
			if l == 0 {
				continue
			}
			dst, src := half[i*s.Width*c:(i+1)*s.Width*c], x[h*s.Width*c:(h+1)*s.Width*c]
			for k, v := range src {
				dst[k] += l * v
			}
		}
	}
	clear(y)
	for i := range p {
		for j, row := range right {
			dst := y[(i*q+j)*c : (i*q+j+1)*c]
			for w, r := range row {
				if r == 0 {
					continue
				}
				for k, v := range half[(i*s.Width+w)*c : (i*s.Width+w+1)*c] {
					dst[k] += r * v
				}
			}
		}
	}
}

func transpose(a [][]float64) [][]float64 {
	out := make([][]float64, len(a[0]))
	for j := range out {
		out[j] = make([]float64, len(a))
		for i := range a {
			out[j][i] = a[i][j]
		}
	}
	return out
}

// SVD has the products of the singular values of L and R, with their vectors'
// products for bases.
func (a *Separable) SVD() SVD { return *a.svd }

func (a *Separable) decompose() (SVD, error) {
	l, err := small(a.left)
	if err != nil {
		return SVD{}, err
	}
	r, err := small(a.right)
	if err != nil {
		return SVD{}, err
	}
	// Products that are zero to rounding are left out.
	var out SVD
	var keep []int
	for i, s := range l.s {
		for j, t := range r.s {
			if v := s * t; v > 1e-12*l.s[0]*r.s[0] {
				for range a.in.Channels {
					out.S = append(out.S, v)
				}
				keep = append(keep, i*len(r.s)+j)
			}
		}
	}
	out.U = kronecker{a.out, Image{len(l.s), len(r.s), a.in.Channels}, l.u, r.u, keep}
	out.V = kronecker{a.in, Image{len(l.s), len(r.s), a.in.Channels}, l.v, r.v, keep}
	return out, nil
}

// kronecker is the basis of products of the columns of two small bases, of which
// some pairs are kept.
type kronecker struct {
	space, pairs Image
	left, right  [][]float64 // rows of the bases' transposes
	keep         []int
}

func (b kronecker) Coefficients(c, x []float64) {
	all, n := make([]float64, b.pairs.Size()), b.pairs.Channels
	alongAt(all, x, b.space, b.left, b.right)
	for i, k := range b.keep {
		copy(c[i*n:(i+1)*n], all[k*n:(k+1)*n])
	}
}

func (b kronecker) Combine(x, c []float64) {
	all, n := make([]float64, b.pairs.Size()), b.pairs.Channels
	for i, k := range b.keep {
		copy(all[k*n:(k+1)*n], c[i*n:(i+1)*n])
	}
	alongAt(x, all, b.pairs, transpose(b.left), transpose(b.right))
}
