package physics

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// A gradient of a band-limited potential vanishes, a rotation of one stays, the mean
// stays, and Nyquist numbers, whose derivative is zero, are not touched.
func TestLerayParts(t *testing.T) {
	for _, n1 := range []int{6, 8} { // by real transforms, and u + iv in one
		const n0 = 8
		n := n0 * n1
		law := lawsMust[*Leray](t)(NewLeray([]int{n0, n1}, []float64{2, 3}, nil, Label{}))
		// The modes (2, 1) and (3, −2), each in the wave numbers of its axis.
		gradient, rotation, rest := make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n)
		for i := range n0 {
			for j := range n1 {
				at := i*n1 + j
				for _, mode := range [][2]float64{{2, 1}, {3, -2}} {
					k0, k1 := 2*math.Pi*mode[0]/2, 2*math.Pi*mode[1]/3
					x := math.Cos(k0*2*float64(i)/n0 + k1*3*float64(j)/float64(n1) + 0.3)
					gradient[at] += k0 * x
					gradient[n+at] += k1 * x
					rotation[at] += k1 * x
					rotation[n+at] -= k0 * x
				}
				rest[at], rest[n+at] = 0.7+float64(1-2*(i%2)), -1.1+float64(1-2*(j%2))
			}
		}
		sum := make([]float64, len(rest))
		for i := range sum {
			sum[i] = gradient[i] + rotation[i] + rest[i]
		}
		if err := law.Project(sum); err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			if math.Abs(sum[i]-rotation[i]-rest[i]) > 1e-13*10 {
				t.Fatalf("%d columns: number %d is %g, want %g", n1, i, sum[i], rotation[i]+rest[i])
			}
		}
	}
}

// At sizes of use divergence is 1e-12 in units of velocity over cell width.
func TestDivergenceLarge(t *testing.T) {
	const n = 128
	periodic := lawsMust[*Leray](t)(NewLeray([]int{n, n}, []float64{1, 1}, nil, Label{Unit: n}))
	walls := lawsMust[*MAC](t)(NewMAC([]int{n, n}, []float64{1. / n, 1. / n}, []Wall{{}, {}}, nil, Label{Unit: n}))
	for _, law := range []Projector{periodic, walls} {
		u := lawsRandom(law.Dim(), 2)
		if err := law.Project(u); err != nil {
			t.Fatal(err)
		}
		if v, _, _ := Violation(law, u); v > 1e-12 {
			t.Errorf("divergence of %g units", v)
		}
	}
}

// The gradient of one smooth potential, whose pressure is large beside its second
// differences, in units of velocity over length: the second pass is for such flows.
func TestMACSmooth(t *testing.T) {
	const n = 256
	law := lawsMust[*MAC](t)(NewMAC([]int{n, n}, []float64{1. / n, 1. / n}, []Wall{{}, {}}, nil, Label{}))
	u := make([]float64, law.Dim())
	for i := range n + 1 {
		for j := range n {
			u[i*n+j] = math.Sin(math.Pi * float64(i) / n)
		}
	}
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, _, _ := Violation(law, u); v > 1e-12 {
		t.Errorf("divergence of %g units", v)
	}
}

func TestMACWalls(t *testing.T) {
	_, err := NewMAC([]int{3, 2}, []float64{1, 1}, []Wall{{Low: []float64{1, 1}}, {}}, nil, Label{})
	if !errors.Is(err, ErrInfeasible) {
		t.Errorf("walls that only let in: %v", err)
	}
	_, err = NewMAC([]int{3, 2}, []float64{1, 1}, []Wall{{}, {}}, lawsMetric(17), Label{})
	if err == nil {
		t.Error("a metric that varies is taken")
	}
}

// Flows of a stream function have no divergence and are kept by the projection; the
// adjoint is one.
func TestStream(t *testing.T) {
	for _, walls := range [][]Wall{{{}, {}}, {{Periodic: true}, {}}, {{Periodic: true}, {Periodic: true}}} {
		m := lawsMust[*MAC](t)(NewMAC([]int{5, 4}, []float64{0.2, 0.5}, walls, nil, Label{}))
		s := lawsMust[*Stream](t)(NewStream(m))
		c := s.Corners()
		psi := lawsRandom(c[0]*c[1], 1)
		for i := range c[0] {
			for j := range c[1] {
				if !walls[0].Periodic && (i == 0 || i == c[0]-1) || !walls[1].Periodic && (j == 0 || j == c[1]-1) {
					psi[i*c[1]+j] = 0.4
				}
			}
		}
		u := make([]float64, m.Dim())
		s.Velocity(u, psi)
		if v, row, _ := Violation(m, u); v > 1e-13*100 {
			t.Errorf("%v: %s violated by %g", walls, m.Rows()[row].Name, v)
		}
		kept := slices.Clone(u)
		if err := m.Project(kept); err != nil {
			t.Fatal(err)
		}
		for i := range u {
			if math.Abs(u[i]-kept[i]) > 1e-12 {
				t.Fatalf("face %d moves by %g", i, kept[i]-u[i])
			}
		}
		w, back := lawsRandom(m.Dim(), 2), make([]float64, len(psi))
		s.Adjoint(back, w)
		if a, b := dot(u, w), dot(psi, back); math.Abs(a-b) > 1e-12*(1+math.Abs(a)) {
			t.Errorf("⟨Sψ, w⟩ = %g, ⟨ψ, Sᵀw⟩ = %g", a, b)
		}
	}
}
