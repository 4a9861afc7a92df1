package prior

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// Product is the denoiser of independent blocks of columns: each block is
// denoised by its own law, and the Jacobian is block diagonal.
type Product struct {
	blocks []Denoiser
	dims   []int
}

var (
	_ Differentiable = Product{}
	_ Law            = productLaw{}
	_ Structure      = productStructure{}
)

// NewProduct is the law of independent parts side by side: the columns of the
// first, then those of the second, and so on. Columns without names are numbered
// anew; two columns of one name are an error.
func NewProduct(parts []*Prior) (*Prior, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("prior: product: no parts: need at least one")
	}
	p := &Prior{Kind: "product", DType: engine.Float32}
	var (
		product   Product
		laws      productLaw
		structure productStructure
		names     []string
		lawful    = true
		drawn     = true
	)
	for i, q := range parts {
		d := q.Coordinates.Dim()
		product.blocks, product.dims = append(product.blocks, q.Denoiser), append(product.dims, d)
		laws, structure = append(laws, block[Law]{q.Law, d}), append(structure, block[*Prior]{q, d})
		p.Coordinates.Shift = append(p.Coordinates.Shift, q.Coordinates.Shift...)
		p.Coordinates.Scale = append(p.Coordinates.Scale, q.Coordinates.Scale...)
		own := q.Coordinates.Names
		if slices.Equal(own, numbered(d)) {
			own = numbered(len(p.Coordinates.Shift))[len(p.Coordinates.Shift)-d:]
		}
		for _, name := range own {
			if slices.Contains(p.Coordinates.Names, name) {
				return nil, fmt.Errorf("prior: product: part %d has a column %q, and so has an earlier one: name columns apart", i, name)
			}
			p.Coordinates.Names = append(p.Coordinates.Names, name)
		}
		if q.DType == engine.Float64 {
			p.DType = engine.Float64 // the precision of the most demanding part
		}
		lawful, drawn = lawful && q.Law != nil, drawn && q.Draw != nil
		p.Resolution = max(p.Resolution, q.Resolution)
		p.Fingerprint += q.Fingerprint
		names = append(names, q.Kind)
	}
	p.Denoiser, p.Structure = product, structure
	if lawful {
		p.Law = laws
	}
	if drawn {
		p.Draw = func(rng *rand.Rand, n int) []float64 { return structure.draw(rng, n) }
	}
	p.Describe = fmt.Sprintf("independent parts (%s) in %d dimensions", strings.Join(names, ", "), len(p.Coordinates.Shift))
	return p, nil
}

// Denoise is D; see [Denoiser] for shapes.
func (p Product) Denoise(u, sigma *Node) *Node {
	var out []*Node
	for i, part := range p.split(u) {
		out = append(out, p.blocks[i].Denoise(part, sigma))
	}
	return Concatenate(out, 1)
}

// DenoiseJacobian is D and its block-diagonal Jacobian; see [Differentiable].
func (p Product) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	g, n, d := u.Graph(), u.Shape().Dimensions[0], u.Shape().Dimensions[1]
	var means, rows []*Node
	before := 0
	for i, part := range p.split(u) {
		m, j := DenoiseJacobian(p.blocks[i], part, sigma)
		means = append(means, m)
		row := []*Node{j}
		if before > 0 {
			row = append([]*Node{Zeros(g, shapes.Make(u.DType(), n, p.dims[i], before))}, row...)
		}
		if after := d - before - p.dims[i]; after > 0 {
			row = append(row, Zeros(g, shapes.Make(u.DType(), n, p.dims[i], after)))
		}
		rows = append(rows, Concatenate(row, 2))
		before += p.dims[i]
	}
	return Concatenate(means, 1), Concatenate(rows, 1)
}

// split cuts the columns into blocks. Rows of the transpose are gathered: a slice
// could not be differentiated twice.
func (p Product) split(u *Node) []*Node {
	if len(p.dims) == 1 {
		return []*Node{u}
	}
	g, columns := u.Graph(), Transpose(u, 0, 1)
	var out []*Node
	first := 0
	for _, d := range p.dims {
		index := make([][]int32, d)
		for j := range index {
			index[j] = []int32{int32(first + j)}
		}
		out = append(out, Transpose(Gather(columns, Const(g, index)), 0, 1))
		first += d
	}
	return out
}

// block is something that belongs to d columns.
type block[T any] struct {
	of  T
	dim int
}

type productLaw []block[Law]

// LogDensity is the sum over the parts; see [Law].
func (p productLaw) LogDensity(u []float64, sigma float64) (sum float64) {
	for _, b := range p {
		sum += b.of.LogDensity(u[:b.dim], sigma)
		u = u[b.dim:]
	}
	return sum
}

// Score is the scores of the parts side by side; see [Law].
func (p productLaw) Score(dst, u []float64, sigma float64) {
	for _, b := range p {
		b.of.Score(dst[:b.dim], u[:b.dim], sigma)
		dst, u = dst[b.dim:], u[b.dim:]
	}
}

type productStructure []block[*Prior]

// Colouring colours block by block; see [Structure].
func (p productStructure) Colouring(a, b float64) (func(dst, white []float64), error) {
	var each []func(dst, white []float64)
	for _, part := range p {
		f, err := part.of.Colouring(a, b)
		if err != nil {
			return nil, err
		}
		each = append(each, f)
	}
	return func(dst, white []float64) {
		for i, f := range each {
			d := p[i].dim
			f(dst[:d], white[:d])
			dst, white = dst[d:], white[d:]
		}
	}, nil
}

// draw puts draws of the parts side by side.
func (p productStructure) draw(rng *rand.Rand, n int) []float64 {
	d := 0
	for _, b := range p {
		d += b.dim
	}
	out, first := make([]float64, n*d), 0
	for _, b := range p {
		for i, x := 0, b.of.Draw(rng, n); i < n; i++ {
			copy(out[i*d+first:], x[i*b.dim:(i+1)*b.dim])
		}
		first += b.dim
	}
	return out
}
