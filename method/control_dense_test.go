package method

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/diffusion"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// controlCase is a Gaussian of five columns under two equations A x = c and a measurement
// H x = y of three values, as matrices; the rows of A are of length 1 here and of others in
// the problem.
type controlCase struct {
	sigma, a, h, r *mat.Dense
	c, y           *mat.VecDense
	measured, rows *problem.Problem
}

func newControlCase(t *testing.T) controlCase {
	t.Helper()
	const d = 5
	s := keyed.New(8, "control", 0, 0)
	random := func(rows, cols int) *mat.Dense {
		m := mat.NewDense(rows, cols, nil)
		s.Normal(m.RawMatrix().Data)
		return m
	}
	k := controlCase{a: random(2, d), h: random(3, d), c: mat.NewVecDense(2, []float64{0.4, -0.7}), y: mat.NewVecDense(3, []float64{0.3, 0.1, -0.5})}
	f := random(d, d)
	k.sigma = sumOf(product(f, f.T()), scaledEye(d, 0.1))
	k.sigma.Scale(0.3, k.sigma)
	rows, bound := make([][]float64, 2), make([]float64, 2)
	for i := range rows {
		row := k.a.RawRowView(i)
		size := mat.Norm(k.a.RowView(i), 2)
		for j := range row {
			row[j] /= size
			rows[i] = append(rows[i], row[j]*float64(2+i))
		}
		bound[i] = k.c.AtVec(i) * float64(2+i)
	}
	eq, err := constraint.NewLinearEquality("rows", rows, bound)
	if err != nil {
		t.Fatal(err)
	}
	std := []float64{0.2, 0.5, 0.3}
	k.r = mat.NewDense(3, 3, nil)
	seen := make([][]float64, 3)
	for i := range seen {
		seen[i] = mat.Row(nil, i, k.h)
		k.r.Set(i, i, std[i]*std[i])
	}
	y, err := potential.NewMeasurement("y", seen, k.y.RawVector().Data, std)
	if err != nil {
		t.Fatal(err)
	}
	p := rawPrior(t, mat.NewSymDense(d, k.sigma.RawMatrix().Data))
	if k.rows, err = problem.New(p, []constraint.Constraint{eq}, nil); err != nil {
		t.Fatal(err)
	}
	if k.measured, err = problem.New(p, []constraint.Constraint{eq}, []potential.Potential{y}); err != nil {
		t.Fatal(err)
	}
	return k
}

// vector is a linear combination of vectors.
func vector(terms ...any) *mat.VecDense {
	var out *mat.VecDense
	for i := 0; i < len(terms); i += 2 {
		v := terms[i+1].(mat.Vector)
		if out == nil {
			out = mat.NewVecDense(v.Len(), nil)
		}
		out.AddScaledVec(out, terms[i].(float64), v)
	}
	return out
}

func matTimes(m mat.Matrix, v mat.Vector) *mat.VecDense {
	var out mat.VecDense
	out.MulVec(m, v)
	return &out
}

// level is what a step is made of.
type level struct{ a, b, a1, b1 float64 }

// mean is the clean estimate of z and its derivative.
func (k controlCase) mean(z mat.Vector, l level) (*mat.VecDense, *mat.Dense) {
	s2 := l.b * l.b / (l.a * l.a)
	j := product(k.sigma, inverted(sumOf(k.sigma, scaledEye(k.sigma.RawMatrix().Rows, s2))))
	j.Scale(1/l.a, j)
	return matTimes(j, z), j
}

// euler is a step of the flow dw/ds = v of w = z/(a + b), s = a/(a + b), whose straight
// lines go from the implied noise to x.
func euler(z, x mat.Vector, l level) *mat.VecDense {
	e := vector(1/l.b, z, -l.a/l.b, x)
	return vector(l.a1, x, l.b1, e)
}

// control is the first move of a control u of the flow.
func control(z, u mat.Vector, l level) *mat.VecDense {
	ds := l.a1/(l.a1+l.b1) - l.a/(l.a+l.b)
	return vector(1.0, z, (l.a+l.b)*ds, u)
}

// steps are those of one row of the table, by matrices and formulas of the papers that
// share nothing with the code; e is the noise of the start.
type denseStep func(k controlCase, z, e mat.Vector, l level) *mat.VecDense

func denseTOCFlow(kappa float64) denseStep {
	return func(k controlCase, z, _ mat.Vector, l level) *mat.VecDense {
		x, j := k.mean(z, l)
		left := l.b / (l.a + l.b)
		g := product(k.a, j)
		g.Scale(l.a+l.b, g)
		r := vector(1.0, matTimes(k.a, x), -1.0, k.c)
		down := matTimes(g.T(), r)
		gg, along := mat.Dot(down, down), matTimes(g, down)
		u := vector(-gg/(left*mat.Dot(along, along)+kappa*gg), down)
		z = control(z, u, l)
		x, _ = k.mean(z, l)
		return euler(z, x, l)
	}
}

func denseHardFlow(kappa float64) denseStep {
	return func(k controlCase, z, _ mat.Vector, l level) *mat.VecDense {
		x, j := k.mean(z, l)
		left := l.b / (l.a + l.b)
		g := product(k.a, j)
		g.Scale(l.a+l.b, g)
		r := vector(1.0, matTimes(k.a, x), -1.0, k.c)
		s := sumOf(product(g, g.T()), scaledEye(2, kappa/left))
		z = control(z, vector(-1/left, matTimes(g.T(), matTimes(inverted(s), r))), l)
		x, _ = k.mean(z, l)
		return euler(z, x, l)
	}
}

func denseProFlow(width, s2 float64, measured bool) denseStep {
	return func(k controlCase, z, _ mat.Vector, l level) *mat.VecDense {
		x, _ := k.mean(z, l)
		n2 := l.b * l.b / (l.a * l.a)
		rho2 := n2 * s2 / (n2 + s2)
		p := sumOf(scaledEye(5, 1/rho2), product(scaledEye(5, 1/(width*width)), k.a.T(), k.a))
		right := vector(1/rho2, x, 1/(width*width), matTimes(k.a.T(), k.c))
		if measured {
			hr := product(k.h.T(), inverted(k.r))
			p = sumOf(p, product(hr, k.h))
			right = vector(1.0, right, 1.0, matTimes(hr, k.y))
		}
		e := vector(1/l.b, z, -l.a/l.b, x)
		return vector(l.a1, matTimes(inverted(p), right), l.b1, e)
	}
}

func densePCFM(lambda, size float64, steps int) denseStep {
	return func(k controlCase, z, e mat.Vector, l level) *mat.VecDense {
		x, _ := k.mean(z, l)
		inverse := inverted(product(k.a, k.a.T()))
		r := vector(1.0, matTimes(k.a, x), -1.0, k.c)
		projected := vector(1.0, x, -1.0, matTimes(k.a.T(), matTimes(inverse, r)))
		v := vector(1.0, x, -1/l.b, z, l.a/l.b, x)
		c := l.a1 + l.b1
		line := vector(l.a1/c, projected, l.b1/c, e)
		w := line
		for range steps {
			if l.b1 == 0 {
				break
			}
			r := vector(1.0, matTimes(k.a, vector(1.0, w, l.b1/c, v)), -1.0, k.c)
			w = vector(1.0, w, -size, vector(2.0, w, -2.0, line, 2*lambda, matTimes(k.a.T(), r)))
		}
		return vector(c, w)
	}
}

// Every row that acts on the predicted end follows a recursion of dense matrices, number
// by number to 1e-9, through the steps that run, on paths with a + b = 1 and without.
func TestControlsFollowTheDenseRecursion(t *testing.T) {
	c := newControlCase(t)
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		p      *problem.Problem
		values Values
		step   denseStep
	}{
		{"tocflow", c.rows, Values{"damping": 0.03}, denseTOCFlow(0.03 * 2 / 5)},
		{"hardflow", c.rows, Values{"damping": 0.02, "cg": 4}, denseHardFlow(0.02 * 2 / 5)},
		{"hardflow", c.rows, Values{"damping": 0.02, "cg": 4, "rounds": 2}, denseHardFlow(0.02 * 2 / 5)},
		{"hardflow", c.rows, Values{"damping": 0.02, "cg": 1}, denseTOCFlow(0.02 * 2 / 5)},
		{"proflow", c.rows, Values{"width": 0.1, "data_variance": 0.7}, denseProFlow(0.1, 0.7, false)},
		{"proflow", c.measured, Values{"width": 0.1}, denseProFlow(0.1, 1, true)},
		{"pcfm", c.rows, Values{"penalty": 2.0}, densePCFM(2, 0.01, 10)},
		{"pcfm", c.rows, Values{"penalty": 2.0, "penalty_steps": 3, "penalty_size": 0.05}, densePCFM(2, 0.05, 3)},
		{"pcfm", c.rows, Values{"penalty": 0.0}, densePCFM(0, 0, 0)},
	} {
		for name, path := range map[string]diffusion.Path{"flow": diffusion.Flow{}, "vp": diffusion.VP{Min: 0.1, Max: 20}, "ve": diffusion.VE{Min: 0.02, Max: 20}} {
			g, err := diffusion.Uniform(path, 15)
			if err != nil {
				t.Fatal(err)
			}
			m, err := Find(row.name)
			if err != nil {
				t.Fatal(err)
			}
			k, err := m.New(e, row.p, Settings{Samples: 3, Seed: 5, Grid: g, Bridge: sampler.DDIM{Grid: g}, Values: row.values})
			if err != nil {
				t.Fatal(err)
			}
			state, err := k.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var z, noise [3]mat.Vector
			for i := range z {
				z[i] = mat.NewVecDense(5, append([]float64(nil), state.Z[5*i:5*i+5]...))
				noise[i] = vector(1/math.Hypot(g.A[0], g.B[0]), z[i])
			}
			for n := range g.Steps() {
				if err := k.Step(t.Context(), state); err != nil {
					t.Fatal(err)
				}
				for i := range z {
					z[i] = row.step(c, z[i], noise[i], level{g.A[n], g.B[n], g.A[n+1], g.B[n+1]})
					for j := range 5 {
						got, want := state.Z[5*i+j], z[i].AtVec(j)
						if !(math.Abs(got-want) <= 1e-9*math.Max(1, mat.Norm(z[i], 2))) {
							t.Fatalf("%s %v on %s: point %d, step %d: number %d is %.12g, by matrices %.12g", row.name, row.values, name, i, n, j, got, want)
						}
					}
				}
			}
		}
	}
}
