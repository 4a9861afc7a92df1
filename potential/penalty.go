package potential

import (
	"fmt"
	"math"
	"sync"

	"github.com/gomlx/gomlx/core/graph"
)

var _ Potential = (*penalty)(nil)

// Rows is what a penalty needs of a constraint: its rows of residuals, as
// constraint.Constraint offers them. Packages of one layer do not import each
// other, so the row type R stays open; see [Row].
type Rows[R any] interface {
	Rows() []R
	Residual(x *Node) *Node      // [N, d] → [N, m]
	ResidualAt(x, r []float64)   // m residuals of one point
	JacobianAt(x, jac []float64) // ∂r_i/∂x_j, row-major m×d
}

// Row is the shape of constraint.Row, with its type of kinds K.
type Row[K any] interface {
	~struct {
		Name      string
		Kind      K
		Scale     float64
		Tolerance float64
	}
	Violation(residual float64) float64
}

// penalty is E(x) = weight·Σᵢ (violationᵢ(x)/scaleᵢ)².
type penalty struct {
	name    string
	weight  float64
	rows    rows
	equal   []bool    // the row is an equation
	scale   []float64 // unit of each row
	scratch sync.Pool // *[]float64: residuals, then the Jacobian
}

// rows is the part of Rows that does not depend on the type of a row.
type rows interface {
	Residual(x *Node) *Node
	ResidualAt(x, r []float64)
	JacobianAt(x, jac []float64)
}

// NewPenalty is E(x) = weight·Σᵢ (violationᵢ(x)/scaleᵢ)², the constraint c made
// soft: points that obey it have energy 0, and a row broken by one scale costs
// weight (no unit, ≥ 0; 0 switches the penalty off). The violation of a row is
// |r| for an equation and max(r, 0) for an inequality.
func NewPenalty[K any, R Row[K]](name string, c Rows[R], weight float64) (Potential, error) {
	if !finite(weight) || weight < 0 {
		return nil, fmt.Errorf("potential: penalty %q: weight %g: want a finite number of at least 0", name, weight)
	}
	p := &penalty{name: name, weight: weight, rows: c}
	for i, row := range c.Rows() {
		r := struct {
			Name      string
			Kind      K
			Scale     float64
			Tolerance float64
		}(row)
		if !(r.Scale > 0) || !finite(r.Scale) {
			return nil, fmt.Errorf("potential: penalty %q: row %d (%s) has scale %g: want a positive number", name, i, r.Name, r.Scale)
		}
		p.scale = append(p.scale, r.Scale)
		p.equal = append(p.equal, row.Violation(-1) > 0) // only an equation minds a negative residual
	}
	if len(p.scale) == 0 {
		return nil, fmt.Errorf("potential: penalty %q: the constraint has no rows: give it at least one", name)
	}
	p.scratch.New = func() any { return new([]float64) }
	return p, nil
}

func (p *penalty) Name() string { return p.name }

// Energy is x [N, d] → [N]. A residual that is not a number stays one.
func (p *penalty) Energy(x *Node) *Node {
	scale, least := make([]float64, len(p.scale)), make([]float64, len(p.scale))
	for i := range scale {
		scale[i] = 1 / p.scale[i]
		if p.equal[i] {
			least[i] = math.Inf(-1)
		}
	}
	r := graph.Mul(p.rows.Residual(x), graph.ConstAs(x, [][]float64{scale})) // [N, m]
	v := graph.Where(graph.LessThan(r, graph.ConstAs(x, [][]float64{least})), graph.ZerosLike(r), r)
	return graph.MulScalar(graph.ReduceSum(graph.Square(v), 1), p.weight)
}

func (p *penalty) EnergyAt(x []float64) float64 { return p.at(x, nil) }

func (p *penalty) GradientAt(x, g []float64) float64 { return p.at(x, g) }

// at returns E, and writes ∂E/∂x = 2·weight·Σᵢ violationᵢ/scaleᵢ²·∂rᵢ/∂x into g
// unless it is nil.
func (p *penalty) at(x, g []float64) float64 {
	m, d := len(p.scale), len(x)
	buffer := p.scratch.Get().(*[]float64)
	if len(*buffer) < m*(1+d) {
		*buffer = make([]float64, m*(1+d))
	}
	r, jac := (*buffer)[:m], (*buffer)[m:m+m*d]
	p.rows.ResidualAt(x, r)
	if g != nil {
		clear(g)
		p.rows.JacobianAt(x, jac)
	}
	e := 0.0
	for i, s := range p.scale {
		if r[i] < 0 && !p.equal[i] {
			continue
		}
		v := r[i] / s
		e += v * v
		for j := range g {
			g[j] += 2 * p.weight * v / s * jac[i*d+j]
		}
	}
	p.scratch.Put(buffer)
	return p.weight * e
}
