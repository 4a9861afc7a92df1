package fem

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"abide/mesh"
)

// quadExact is ∫ x^a y^b z^c over the reference cell: Π aₖ! / (d + Σ aₖ)! on simplices,
// Π 1/(aₖ+1) on tensor cells.
func quadExact(shape mesh.Shape, power [3]int) float64 {
	d := shape.Dim()
	if !simplex(shape) {
		v := 1.0
		for k := range d {
			v /= float64(power[k] + 1)
		}
		return v
	}
	r := big.NewRat(1, 1)
	total := int64(d)
	for k := range d {
		total += int64(power[k])
		r.Mul(r, new(big.Rat).SetInt(new(big.Int).MulRange(1, int64(power[k]))))
	}
	r.Quo(r, new(big.Rat).SetInt(new(big.Int).MulRange(1, total)))
	f, _ := r.Float64()
	return f
}

// A rule is exact for all monomials up to its degree, wrong for some of the next, and
// up to degree 6 has positive weights and points within the cell.
func TestQuadratureIsExact(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Interval, mesh.Triangle, mesh.Quadrilateral, mesh.Tetrahedron, mesh.Hexahedron} {
		for degree := range 12 {
			q, err := NewQuadrature(shape, degree)
			if err != nil {
				t.Fatal(err)
			}
			if q.Degree < degree {
				t.Fatalf("%v: degree %d for %d", shape, q.Degree, degree)
			}
			worst, next := 0.0, 0.0
			size := 0.0
			for _, w := range q.Weights {
				size += math.Abs(w)
			}
			for a := range q.Degree + 2 {
				for b := range q.Degree + 2 {
					for c := range q.Degree + 2 {
						p := [3]int{a, b, c}
						if (shape.Dim() < 3 && c > 0) || (shape.Dim() < 2 && b > 0) {
							continue
						}
						order := max(a, b, c)
						if simplex(shape) {
							order = a + b + c
						}
						if order > q.Degree+1 {
							continue
						}
						var sum float64
						for k, x := range q.Points {
							sum += q.Weights[k] * math.Pow(x[0], float64(a)) * math.Pow(x[1], float64(b)) * math.Pow(x[2], float64(c))
						}
						e := math.Abs(sum - quadExact(shape, p))
						if order <= q.Degree {
							worst = max(worst, e)
						} else {
							next = max(next, e)
						}
					}
				}
			}
			if worst > float64(len(q.Points)+8)*0x1p-52*size { // rounding of as many terms
				t.Errorf("%v degree %d: error %.2g", shape, degree, worst)
			}
			if next < 1e3*worst {
				t.Errorf("%v: the rule of degree %d is exact to the next (%.2g)", shape, q.Degree, next)
			}
			for k, x := range q.Points {
				inside := x[0] > 0 && x[0] < 1 && x[1] >= 0 && x[1] < 1 && x[2] >= 0 && x[2] < 1
				if simplex(shape) {
					inside = inside && x[0]+x[1]+x[2] < 1
				}
				if degree <= 6 && (!inside || q.Weights[k] <= 0) {
					t.Errorf("%v degree %d: point %v of weight %g", shape, degree, x, q.Weights[k])
				}
			}
		}
	}
	if _, err := NewQuadrature(mesh.Triangle, 21); err == nil {
		t.Error("degree 21 is taken")
	}
}

// Numbers of points of the rules that are cited.
func TestQuadratureSizes(t *testing.T) {
	for _, c := range []struct {
		shape mesh.Shape
		want  string
	}{
		{mesh.Interval, "[1 1 2 2 3 3 4]"},
		{mesh.Triangle, "[1 1 3 6 6 7 12]"},
		{mesh.Quadrilateral, "[1 1 4 4 9 9 16]"},
		{mesh.Tetrahedron, "[1 1 4 14 14 14 24]"},
		{mesh.Hexahedron, "[1 1 8 8 27 27 64]"},
	} {
		var n []int
		for degree := range 7 {
			q, _ := NewQuadrature(c.shape, degree)
			n = append(n, len(q.Points))
		}
		if got := fmt.Sprint(n); got != c.want {
			t.Errorf("%v: %s points, want %s", c.shape, got, c.want)
		}
	}
}

// Shape functions are 1 at their node and 0 at the others, sum to 1, and their slopes
// are those of their values.
func TestShapeFunctions(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Interval, mesh.Triangle, mesh.Quadrilateral, mesh.Tetrahedron, mesh.Hexahedron} {
		for _, e := range []Element{P0, P1, P2, Q1, Q2} {
			l, err := newLagrange(shape, e)
			if err != nil {
				continue
			}
			n := len(l.nodes)
			value, grad := make([]float64, n), make([]Vec, n)
			for k, x := range l.nodes {
				l.tabulate(x, value, grad)
				for i := range n {
					if want := map[bool]float64{true: 1}[i == k]; math.Abs(value[i]-want) > 1e-15 {
						t.Errorf("%v %v: function %d is %g at node %d", shape, e, i, value[i], k)
					}
				}
			}
			x := Vec{0.23, 0.31, 0.17}
			l.tabulate(x, value, grad)
			var sum float64
			var slope Vec
			for i := range n {
				sum, slope = sum+value[i], slope.Add(grad[i])
			}
			if math.Abs(sum-1) > 1e-14 || slope.Norm() > 1e-14 {
				t.Errorf("%v %v: sum %g with slope %v", shape, e, sum, slope)
			}
			up, down, other := make([]float64, n), make([]float64, n), make([]Vec, n)
			for k := range shape.Dim() {
				// Central differences are exact for degree 2 in each coordinate.
				h := x
				h[k] += 0.125
				l.tabulate(h, up, other)
				h[k] -= 0.25
				l.tabulate(h, down, other)
				for i := range n {
					if d := (up[i] - down[i]) / 0.25; math.Abs(d-grad[i][k]) > 1e-13 {
						t.Errorf("%v %v: slope %g of function %d along %d, want %g", shape, e, grad[i][k], i, k, d)
					}
				}
			}
		}
	}
}
