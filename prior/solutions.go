package prior

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/pde"
)

// maxTable is how many numbers a table of fields may have: 1 GiB in single precision.
const maxTable = 1 << 28

// NewLattice is the law that draws one of the solutions of a family at the midpoints of
// a lattice over its latent numbers, all equally likely: a finite table, and no
// quadrature, of shocks and fronts that no smooth series follows. At noise that tells
// nodes apart a denoiser returns one of them; parameters are known to a cell. The scale is
// that of [NewLatent].
//
// Rows are kept in single precision, once here and once in the compiled graph, and
// widened block by block: 8 bytes a number, and as much again of working memory at the
// peak. 80² shocks of 100×101 numbers add 1.2 GB to the process
// (BenchmarkSolutionsBurgers), 40² a quarter.
func NewLattice(kind pde.Kind, values pde.Values, nodes []int, scale float64) (*Prior, error) {
	f, err := kind.Make(values)
	if err != nil {
		return nil, err
	}
	latent, ok := f.(pde.Parametric)
	if !ok {
		return nil, fmt.Errorf("prior: solutions of %s are not determined by a few latent numbers: draw them", kind.Name)
	}
	total := 1
	for _, n := range nodes {
		total *= n
	}
	rows, d, err := newRows(f, total)
	if err != nil {
		return nil, err
	}
	if err := pde.Lattice(latent, nodes, rows.add); err != nil {
		return nil, err
	}
	return rows.prior(d, scale, fmt.Sprintf("%d solutions of %s on a lattice of %v latents", total, kind.Name, nodes))
}

// NewSolutions is the law that draws one of n solutions of a family, those of the seed
// from the first on, all equally likely. The scale is that of [NewLatent].
func NewSolutions(ctx context.Context, kind pde.Kind, values pde.Values, seed uint64, n, workers int, scale float64) (*Prior, error) {
	f, err := kind.Make(values)
	if err != nil {
		return nil, err
	}
	if scale < 0 {
		return nil, fmt.Errorf("prior: scale %g: must not be negative", scale)
	}
	rows, d, err := newRows(f, n)
	if err != nil {
		return nil, err
	}
	err = pde.Generate(ctx, f, pde.Draws{Seed: seed, N: n, Workers: workers}, func(_ int, s pde.Sample, _ []float64) error { return rows.add(s) })
	if err != nil {
		return nil, err
	}
	return rows.prior(d, scale, fmt.Sprintf("%d solutions of %s, seed %d", n, kind.Name, seed))
}

// NewTable is the law that draws one of some fields, all equally likely, in coordinates
// of one scale, that of [NewLatent]; kept as those of [NewLattice].
func NewTable(fields [][]float64, scale float64) (*Prior, error) {
	if len(fields) < 2 || len(fields[0]) == 0 || len(fields) > maxTable/len(fields[0]) {
		return nil, fmt.Errorf("prior: a table of %d fields: must be from 2 to %d numbers in all", len(fields), maxTable)
	}
	d := len(fields[0])
	rows := &solutionRows{sum: make([]float64, d)}
	for i, u := range fields {
		if len(u) != d {
			return nil, fmt.Errorf("prior: field %d has %d numbers, the first %d", i, len(u), d)
		}
		if err := rows.add(pde.Sample{u}); err != nil {
			return nil, err
		}
	}
	return rows.prior(d, scale, fmt.Sprintf("%d fields", len(fields)))
}

// solutionRows are fields, the last array of each sample, in single precision.
type solutionRows struct {
	narrow []float32
	sum    []float64
	square float64
	n      int
}

func newRows(f pde.Family, n int) (*solutionRows, int, error) {
	arrays := f.Arrays()
	d := arrays[len(arrays)-1].Size()
	if n < 2 || n > maxTable/d {
		return nil, 0, fmt.Errorf("prior: %d solutions of %d numbers: must be from 2 to %d of them", n, d, maxTable/d)
	}
	return &solutionRows{narrow: make([]float32, 0, n*d), sum: make([]float64, d)}, d, nil
}

func (r *solutionRows) add(s pde.Sample) error {
	for j, v := range s[len(s)-1] {
		r.sum[j] += v
		r.square += v * v
		r.narrow = append(r.narrow, float32(v))
	}
	r.n++
	return nil
}

// prior has one scale for all columns: noise is white in the unit of the field.
func (r *solutionRows) prior(d int, scale float64, what string) (*Prior, error) {
	at := Coordinates{Names: numbered(d), Shift: r.sum, Scale: make([]float64, d)}
	variance := r.square / float64(r.n)
	for j := range at.Shift {
		at.Shift[j] /= float64(r.n)
		variance -= at.Shift[j] * at.Shift[j]
	}
	if !(variance > 1e-12*r.square/float64(r.n)) {
		return nil, fmt.Errorf("prior: all %d solutions are the same", r.n)
	}
	if scale == 0 {
		scale = math.Sqrt(variance / float64(d))
	}
	for j := range at.Scale {
		at.Scale[j] = scale
	}
	for i, v := range r.narrow {
		r.narrow[i] = float32((float64(v) - at.Shift[i%d]) / scale)
	}
	e := newNarrow(r.narrow, d)
	return &Prior{
		Kind: "solutions", Denoiser: e, Law: e, Coordinates: at, DType: engine.Float64, Structure: principal(e),
		Draw: func(rng *rand.Rand, n int) []float64 {
			out := make([]float64, n*d)
			for i := range n {
				k := rng.IntN(r.n)
				for j := range d {
					out[i*d+j] = e.at(k, j)
				}
			}
			at.ToX(out, out)
			return out
		},
		Describe: what + ", exact denoiser",
	}, nil
}

// principalRows is how many rows the covariance of a table is estimated from.
const principalRows = 256

// principal is the covariance of rows spread through a table, by its eigenvectors: all
// that a start needs, whose error is of the order (a/b)² times what is left out.
func principal(e *Empirical) lowRank {
	m, d := min(len(e.half), principalRows), e.dim
	x := mat.NewDense(m, d, nil)
	for k := range m {
		i := k * len(e.half) / m
		for j := range d {
			x.Set(k, j, e.at(i, j)/math.Sqrt(float64(m)))
		}
	}
	gram := mat.NewSymDense(m, nil)
	gram.SymOuterK(1, x)
	lambda, q := eigen(gram)
	out := lowRank{dim: d}
	for k := m - 1; k >= 0 && lambda[k] > 1e-6*lambda[m-1]; k-- {
		column := make([]float64, m)
		for i := range column {
			column[i] = q[i*m+k] / math.Sqrt(lambda[k])
		}
		var v mat.Dense
		v.Mul(mat.NewDense(1, m, column), x)
		out.lambda, out.v = append(out.lambda, lambda[k]), append(out.v, v.RawMatrix().Data...)
	}
	return out
}
