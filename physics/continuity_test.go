package physics

import (
	"math"
	"testing"

	"abide/fem"
	"abide/mesh"
)

// The law of continuity is ∇·u where that is constant, zero for flows of a stream function
// that the space holds and for what fem's own solver of Stokes' equations makes; a projected
// field has no divergence, and with walls it keeps them, the row that they imply dropped.
func TestContinuity(t *testing.T) {
	for _, shape := range []mesh.Shape{mesh.Triangle, mesh.Quadrilateral} {
		m := lawsMust[*mesh.Mesh](t)(mesh.NewRectangle(shape, 5, 4, 1, 2))
		velocity, pressure, err := fem.TaylorHood(m)
		if err != nil {
			t.Fatal(err)
		}
		law := lawsMust[*Linear](t)(NewContinuity(velocity, pressure, nil, Label{}))
		c := make([]float64, pressure.N())
		field := func(f func(x fem.Vec) fem.Vec) []float64 {
			return lawsMust[*fem.Function](t)(velocity.InterpolateVector(f)).Coef
		}
		law.Residual(c, field(func(x fem.Vec) fem.Vec { return fem.Vec{3 * x[0], 1 - x[1]} }))
		for i, v := range c {
			if math.Abs(v-2) > 1e-12 {
				t.Fatalf("∇·u = 2 is %g at vertex %d", v, i)
			}
		}
		// ψ = x²y + y³ − xy: u = (ψ_y, −ψ_x)
		turning := field(func(x fem.Vec) fem.Vec {
			return fem.Vec{x[0]*x[0] + 3*x[1]*x[1] - x[0], -2*x[0]*x[1] + x[1]}
		})
		if v, _, at := Violation(law, turning); v > 1e-12 {
			t.Errorf("a flow without divergence has %g at %d", v, at)
		}
		lid := func(x fem.Vec) fem.Vec { return fem.Vec{x[0] * (1 - x[0])} }
		stokes, _, err := fem.Saddle{U: velocity, P: pressure, A: fem.Viscous(1), B: fem.Continuity,
			Dirichlet: []fem.Dirichlet{{}, {Group: "top", Vector: lid}}, ZeroMean: true}.Solve()
		if err != nil {
			t.Fatal(err)
		}
		if v, _, at := Violation(law, stokes.Coef); v > 1e-12 {
			t.Errorf("Stokes' flow has divergence %g at %d", v, at)
		}
		wall := lawsMust[[]int32](t)(velocity.DofsOn())
		values := make([]float64, len(wall))
		for k, i := range wall {
			values[k] = stokes.Coef[i]
		}
		fixed := lawsMust[*Fixed](t)(NewFixed(velocity.N(), wall, values, Label{Name: "walls"}))
		both := lawsMust[*Linear](t)(NewStack(law.Metric(), fixed, law))
		if n := len(both.Dropped()); n != 1 {
			t.Errorf("%d rows dropped, want the one that walls imply", n)
		}
		u := lawsRandom(velocity.N(), 4)
		before := append([]float64(nil), u...)
		if err := both.Project(u); err != nil {
			t.Fatal(err)
		}
		if v, row, at := Violation(both, u); v > 1e-12 {
			t.Errorf("row %d is violated by %g at %d", row, v, at)
		}
		// Nearest: what was moved is at right angles to every field that obeys, the
		// difference to Stokes' flow being one without rows to serve.
		var along, moved, size float64
		for i, x := range u {
			d := (before[i] - x) * law.Metric()[i]
			along += d * (stokes.Coef[i] - x)
			moved += d * (before[i] - x)
			size += law.Metric()[i] * (stokes.Coef[i] - x) * (stokes.Coef[i] - x)
		}
		if math.Abs(along) > 1e-11*math.Sqrt(moved*size) {
			t.Errorf("the way is not normal: cosine %g", along/math.Sqrt(moved*size))
		}
	}
}

// Fluxes of RT0 are balanced in each cell; wrong pairs are told.
func TestContinuityOfFluxes(t *testing.T) {
	m := lawsMust[*mesh.Mesh](t)(mesh.NewRectangle(mesh.Triangle, 4, 4, 1, 1))
	flux := lawsMust[*fem.Space](t)(fem.NewSpace(m, fem.RT0))
	cell := lawsMust[*fem.Space](t)(fem.NewSpace(m, fem.P0))
	law := lawsMust[*Linear](t)(NewContinuity(flux, cell, nil, Label{}))
	u := lawsRandom(flux.N(), 9)
	if err := law.Project(u); err != nil {
		t.Fatal(err)
	}
	if v, _, at := Violation(law, u); v > 1e-12 {
		t.Errorf("cell %d has divergence %g", at, v)
	}
	scalar := lawsMust[*fem.Space](t)(fem.NewSpace(m, fem.P1))
	for name, make := range map[string]func() (*Linear, error){
		"scalar velocities": func() (*Linear, error) { return NewContinuity(scalar, cell, nil, Label{}) },
		"vector pressures": func() (*Linear, error) {
			return NewContinuity(flux, lawsMust[*fem.Space](t)(scalar.Vector(2)), nil, Label{})
		},
		"two meshes": func() (*Linear, error) {
			other := lawsMust[*mesh.Mesh](t)(mesh.NewRectangle(mesh.Triangle, 4, 4, 1, 1))
			return NewContinuity(flux, lawsMust[*fem.Space](t)(fem.NewSpace(other, fem.P0)), nil, Label{})
		},
		"pressures of degree 2": func() (*Linear, error) {
			return NewContinuity(flux, lawsMust[*fem.Space](t)(fem.NewSpace(m, fem.P2)), nil, Label{})
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s were taken", name)
		} else {
			t.Log(err)
		}
	}
}
