package inverse

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/correct"
	"abide/diffusion"
	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/physics"
	"abide/prior"
	"abide/sampler"
)

// equated is N(0, C) in sampler coordinates with rows A u = y, written out; the last row
// follows from the others.
type equated struct {
	prior *prior.Prior
	c, a  *mat.Dense
	y     *mat.Dense
	rows  constraint.Constraint
	law   law // of u given the rows
}

func newEquated(t *testing.T) equated {
	t.Helper()
	const d = 5
	s := keyed.New(33, "equated", d, 0)
	f, mu := mat.NewDense(d, d, nil), make([]float64, d)
	s.Normal(f.RawMatrix().Data)
	s.Normal(mu)
	cov := mat.NewSymDense(d, nil)
	cov.SymOuterK(1, f)
	for i := range d {
		cov.SetSym(i, i, cov.At(i, i)+0.1)
	}
	p, err := prior.NewGaussian(mu, cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	scales := p.Coordinates.Scale
	rows, y := [][]float64{make([]float64, d), make([]float64, d), make([]float64, d)}, make([]float64, 3)
	s.Normal(rows[0])
	s.Normal(rows[1])
	s.Normal(y[:2])
	y[2] = y[0] - 2*y[1]
	for j := range d {
		rows[2][j] = rows[0][j] - 2*rows[1][j]
	}
	q := equated{prior: p, c: mat.NewDense(d, d, nil), a: mat.NewDense(2, d, nil), y: mat.NewDense(2, 1, nil)}
	if q.rows, err = constraint.NewLinearEquality("rows", rows, y); err != nil {
		t.Fatal(err)
	}
	for i := range d {
		for j := range d {
			q.c.Set(i, j, cov.At(i, j)/(scales[i]*scales[j]))
		}
	}
	for i := range 2 {
		v := y[i]
		for j := range d {
			v -= rows[i][j] * p.Coordinates.Shift[j]
			q.a.Set(i, j, rows[i][j]*scales[j])
		}
		q.y.Set(i, 0, v)
	}
	gain := times(q.c, q.a.T(), inverse(t, times(q.a, q.c, q.a.T())))
	q.law = law{times(gain, q.y), minus(q.c, times(gain, q.a, q.c))}
	return q
}

func (q equated) bridge(t *testing.T, g diffusion.Grid, step sampler.Bridge) *TweedieProjection {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	r, err := correct.NewResiduals(q.prior.Coordinates, constraint.Law(q.rows, q.prior.Coordinates.Dim()))
	if err != nil {
		t.Fatal(err)
	}
	return NewTweedieProjection(NewModel(e, q.prior, nil), g, step, r, 10)
}

// affine is the mean of points given a z, for u of a Gaussian law.
func (l law) affine(t *testing.T) sampler.Mean {
	d, _ := l.v.Dims()
	return func(z []float64, a, b float64) ([]float64, error) {
		k := times(scale(a, l.v), inverse(t, plus(scale(a*a, l.v), scale(b*b, eye(d)))))
		out := make([]float64, len(z))
		for i := 0; i < len(z); i += d {
			x := plus(l.m, times(k, minus(mat.NewDense(d, 1, append([]float64(nil), z[i:i+d]...)), scale(a, l.m))))
			copy(out[i:], x.RawMatrix().Data)
		}
		return out, nil
	}
}

// carry is the law at the end of a bridge that starts from the prior's first level.
func (q equated) carry(t *testing.T, g diffusion.Grid, b sampler.Bridge, mean sampler.Mean) law {
	t.Helper()
	d := q.prior.Coordinates.Dim()
	start := law{mat.NewDense(d, 1, nil), plus(scale(g.A[0]*g.A[0], q.c), scale(g.B[0]*g.B[0], eye(d)))}
	out := testkit.Carry(t, d, 0, g.Steps(), start.gaussian(), func(k int, z []float64, noise func([]float64)) error {
		p := sampler.Points{Z: z, Dim: d}
		if m, ok := b.(sampler.Multistep); ok {
			p.Memory = make([]float64, len(z)/d*m.Memory(d))
		}
		return b.Step(p, k, mean, noise)
	})
	return law{mat.NewDense(d, 1, out.Mean), mat.NewDense(d, d, out.Cov)}
}

// For a Gaussian prior and linear rows, dependent ones among them, the law of the samples
// is that of the same sampler with the exact conditional denoiser, on any path and with
// any noise; and it tends to the conditional law at the sampler's order.
func TestTweedieProjectionIsExactForGaussians(t *testing.T) {
	q := newEquated(t)
	free := law{scale(0, q.law.m), q.c}
	for name, g := range grids(t, 8) {
		for _, eta := range []float64{0, 1} {
			step := sampler.DDIM{Grid: g, Eta: eta}
			got := q.carry(t, g, q.bridge(t, g, step), free.affine(t))
			same(t, fmt.Sprintf("%s, η = %g", name, eta), got, q.carry(t, g, step, q.law.affine(t)), 1e-7)
		}
	}
	var errs []float64
	for _, n := range []int{100, 200, 400} {
		g := grids(t, n)["flow"]
		errs = append(errs, q.carry(t, g, q.bridge(t, g, sampler.DDIM{Grid: g, Eta: 1}), free.affine(t)).distance(q.law))
	}
	t.Logf("distance from the conditional law at 100, 200 and 400 steps: %.3g", errs)
	for i := range 2 {
		if r := errs[i] / errs[i+1]; !(r > 1.8 && r < 2.2) {
			t.Errorf("twice the steps have %.3g times smaller errors, the sampler is of first order", r)
		}
	}
}

// Rows that are not linear are linearised at the estimate, rows g ≤ 0 count where they are
// broken, and points do not know of each other: all against the formula with matrices.
func TestTweedieProjectionIsItsFormula(t *testing.T) {
	q := newEquated(t)
	d := q.prior.Coordinates.Dim()
	var laws []physics.Constraint
	for _, text := range []string{"x[0]**2 + x[1]*x[2] == 1", "x[3]*x[4] + x[0] <= 0.2", "x[1] >= -100"} {
		r, err := expr.ParseRelation(text, nil, d)
		if err != nil {
			t.Fatal(err)
		}
		c, err := constraint.NewFormula(text, r, d)
		if err != nil {
			t.Fatal(err)
		}
		laws = append(laws, constraint.Law(c, d))
	}
	r, err := correct.NewResiduals(q.prior.Coordinates, laws...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	const n = 12
	var active, points int
	free := law{scale(0, q.law.m), q.c}
	for _, level := range [][2]float64{{1, 0.3}, {0.5, 0.5}, {0.01, 1}} {
		a, b := level[0], level[1]
		z := make([]float64, n*d)
		keyed.New(2, "z", 0, 0).Normal(z)
		x, _ := free.affine(t)(z, a, b)
		got := append([]float64(nil), x...)
		for _, floor := range []float64{1e-6, 0.1} {
			s := NewTweedieProjection(NewModel(e, q.prior, nil), diffusion.Grid{}, nil, r, 10)
			s.Floor = floor
			copy(got, x)
			if _, err := s.project(got, z, make([]float64, n*remembered), d, a, b); err != nil {
				t.Fatal(err)
			}
			sigma := b / a
			tau := floor * sigma / math.Sqrt(1+sigma*sigma)
			open := plus(minus(q.c, times(scale(a*a, q.c), inverse(t, plus(scale(a*a, q.c), scale(b*b, eye(d)))), q.c)), scale(tau*tau, eye(d)))
			for i := range n {
				xi := x[i*d : (i+1)*d]
				res := make([]float64, r.Size())
				r.At(res, xi)
				var rows [][]float64
				var y []float64
				for j, v := range res {
					if j > 0 && v == 0 {
						continue
					}
					unit, row := make([]float64, r.Size()), make([]float64, d)
					unit[j] = 1
					r.VJP(row, xi, unit)
					rows, y = append(rows, row), append(y, v)
				}
				active += len(y)
				points++
				j := mat.NewDense(len(y), d, nil)
				for k := range rows {
					j.SetRow(k, rows[k])
				}
				move := times(open, j.T(), inverse(t, times(j, open, j.T())), mat.NewDense(len(y), 1, y))
				for k := range d {
					if want := xi[k] - move.At(k, 0); !(math.Abs(got[i*d+k]-want) <= 1e-6*(1+math.Abs(want))) {
						t.Fatalf("a %g, b %g, floor %g, point %d: number %d is %.9g, want %.9g", a, b, floor, i, k, got[i*d+k], want)
					}
				}
			}
		}
	}
	if active == points || active == 2*points {
		t.Error("the inequality is not broken by some points and obeyed by others")
	}
}

// backwards is a denoiser whose Jacobian is no covariance.
type backwards struct{}

func (backwards) Denoise(u, sigma *Node) *Node { return graph.Neg(u) }

// What a point is not solved for is remembered apart: a direction of negative curvature is
// counted, and the estimate left as it is; iterations that run out leave their residual. What
// the sampler remembers is its own.
func TestTweedieProjectionRemembers(t *testing.T) {
	q := newEquated(t)
	d := q.prior.Coordinates.Dim()
	g := grids(t, 4)["flow"]
	rows := q.bridge(t, g, nil).Rows
	for name, c := range map[string]struct {
		denoiser    prior.Denoiser
		iterations  int
		left, curve bool
	}{
		"backwards": {backwards{}, 10, false, true}, "too few": {q.prior.Denoiser, 1, true, false}, "enough": {q.prior.Denoiser, 10, false, false},
	} {
		e, err := engine.Open("go")
		if err != nil {
			t.Fatal(err)
		}
		p := *q.prior
		p.Denoiser = c.denoiser
		s := NewTweedieProjection(NewModel(e, &p, nil), g, sampler.DPMSolver{Grid: g}, rows, c.iterations)
		m := s.Memory(d)
		if own := (sampler.DPMSolver{Grid: g}).Memory(d); m != own+2 {
			t.Fatalf("%d numbers are remembered, the sampler's are %d", m, own)
		}
		const n = 3
		z := make([]float64, n*d)
		keyed.New(3, "remembers", 0, 0).Normal(z)
		points := sampler.Points{Z: z, Memory: make([]float64, n*m), Dim: d}
		free := law{scale(0, q.law.m), q.c}.affine(t)
		for k := range 2 {
			if err := s.Step(points, k, free, nil); err != nil {
				t.Fatal(name, err)
			}
		}
		if name == "enough" { // the sampler's own steps with the conditional mean
			own := make([]float64, n*d)
			keyed.New(3, "remembers", 0, 0).Normal(own)
			bare := sampler.Points{Z: own, Memory: make([]float64, n*(m-2)), Dim: d}
			for k := range 2 {
				if err := (sampler.DPMSolver{Grid: g}).Step(bare, k, q.law.affine(t), nil); err != nil {
					t.Fatal(err)
				}
			}
			for i, want := range bare.Z {
				if !(math.Abs(z[i]-want) <= 1e-6*(1+math.Abs(want))) {
					t.Errorf("number %d is %.9g after two steps, %.9g with the conditional mean", i, z[i], want)
				}
			}
			for i, want := range bare.Memory {
				if got := points.Memory[i/(m-2)*m+i%(m-2)]; !(math.Abs(got-want) <= 1e-6*(1+math.Abs(want))) {
					t.Errorf("the sampler remembers %.9g, alone %.9g", got, want)
				}
			}
		}
		for i := range n {
			left, curved := points.Memory[(i+1)*m-2], points.Memory[(i+1)*m-1]
			if (left > 0) != c.left || (curved == 2) != c.curve || curved != 0 && curved != 2 {
				t.Errorf("%s, point %d: %g left, %g estimates at negative curvature", name, i, left, curved)
			}
		}
	}
}
