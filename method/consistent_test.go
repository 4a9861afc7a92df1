package method

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/operator"
	"abide/potential"
	"abide/problem"
	"abide/sampler"
)

// measuredCase is a Gaussian prior N(0, C) in sampler coordinates and a measurement
// y = H u + n, n ~ N(0, R), all written out: what methods are computed from again.
type measuredCase struct {
	problem *problem.Problem
	c, h, r *mat.Dense
	y       *mat.VecDense
}

// transition is z′ = A z + o + n, n ~ N(0, Q).
type transition struct {
	a, q *mat.Dense
	o    *mat.VecDense
}

func (p *measuredCase) dim() int { return p.c.RawMatrix().Rows }

// measuredCases have a prior that is nowhere diagonal and columns of their own shift
// and scale, but for the last, which keeps the mask's own decomposition.
func measuredCases(t *testing.T) map[string]*measuredCase {
	t.Helper()
	const d, m = 8, 4
	s := keyed.New(21, "measured cases", 0, 0)
	normal := func(r, c int) *mat.Dense {
		v := make([]float64, r*c)
		s.Normal(v)
		return mat.NewDense(r, c, v)
	}
	spd := func(n int) *mat.SymDense {
		var c mat.SymDense
		c.SymOuterK(1/float64(n), normal(n, n+2))
		return &c
	}
	c, shift, scale := spd(d), normal(1, d).RawRowView(0), normal(1, d).RawRowView(0)
	for i, v := range scale {
		scale[i] = math.Exp(0.3 * v)
	}
	matrix, err := operator.NewMatrix(rowsOf(normal(m, d)))
	if err != nil {
		t.Fatal(err)
	}
	mask, err := operator.NewMask(d, []int{6, 1, 3, 0})
	if err != nil {
		t.Fatal(err)
	}
	correlated, err := potential.NewCorrelated(rowsOf(mat.DenseCopyOf(spd(m))))
	if err != nil {
		t.Fatal(err)
	}
	several, err := potential.NewNormal([]float64{0.3, 1.1, 0.05, 0.6})
	if err != nil {
		t.Fatal(err)
	}
	one, err := potential.NewNormal(slices.Repeat([]float64{0.4}, m))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*measuredCase{}
	for _, k := range []struct {
		name  string
		op    operator.Linear
		noise *potential.Normal
		units bool
	}{{"matrix", matrix, correlated, true}, {"mask", mask, several, true}, {"structured", mask, one, false}} {
		y, err := potential.NewMeasured("y", k.op, normal(1, m).RawRowView(0), k.noise)
		if err != nil {
			t.Fatal(err)
		}
		pr := rawPrior(t, c)
		if k.units {
			pr.Coordinates.Shift, pr.Coordinates.Scale = shift, scale
		}
		p := &measuredCase{c: mat.DenseCopyOf(c), r: mat.NewDense(m, m, k.noise.Covariance()), y: mat.NewVecDense(m, slices.Clone(y.Y))}
		p.h = mat.NewDense(m, d, slices.Clone(operator.Dense(k.op)))
		var at mat.VecDense
		at.MulVec(p.h, mat.NewVecDense(d, pr.Coordinates.Shift))
		p.y.SubVec(p.y, &at)
		for j, v := range pr.Coordinates.Scale {
			for i := range m {
				p.h.Set(i, j, p.h.At(i, j)*v)
			}
		}
		if p.problem, err = problem.New(pr, nil, []potential.Potential{y}); err != nil {
			t.Fatal(err)
		}
		out[k.name] = p
	}
	return out
}

func rowsOf(a *mat.Dense) [][]float64 {
	var rows [][]float64
	for i := range a.RawMatrix().Rows {
		rows = append(rows, mat.Row(nil, i, a))
	}
	return rows
}

// Shorthand for matrices: products, sums and inverses.
func multiplied(m ...mat.Matrix) *mat.Dense {
	out := mat.DenseCopyOf(m[0])
	for _, b := range m[1:] {
		var c mat.Dense
		c.Mul(out, b)
		out = &c
	}
	return out
}

func plusTimes(a mat.Matrix, f float64, b mat.Matrix) *mat.Dense {
	var s, c mat.Dense
	s.Scale(f, b)
	c.Add(a, &s)
	return &c
}

func scaledBy(f float64, a mat.Matrix) *mat.Dense {
	var c mat.Dense
	c.Scale(f, a)
	return &c
}

func inverseOf(a mat.Matrix) *mat.Dense {
	var c mat.Dense
	if err := c.Inverse(a); err != nil {
		panic(err)
	}
	return &c
}

func diagonalWith(v []float64) *mat.Dense { return mat.DenseCopyOf(mat.NewDiagDense(len(v), v)) }

func (p *measuredCase) eye() *mat.Dense { return diagonalWith(slices.Repeat([]float64{1}, p.dim())) }

// k is the matrix of x̂ = E[u | z] for z = a u + b n.
func (p *measuredCase) k(a, b float64) *mat.Dense {
	return multiplied(scaledBy(a, p.c), inverseOf(plusTimes(scaledBy(a*a, p.c), b*b, p.eye())))
}

// pinv is H⁺, for H of full row rank.
func (p *measuredCase) pinv() *mat.Dense {
	return multiplied(p.h.T(), inverseOf(multiplied(p.h, p.h.T())))
}

func (p *measuredCase) vector(a mat.Matrix) *mat.VecDense {
	var v mat.VecDense
	v.MulVec(a, p.y)
	return &v
}

// ddim is the unguided step.
func (p *measuredCase) ddim(eta, a, b, a1, b1 float64) transition {
	c := eta * b1 * math.Sqrt(1-math.Pow(a*b1/(a1*b), 2))
	e := math.Sqrt(b1*b1-c*c) / b
	return transition{plusTimes(scaledBy(e, p.eye()), a1-a*e, p.k(a, b)), scaledBy(c*c, p.eye()), mat.NewVecDense(p.dim(), nil)}
}

// pigdm adds f·Kᵀ G (y − H K z) to the DDIM step.
func (p *measuredCase) pigdm(eta, f float64, g mat.Matrix, a, b, a1, b1 float64) transition {
	s := p.ddim(eta, a, b, a1, b1)
	k := p.k(a, b)
	pull := scaledBy(f, multiplied(k.T(), g))
	s.a = plusTimes(s.a, -1, multiplied(pull, p.h, k))
	s.o = p.vector(pull)
	return s
}

// basis are the eigenvectors of HᵀR⁻¹H, all of them, and the roots of its
// eigenvalues, 0 beyond the rank.
func (p *measuredCase) basis() (*mat.Dense, []float64) {
	n := multiplied(p.h.T(), inverseOf(p.r), p.h)
	d := p.dim()
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			sym.SetSym(i, j, 0.5*(n.At(i, j)+n.At(j, i)))
		}
	}
	var f mat.EigenSym
	if !f.Factorize(sym, true) {
		panic("no eigenvalues")
	}
	var v mat.Dense
	f.VectorsTo(&v)
	s := f.Values(nil)
	for i, l := range s {
		if i < d-p.h.RawMatrix().Rows {
			l = 0
		}
		s[i] = math.Sqrt(l)
	}
	return &v, s
}

// spectral is z′ = V(α Vᵀz + β Vᵀx̂ + γ Vᵀu⁺ + δ n), u⁺ the weighted least-squares
// solution, with numbers that depend on the singular value.
func (p *measuredCase) spectral(a, b float64, f func(s float64) (alpha, beta, gamma, delta float64)) transition {
	v, s := p.basis()
	d := p.dim()
	al, be, ga, de := make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, d)
	for i := range s {
		al[i], be[i], ga[i], de[i] = f(s[i])
		if s[i] > 0 {
			ga[i] /= s[i] * s[i]
		}
		de[i] *= de[i]
	}
	in := func(w []float64) *mat.Dense { return multiplied(v, diagonalWith(w), v.T()) }
	return transition{plusTimes(in(al), 1, multiplied(in(be), p.k(a, b))), in(de), p.vector(multiplied(in(ga), p.h.T(), inverseOf(p.r)))}
}

// replaced is a step followed by replacement at full share c.
func (p *measuredCase) replaced(s transition, c, a1, b1 float64) transition {
	proj := multiplied(p.pinv(), p.h)
	keep := plusTimes(p.eye(), -c, proj)
	var o mat.VecDense
	o.MulVec(keep, s.o)
	o.AddScaledVec(&o, c*a1, p.vector(p.pinv()))
	return transition{multiplied(keep, s.a), plusTimes(multiplied(keep, s.q, keep.T()), c*c*b1*b1, proj), &o}
}

// law carries N(0, v I) through transitions.
func (p *measuredCase) law(mean *mat.VecDense, cov *mat.Dense, steps []transition) testkit.Gaussian {
	for _, s := range steps {
		var m mat.VecDense
		m.MulVec(s.a, mean)
		m.AddVec(&m, s.o)
		mean, cov = &m, plusTimes(multiplied(s.a, cov, s.a.T()), 1, s.q)
	}
	return testkit.Gaussian{Mean: mean.RawVector().Data, Cov: cov.RawMatrix().Data}
}

// jumpTimes are the levels that time travel visits, in the way of the authors of
// RePaint: a list of times from n − 1 to −1 with jumps back at multiples of the
// length, each repeat − 1 times.
func jumpTimes(n, length, repeat int) []int {
	left := map[int]int{}
	for j := 0; j < n-length; j += length {
		left[j] = repeat - 1
	}
	var times []int
	for t := n; t >= 1; {
		t--
		times = append(times, t)
		if left[t] > 0 {
			left[t]--
			for range length {
				t++
				times = append(times, t)
			}
		}
	}
	return append(times, -1)
}

// Every affine method against the recursion of its paper with matrices written out:
// random priors, operators, correlated noise and noise of its own for each value,
// columns of their own scale; vp and ve; the method's own start included.
func TestConsistentMethodsAgainstDenseRecursions(t *testing.T) {
	const n = 9
	vp, err := diffusion.Uniform(diffusion.VP{Min: 0.1, Max: 20}, n)
	if err != nil {
		t.Fatal(err)
	}
	ve, err := diffusion.Uniform(diffusion.VE{Min: 0.05, Max: 20}, n)
	if err != nil {
		t.Fatal(err)
	}
	for pname, p := range measuredCases(t) {
		for gname, g := range map[string]diffusion.Grid{"vp": vp, "ve": ve} {
			d := p.dim()
			a0, b0 := g.A[0], g.B[0]
			zero, wide := mat.NewVecDense(d, nil), scaledBy(b0*b0, p.eye())
			each := func(f func(a, b, a1, b1 float64) transition) []transition {
				var all []transition
				for k := range n {
					all = append(all, f(g.A[k], g.B[k], g.A[k+1], g.B[k+1]))
				}
				return all
			}
			travelled := func(length, repeat int, f func(a, b, a1, b1 float64) transition) []transition {
				var all []transition
				s := jumpTimes(n, length, repeat)
				for i := range s[1:] {
					from, to := n-1-s[i], n-1-s[i+1]
					if to > from {
						all = append(all, f(g.A[from], g.B[from], g.A[to], g.B[to]))
						continue
					}
					r := g.A[to] / g.A[from]
					all = append(all, transition{scaledBy(r, p.eye()), scaledBy(g.B[to]*g.B[to]-r*r*g.B[from]*g.B[from], p.eye()), zero})
				}
				return all
			}
			r2 := func(a, b, s2 float64) float64 { return b * b * s2 / (b*b + a*a*s2) }
			ddrm := func(eta, etaB float64) func(a, b, a1, b1 float64) transition {
				return func(a, b, a1, b1 float64) transition {
					e := math.Sqrt(1 - eta*eta)
					return p.spectral(a, b, func(s float64) (float64, float64, float64, float64) {
						switch {
						case s == 0:
							return b1 * e / b, a1 - a*b1*e/b, 0, b1 * eta
						case b1/a1 < 1/s:
							return 0, a1 - b1*e*s, b1 * e * s, b1 * eta
						}
						return 0, a1 * (1 - etaB), a1 * etaB, math.Sqrt(b1*b1 - a1*a1*etaB*etaB/(s*s))
					})
				}
			}
			// DDNM+ as published: x̃ = x̂ − Λ(x̂ − u⁺), and the noise by its three cases.
			ddnmPlus := func(eta float64) func(a, b, a1, b1 float64) transition {
				return func(a, b, a1, b1 float64) transition {
					e := math.Sqrt(1 - eta*eta)
					return p.spectral(a, b, func(s float64) (float64, float64, float64, float64) {
						if s == 0 {
							return b1 * e / b, a1 - a*b1*e/b, 0, b1 * eta
						}
						lambda, noise := 1.0, math.Sqrt(math.Max(b1*b1-a1*a1/(s*s), 0))
						if b1 < a1/s {
							lambda, noise = s*b1*e/a1, b1*eta
						}
						return 0, a1 * (1 - lambda), a1 * lambda, noise
					})
				}
			}
			ddnm := func(eta float64) func(a, b, a1, b1 float64) transition {
				return func(a, b, a1, b1 float64) transition {
					e, k := b1*math.Sqrt(1-eta*eta)/b, p.k(a, b)
					x := plusTimes(k, -1, multiplied(p.pinv(), p.h, k)) // of x̃, without H⁺y
					return transition{plusTimes(scaledBy(a1, x), e, plusTimes(p.eye(), -a, k)), scaledBy(b1*b1*eta*eta, p.eye()), p.vector(scaledBy(a1, p.pinv()))}
				}
			}
			diffpir := func(lambda, zeta float64) func(a, b, a1, b1 float64) transition {
				return func(a, b, a1, b1 float64) transition {
					w := lambda * a * a / (b * b)
					solve := inverseOf(plusTimes(multiplied(p.h.T(), inverseOf(p.r), p.h), w, p.eye()))
					e := b1 * math.Sqrt(1-zeta) / b
					return transition{
						plusTimes(scaledBy(e, p.eye()), (a1-a*e)*w, multiplied(solve, p.k(a, b))), scaledBy(b1*b1*zeta, p.eye()),
						p.vector(scaledBy(a1-a*e, multiplied(solve, p.h.T(), inverseOf(p.r)))),
					}
				}
			}
			replacement := func(eta, c float64) func(a, b, a1, b1 float64) transition {
				return func(a, b, a1, b1 float64) transition { return p.replaced(p.ddim(eta, a, b, a1, b1), c, a1, b1) }
			}
			start := p.spectral(a0, b0, func(s float64) (float64, float64, float64, float64) {
				if s*b0/a0 > 1 {
					return 0, 0, a0, math.Sqrt(b0*b0 - a0*a0/(s*s))
				}
				return 0, 0, 0, b0
			})
			check := func(name string, v Values, bridge sampler.Bridge, begin *transition, steps []transition) {
				t.Helper()
				mean, cov := zero, wide
				if begin != nil {
					mean, cov = begin.o, begin.q
				}
				want := p.law(mean, cov, steps)
				got := affineLaw(t, name, p.problem, g, bridge, v, testkit.Gaussian{Mean: make([]float64, d), Cov: wide.RawMatrix().Data})
				size := 1.0
				for _, x := range slices.Concat(want.Mean, want.Cov) {
					size = math.Max(size, math.Abs(x))
				}
				for i, x := range want.Mean {
					if !(math.Abs(got.Mean[i]-x) <= 1e-9*size) {
						t.Fatalf("%s, %s, %s %v: mean %d is %.12g, the dense recursion has %.12g", pname, gname, name, v, i, got.Mean[i], x)
					}
				}
				for i, x := range want.Cov {
					if !(math.Abs(got.Cov[i]-x) <= 1e-9*size) {
						t.Fatalf("%s, %s, %s %v: covariance %d is %.12g, the dense recursion has %.12g", pname, gname, name, v, i, got.Cov[i], x)
					}
				}
			}
			check("ddim-pigdm", Values{"eta": 0.7, "data_variance": 0.6}, nil, nil, each(func(a, b, a1, b1 float64) transition {
				return p.pigdm(0.7, a, multiplied(p.h.T(), inverseOf(plusTimes(multiplied(p.h, p.h.T()), 1/r2(a, b, 0.6), p.r))), a, b, a1, b1)
			}))
			if pname != "matrix" { // masks, whose H Hᵀ is its own row sums
				check("ddim-pigdm", Values{"rows": "sum"}, nil, nil, each(func(a, b, a1, b1 float64) transition {
					m := p.y.Len()
					one, gram := slices.Repeat([]float64{1}, m), multiplied(p.h, p.h.T())
					var sums, noise mat.VecDense
					sums.MulVec(gram, mat.NewVecDense(m, one))
					noise.MulVec(p.r, mat.NewVecDense(m, one))
					sums.AddScaledVec(&sums, 1/r2(a, b, 1), &noise)
					return p.pigdm(1, a, multiplied(p.h.T(), inverseOf(diagonalWith(sums.RawVector().Data))), a, b, a1, b1)
				}))
			}
			check("ddim-pigdm-pinv", Values{"eta": 0.3}, nil, &transition{o: p.vector(scaledBy(a0, p.pinv())), q: wide}, each(func(a, b, a1, b1 float64) transition {
				return p.pigdm(0.3, a*a1, p.pinv(), a, b, a1, b1)
			}))
			check("ddrm", nil, nil, &start, each(ddrm(0.85, 1)))
			check("ddrm", Values{"eta": 0.3, "eta_b": 0.4}, nil, &start, each(ddrm(0.3, 0.4)))
			check("ddnm", nil, nil, nil, each(ddnmPlus(0.85)))
			check("ddnm", Values{"exact": true, "eta": 0.5}, nil, nil, each(ddnm(0.5)))
			check("ddnm", Values{"exact": true, "travel_length": 2, "travel_repeat": 3}, nil, nil, travelled(2, 3, ddnm(0.85)))
			check("diffpir", nil, nil, nil, each(diffpir(1, 0.3)))
			check("diffpir", Values{"lambda": 7.0, "zeta": 1.0}, nil, nil, each(diffpir(7, 1)))
			check("replacement", nil, sampler.DDIM{Grid: g, Eta: 0.6}, nil, each(replacement(0.6, 1)))
			check("replacement", Values{"coefficient": 0.35}, sampler.DDIM{Grid: g, Eta: 1}, nil, each(replacement(1, 0.35)))
			check("repaint", Values{"jump_length": 3, "resamplings": 2}, nil, nil, travelled(3, 2, replacement(1, 1)))
			check("repaint", Values{"jump_length": 1, "resamplings": 3, "eta": 0.2}, nil, nil, travelled(1, 3, replacement(0.2, 1)))
		}
	}
}
