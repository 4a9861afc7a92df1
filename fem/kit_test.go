package fem

import (
	"fmt"
	"math"
	"testing"

	"abide/mesh"
)

// One dimension, P1, load by two Gauss points: L² and H¹ errors to the printed digits.
func TestKitInterval(t *testing.T) {
	for n, want := range map[int]string{8: "9.9104e-03 2.5118e-01", 16: "2.4858e-03 1.2583e-01", 32: "6.2198e-04 6.2947e-02", 64: "1.5553e-04 3.1477e-02", 128: "3.8884e-05 1.5739e-02"} {
		o := orderProblem{1, orderUnit}
		V := orderSpace(t, orderMesh(t, mesh.Interval, n), P1)
		l2, h1 := o.errors(t, o.solve(t, V, Degree(3)))
		if got := fmt.Sprintf("%.4e %.4e", l2, h1); got != want {
			t.Errorf("n = %d: errors %s, want %s", n, got, want)
		}
	}
}

// The square, P1, load by the midpoints of edges: greatest error at nodes.
func TestKitSquare(t *testing.T) {
	for n, want := range map[int]string{8: "1.2876e-02", 16: "3.2143e-03", 32: "8.0329e-04", 64: "2.0080e-04"} {
		o := orderProblem{2, orderUnit}
		u := o.solve(t, orderSpace(t, orderMesh(t, mesh.Triangle, n), P1), Rule(EdgeMidpoints()))
		var worst float64
		for i, c := range u.Coef {
			worst = max(worst, math.Abs(c-o.u(u.Space.Place(i))))
		}
		if got := fmt.Sprintf("%.4e", worst); got != want {
			t.Errorf("n = %d: error %s, want %s", n, got, want)
		}
	}
}

// Load 1: the value in the middle.
func TestKitSquareConstant(t *testing.T) {
	for n, want := range map[int]string{16: ".073446", 32: ".073615", 64: ".073657"} {
		V := orderSpace(t, orderMesh(t, mesh.Triangle, n), P1)
		u, err := Problem{Space: V, Bilinear: Laplace, Linear: Constant(1), Dirichlet: []Dirichlet{{}}}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.6f", u.Coef[n/2*(n+1)+n/2])[1:]; got != want {
			t.Errorf("n = %d: %s, want %s", n, got, want)
		}
	}
}

// Darcy with a jump of the coefficient at a node: −(z u′)′ = 10 has a quadratic
// solution on either side, which P1 meets at the nodes.
func TestKitDarcy(t *testing.T) {
	V := orderSpace(t, orderMesh(t, mesh.Interval, 24), P1)
	z := make([]float64, 24)
	for c := range z {
		z[c] = 1 + float64(c/12)
	}
	u, err := Problem{Space: V, Diffusion: z, Linear: Constant(10), Dirichlet: []Dirichlet{{}}}.Solve()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{10: "0.868056", 6: "0.729167", 12: "0.833333", 18: "0.572917"} {
		if got := fmt.Sprintf("%.6f", u.Coef[i]); got != want {
			t.Errorf("u(%d/24) = %s, want %s", i, got, want)
		}
	}
}
