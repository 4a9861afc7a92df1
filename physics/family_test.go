package physics

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"abide/pde"
)

// familyCase is a family with the rows that do not follow from one another, so that S has
// a factor; of one without a matrix others may be there.
type familyCase struct {
	kind   string
	values pde.Values
	rows   []string
	keep   func(row string, place int) bool
	arrays []string
	kinked bool // the residual is not differentiable everywhere
	noise  float64
}

var familyCases = map[string]familyCase{
	"darcy":              {kind: "darcy", values: pde.Values{"grid": 6, "contrast": "lognormal"}, noise: 0.02},
	"darcy harmonic":     {kind: "darcy", values: pde.Values{"grid": 6, "contrast": "lognormal", "mean": "harmonic"}, noise: 0.02},
	"darcy u":            {kind: "darcy", values: pde.Values{"grid": 6}, arrays: []string{"u"}, noise: 0.02},
	"poisson":            {kind: "poisson", values: pde.Values{"grid": 6}, noise: 0.1},
	"helmholtz":          {kind: "helmholtz", values: pde.Values{"grid": 6, "k": 9.0}, noise: 0.1},
	"heat":               {kind: "heat", values: pde.Values{"grid": 6, "times": 5}, rows: []string{"equation", "boundary"}, noise: 0.1},
	"heat mass":          {kind: "heat", values: pde.Values{"grid": 6, "times": 5, "theta": 0.7}, rows: []string{"boundary", "mass"}, noise: 0.1},
	"wave":               {kind: "wave", values: pde.Values{"grid": 5, "times": 6}, rows: []string{"start", "equation", "boundary"}, noise: 0.1},
	"wave energy":        {kind: "wave", values: pde.Values{"grid": 5, "times": 6}, rows: []string{"start", "boundary", "energy"}, noise: 0.01},
	"burgers":            {kind: "burgers-shock", values: pde.Values{"grid": 8, "flux": "engquist-osher"}, rows: []string{"equation"}, kinked: true, noise: 0.01},
	"burgers godunov":    {kind: "burgers-shock", values: pde.Values{"grid": 8}, rows: []string{"initial", "mass"}, kinked: true, noise: 0.01},
	"burgers rusanov":    {kind: "burgers-shock", values: pde.Values{"grid": 8, "flux": "rusanov"}, kinked: true, keep: familyFirstSteps(3, 8), noise: 0.01},
	"reaction-diffusion": {kind: "reaction-diffusion", values: pde.Values{"grid": 8, "times": 6, "rho": 2.0}, rows: []string{"equation"}, noise: 0.01},
	"reaction mass":      {kind: "reaction-diffusion", values: pde.Values{"grid": 8, "times": 6, "rho": 2.0}, rows: []string{"mass"}, arrays: []string{"u"}, noise: 0.01},
	"allen-cahn":         {kind: "allen-cahn", values: pde.Values{"grid": 8, "times": 5, "end": 0.5}, noise: 0.01},
	"allen-cahn energy":  {kind: "allen-cahn", values: pde.Values{"grid": 8, "times": 5, "end": 0.5}, rows: []string{"energy"}, noise: 0.1},
	"advection":          {kind: "advection", values: pde.Values{"grid": 12, "times": 5, "highest": 4}, rows: []string{"equation"}, noise: 0.1},
	"advection energy":   {kind: "advection", values: pde.Values{"grid": 12, "times": 5, "highest": 4}, rows: []string{"mass", "energy"}, noise: 0.01},
	"navier-stokes":      {kind: "navier-stokes", values: pde.Values{"grid": 8, "times": 2, "end": 2.0, "steps": 2}, rows: []string{"equation", "mean"}, keep: familyFirstMean, noise: 0.1},
	"navier-stokes w":    {kind: "navier-stokes", values: pde.Values{"grid": 8, "times": 1, "end": 1.0, "nu": 0.01, "force": "random", "steps": 3}, rows: []string{"equation"}, arrays: []string{"w"}, noise: 0.3},
	"navier-stokes all":  {kind: "navier-stokes", values: pde.Values{"grid": 8, "times": 2, "end": 1.0, "steps": 2}, arrays: []string{"w"}, noise: 0.1}, // most rows of its band and means follow from others
	"navier-stokes cn":   {kind: "navier-stokes", values: pde.Values{"grid": 8, "times": 1, "end": 0.5, "scheme": "cn-euler", "steps": 3}, rows: []string{"equation"}, noise: 0.1},
	"burgers viscous":    {kind: "burgers", values: pde.Values{"grid": 8, "times": 3, "nu": 0.02}, rows: []string{"equation", "mass"}, keep: familyFirstMean, noise: 0.1},
	"burgers all":        {kind: "burgers", values: pde.Values{"grid": 16, "times": 2, "nu": 0.05, "steps": 8}, noise: 0.1}, // as of Navier–Stokes
	"fitzhugh-nagumo":    {kind: "fitzhugh-nagumo", values: pde.Values{"grid": 4, "times": 2, "end": 0.4, "steps": 10}, noise: 0.3},
}

// familyFirstMean leaves out the means of states that follow from an earlier one.
func familyFirstMean(row string, place int) bool { return row != "mean" && row != "mass" || place == 0 }

// familyFirstSteps keeps the equation of the first steps and the mass of the later ones.
func familyFirstSteps(steps, cells int) func(string, int) bool {
	return func(row string, place int) bool {
		switch row {
		case "equation":
			return place < steps*cells
		case "mass":
			return place >= steps
		}
		return true
	}
}

func familyMake(t testing.TB, c familyCase) (Constraint, pde.Family, pde.Sample) {
	t.Helper()
	for _, k := range pde.Table {
		if k.Name != c.kind {
			continue
		}
		f, err := k.Make(c.values)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Draw(context.Background(), 7, 3)
		if err != nil {
			t.Fatal(err)
		}
		p, err := FromFamily(f, Choice{Arrays: c.arrays, Given: s, Rows: c.rows, Keep: c.keep})
		if err != nil {
			t.Fatal(err)
		}
		return p, f, s
	}
	t.Fatalf("no family %q", c.kind)
	return nil, nil, nil
}

func familyField(p Constraint, s pde.Sample) []float64 {
	if f, ok := p.(*SparseFamily); ok {
		return f.Field(s)
	}
	return p.(*Family).Field(s)
}

func familyEach(t *testing.T, test func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand)) {
	for name, c := range familyCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, s := familyMake(t, c)
			test(t, c, p, familyField(p, s), rand.New(rand.NewPCG(1, 2)))
		})
	}
}

func familyNoise(r *rand.Rand, n int, scale float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = scale * r.NormFloat64()
	}
	return v
}

func familyDot(a, b []float64) (s float64) {
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

func familyPlus(a []float64, t float64, b []float64) []float64 {
	c := make([]float64, len(a))
	for i, x := range a {
		c[i] = x + t*b[i]
	}
	return c
}

func TestFamilyTrueData(t *testing.T) {
	familyEach(t, func(t *testing.T, _ familyCase, p Constraint, u []float64, _ *rand.Rand) {
		if v, row, place := Violation(p, u); !(v <= 1e-10) {
			t.Errorf("true data violate row %d at %d by %g", row, place, v)
		}
	})
}

// wᵀ(J v) = (Jᵀ w)ᵀ v, relative to the terms; the matrix is the same map.
func TestFamilyProducts(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		u = familyPlus(u, 1, familyNoise(r, len(u), c.noise))
		m := Size(p)
		v, w := familyNoise(r, len(u), 1), familyNoise(r, m, 1)
		jv, jw := make([]float64, m), make([]float64, len(u))
		p.JVP(jv, u, v)
		p.VJP(jw, u, w)
		scale := math.Sqrt(familyDot(jv, jv) * familyDot(w, w))
		if d := math.Abs(familyDot(w, jv) - familyDot(jw, v)); !(d <= 1e-12*scale) {
			t.Errorf("wᵀ(J v) and (Jᵀ w)ᵀ v differ by %g of %g", d, scale)
		}
		if s, ok := p.(Linearised); ok {
			j, got := s.Pattern().Like(), make([]float64, m)
			s.Jacobian(j, u)
			j.Apply(got, v)
			for i := range got {
				if !(math.Abs(got[i]-jv[i]) <= 1e-12*scale) {
					t.Fatalf("the matrix and JVP differ by %g in row %d", got[i]-jv[i], i)
				}
			}
		}
	})
}

// |c(u + εv) − c(u) − ε J v| falls as ε² or is rounding.
func TestFamilyDifferences(t *testing.T) {
	familyEach(t, func(t *testing.T, c familyCase, p Constraint, u []float64, r *rand.Rand) {
		u = familyPlus(u, 1, familyNoise(r, len(u), c.noise))
		m, v := Size(p), familyNoise(r, len(u), 1)
		jv, c0, c1 := make([]float64, m), make([]float64, m), make([]float64, m)
		p.JVP(jv, u, v)
		p.Residual(c0, u)
		rest := func(eps float64) float64 {
			p.Residual(c1, familyPlus(u, eps, v))
			var sum float64
			for i := range c1 {
				d := c1[i] - c0[i] - eps*jv[i]
				sum += d * d
			}
			return math.Sqrt(sum)
		}
		size := math.Sqrt(familyDot(jv, jv))
		const eps = 1e-4
		coarse, fine := rest(eps), rest(eps/8)
		if coarse <= 1e-9*size*eps { // linear
			return
		}
		if slope := math.Log(coarse/fine) / math.Log(8); !(math.Abs(slope-2) <= 0.05) {
			t.Errorf("slope %.3f (%g, %g of %g), want 2", slope, coarse, fine, size*eps)
		}
	})
}
