package physics

import (
	"errors"
	"math"
	"slices"
	"testing"

	"abide/sparse"
)

// energyMass is the consistent mass matrix of linear elements on n nodes.
func energyMass(t *testing.T, n int) *sparse.CSR {
	var row, col []int32
	var value []float64
	for e := range int32(n - 1) {
		for a := range int32(2) {
			for b := range int32(2) {
				row, col, value = append(row, e+a), append(col, e+b), append(value, float64(1+(1-(a-b)*(a-b)))/6)
			}
		}
	}
	return lawsMust[*sparse.CSR](t)(sparse.FromTriplets(n, n, row, col, value))
}

// The shell of a matrix: obeyed, products that agree, a tangent that is M-self-adjoint,
// and no point of the shell that is nearer in M.
func TestEnergyForm(t *testing.T) {
	const n = 9
	m := energyMass(t, n)
	law := lawsMust[*EnergyForm](t)(NewEnergyForm(m, 2.5, Label{}))
	before := lawsRandom(n, 1)
	u := slices.Clone(before)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, _, _ := Violation(law, u); v > 1e-13 {
		t.Errorf("violated by %g", v)
	}
	distance := func(x []float64) float64 {
		d, y := make([]float64, n), make([]float64, n)
		for i := range d {
			d[i] = x[i] - before[i]
		}
		m.Apply(y, d)
		return dot(d, y)
	}
	for seed := range uint64(50) {
		other := lawsRandom(n, 10+seed)
		for i := range other {
			other[i] = u[i] + 0.1*other[i]
		}
		if err := law.Project(other); err != nil {
			t.Fatal(err)
		}
		if distance(other) < distance(u) {
			t.Errorf("a point of the shell is nearer: %g < %g", distance(other), distance(u))
		}
	}
	a, b := lawsRandom(n, 2), lawsRandom(n, 3)
	pa, pb := slices.Clone(a), slices.Clone(b)
	if err := errors.Join(law.Tangent(u, pa), law.Tangent(u, pb)); err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, n), make([]float64, n)
	m.Apply(x, b)
	m.Apply(y, pb)
	if l, r := dot(pa, x), dot(a, y); math.Abs(l-r) > 1e-13*(1+math.Abs(l)) {
		t.Errorf("⟨Πa, b⟩ = %g, ⟨a, Πb⟩ = %g", l, r)
	}
	jv, g := make([]float64, 1), make([]float64, n)
	law.JVP(jv, u, pa)
	law.VJP(g, u, []float64{1})
	if math.Abs(jv[0]) > 1e-13 || math.Abs(dot(g, pa)) > 1e-13 {
		t.Errorf("J Π a = %g, %g by the transpose", jv[0], dot(g, pa))
	}
}

// Against a bisection for λ, energies up and down, far and near; and what has no
// nearest point.
func TestEnergySecular(t *testing.T) {
	const n = 7
	mass, w := lawsTrapezium(n), lawsMetric(n)
	for _, energy := range []float64{1e-6, 0.1, 0.4, 3, 1e5} {
		law := lawsMust[*Energy](t)(NewEnergy(mass, []float64{energy}, nil, w, Label{Unit: energy}))
		before := lawsRandom(n, 2)
		u := slices.Clone(before)
		if err := law.Project(u); err != nil {
			t.Fatal(err)
		}
		steepest := 0.
		for i := range n {
			steepest = math.Max(steepest, mass[i]/w[i])
		}
		at := func(lambda float64) (x []float64, e float64) {
			for i := range n {
				x = append(x, before[i]/(1+lambda*mass[i]/w[i]))
				e += 0.5 * mass[i] * x[i] * x[i]
			}
			return x, e
		}
		low, high := -1/steepest, 1e9
		for range 300 {
			if _, e := at(0.5 * (low + high)); e > energy {
				low = 0.5 * (low + high)
			} else {
				high = 0.5 * (low + high)
			}
		}
		want, _ := at(0.5 * (low + high))
		for i := range u {
			if math.Abs(u[i]-want[i]) > 1e-8*math.Sqrt(energy) {
				t.Errorf("energy %g: number %d is %g, bisection has %g", energy, i, u[i], want[i])
			}
		}
	}
	law := lawsMust[*Energy](t)(NewEnergy(mass, []float64{1}, nil, nil, Label{}))
	if err := law.Project(make([]float64, n)); err == nil {
		t.Error("zero has no nearest point of a shell")
	}
	fixed := lawsMust[*Fixed](t)(NewFixed(n, []int32{3}, []float64{10}, Label{}))
	if _, err := NewEnergy(mass, []float64{1}, fixed, nil, Label{}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("a fixed node of more than the energy: %v", err)
	}
}
