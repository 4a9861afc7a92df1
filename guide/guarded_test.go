package guide

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/prior"
)

// linearised is a measurement of one point of a Gaussian prior in units of its noise,
// on the host: residual r and S = H C Hᵀ + I, with Jᵀ Hᵀ to pull by.
type linearised struct {
	mean, r *mat.VecDense
	s, back *mat.Dense
}

func lineariseAt(t *testing.T, den prior.Denoiser, h *mat.Dense, y, u []float64, sigma float64) linearised {
	t.Helper()
	mean, j := jacobian(t, den, u, sigma)
	m := len(y)
	l := linearised{mean: mean, r: mat.NewVecDense(m, nil), back: product(j.T(), h.T())}
	l.r.MulVec(h, mean)
	l.r.SubVec(mat.NewVecDense(m, y), l.r)
	l.s = product(h, l.back)
	l.s.Scale(sigma*sigma, l.s)
	for i := range m {
		l.s.Set(i, i, l.s.At(i, i)+1)
	}
	return l
}

// guided is D + σ²JᵀHᵀf.
func (l linearised) guided(f *mat.VecDense, sigma float64) []float64 {
	var out mat.VecDense
	out.MulVec(l.back, f)
	out.AddScaledVec(l.mean, sigma*sigma, &out)
	return out.RawVector().Data
}

func unitNoise(m int) *mat.SymDense {
	eye := mat.NewSymDense(m, nil)
	for i := range m {
		eye.SetSym(i, i, 1)
	}
	return eye
}

// Row sums of dense H C Hᵀ are followed where they may be, and replaced by one step of
// minimal residuals where they may not: both branches, against the formula with
// matrices written out. What is taken never lets the residual of the system grow, in
// the norm of its branch.
func TestRowSumsAreGuarded(t *testing.T) {
	const d, m, n = 6, 3, 60
	rows, y := matrixRows("H", m, d), normals("y", m, 1)
	for j := range d { // two values that all but cancel
		rows[0][j] *= 3
		rows[2][j] = 0.2*rows[1][j] - 0.7*rows[0][j]
	}
	h, z := denseOf(rows), measured(t, matrix(t, rows), y, unitNoise(m))
	for name, den := range denoisers(t, d) {
		if name == "network" {
			continue // its H C Hᵀ is another matrix than H Cᵀ Hᵀ
		}
		taken, replaced := 0, 0
		for _, sigma := range []float64{0.2, 1, 4} {
			u := normals(name, n*d, 1+sigma)
			got := at(t, DTMPD{z}.Guide(den), u, d, sigma)
			for i := range n {
				l := lineariseAt(t, den, h, y, u[i*d:(i+1)*d], sigma)
				f := mat.NewVecDense(m, nil)
				good := true
				var before, after float64
				for k := range m {
					sum := mat.Sum(l.s.Slice(k, k+1, 0, m))
					good = good && sum >= 0.5
					f.SetVec(k, l.r.AtVec(k)/sum)
				}
				var left mat.VecDense
				left.MulVec(l.s, f)
				left.SubVec(l.r, &left)
				for k := range m {
					sum := mat.Sum(l.s.Slice(k, k+1, 0, m))
					before += l.r.AtVec(k) * l.r.AtVec(k) / sum
					after += left.AtVec(k) * left.AtVec(k) / sum
				}
				if good = good && after <= before; good {
					taken++
				} else {
					replaced++
					var sr mat.VecDense
					sr.MulVec(l.s, l.r)
					f.ScaleVec(mat.Dot(l.r, &sr)/mat.Dot(&sr, &sr), l.r)
				}
				same(t, fmt.Sprintf("%s, σ = %g, point %d", name, sigma, i), got[i*d:(i+1)*d], l.guided(f, sigma), 1e-10)
			}
		}
		if t.Logf("%s: row sums followed at %d points, replaced at %d", name, taken, replaced); taken == 0 || replaced == 0 {
			t.Errorf("%s: one of the branches was not tried", name)
		}
	}
}

// Hutchinson's estimate is unbiased: its mean over 10⁴ of the probes that are used is
// the diagonal of H C Hᵀ, to the standard error and to one per cent.
func TestHutchinsonIsUnbiased(t *testing.T) {
	const d, m, n, sigma = 6, 4, 10000, 1.
	rows, y := matrixRows("H", m, d), normals("y", m, 1)
	z := measured(t, matrix(t, rows), y, unitNoise(m))
	den := denoisers(t, d)["mixture"]
	point := normals("u", d, 1.5)
	l := lineariseAt(t, den, denseOf(rows), y, point, sigma)
	var u, probes []float64
	for k := range n { // one point a probe
		u, probes = append(u, point...), append(probes, signs(m, k)...)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.NewFunction("estimate", engine.Float64, func(in []*engine.Node) []*engine.Node {
		s := see(z, den.Denoise(in[0], in[1]), in[0], in[1])
		return []*engine.Node{s.estimate([]*engine.Node{in[2]}), s.estimate([]*engine.Node{in[2], in[2]})}
	}).Call(engine.Rows(u, d), engine.Scalar(sigma), engine.Rows(probes, m))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a probe twice", out[1].F64, out[0].F64, 1e-12)
	for i := range m {
		values := make([]float64, n)
		for k := range values {
			values[k] = out[0].F64[k*m+i]
		}
		want := l.s.At(i, i) - 1
		testkit.MeanWithin(t, fmt.Sprintf("diagonal %d", i), values, want, 0)
		if mean, _ := testkit.MeanSE(values); !(math.Abs(mean/want-1) <= 0.01) {
			t.Errorf("diagonal %d: mean %g, want %g to one per cent", i, mean, want)
		}
	}
}

// k iterations from zero give the best point of the Krylov space of S and r: for
// conjugate gradients in the norm of S, for GMRES in that of the residual; on the host
// by a basis written out. More iterations than values are as many as values.
func TestMMPSIsTheBestOfItsKrylovSpace(t *testing.T) {
	const d, m, n, sigma = 8, 5, 3, 1.
	rows, y := matrixRows("H", m, d), normals("y", m, 1)
	h := denseOf(rows)
	h.Scale(2, h)
	for i := range rows {
		rows[i] = mat.Row(nil, i, h)
	}
	z := measured(t, matrix(t, rows), y, unitNoise(m))
	for name, den := range denoisers(t, d) {
		u := normals(name, n*d, 1.5)
		for k := range m {
			k++
			got := map[bool][]float64{false: at(t, MMPS{z, k, false}.Guide(den), u, d, sigma), true: at(t, MMPS{z, k, true}.Guide(den), u, d, sigma)}
			for i := range n {
				l := lineariseAt(t, den, h, y, u[i*d:(i+1)*d], sigma)
				basis := mat.NewDense(m, k, nil) // orthonormal
				v := mat.VecDenseCopyOf(l.r)
				for j := range k {
					for range 2 {
						for a := range j {
							b := basis.ColView(a)
							v.AddScaledVec(v, -mat.Dot(v, b), b)
						}
					}
					v.ScaleVec(1/mat.Norm(v, 2), v)
					for a := range m {
						basis.Set(a, j, v.AtVec(a))
					}
					v.MulVec(l.s, v)
				}
				for gmres, points := range got {
					if !gmres && name == "network" {
						continue
					}
					left := basis.T() // Galerkin
					if gmres {
						left = product(l.s, basis).T() // least squares
					}
					var rhs, f mat.VecDense
					rhs.MulVec(left, l.r)
					f.MulVec(basis, solved(t, product(left, l.s, basis), &rhs))
					same(t, fmt.Sprintf("%s, %d iterations, gmres %v, point %d", name, k, gmres, i), points[i*d:(i+1)*d], l.guided(&f, sigma), 1e-8)
				}
			}
		}
		for _, gmres := range []bool{false, true} {
			if name != "network" || gmres {
				same(t, fmt.Sprintf("%s, many iterations, gmres %v", name, gmres), at(t, MMPS{z, 3 * m, gmres}.Guide(den), u, d, sigma), at(t, MMPS{z, m, gmres}.Guide(den), u, d, sigma), 1e-8)
			}
		}
	}
}

// mirror is no denoiser of any law: D = −u, whose "covariance" −σ² is negative. Networks
// may be so in places.
type mirror struct{}

func (mirror) Denoise(u, _ *engine.Node) *engine.Node { return graph.Neg(u) }

// Where the data's variance S = 1 − σ²‖h‖² is implausible, no guide follows it to where
// it would pull hard or away from the data: for one value y = h·u + n with S from 2 to
// −8 and close to 0, the guided estimate is D + a(−h)(y − h·D)/‖h‖² with a = σ²‖h‖² f,
// f given below.
func TestImplausibleVariancesAreNotFollowed(t *testing.T) {
	const d = 3
	h, u := []float64{0.6, -0.3, 0.5}, normals("u", d, 1)
	var size, hu float64
	for j, v := range h {
		size += v * v
		hu += v * u[j]
	}
	y := measured(t, matrix(t, [][]float64{h}), []float64{0.8}, unitNoise(1))
	for _, s := range []float64{0.9, 0.6, 0.4, 0.01, -0.01, -3, -8} {
		sigma := math.Sqrt((1 - s) / size)
		for name, f := range map[string]float64{
			"tmpd": 1 / math.Max(math.Abs(s), 1), "diag": 1 / (2 - s), "cg": 0, "gmres": 0,
			"dtmpd": math.Min(math.Max(1/s, 0), 1), "hutchinson": math.Min(math.Max(1/s, 0), 1),
		} {
			if s >= 0.5 {
				f = 1 / s
			}
			var want []float64
			for j, v := range h {
				want = append(want, -u[j]-sigma*sigma*v*f*(0.8+hu))
			}
			same(t, fmt.Sprintf("%s, S = %g", name, s), at(t, allGuides(y)[name].Guide(mirror{}), u, d, sigma), want, 1e-12)
		}
	}
}

// A residual of zero, where all Krylov methods divide nothing by nothing, moves nothing.
func TestNoResidualNoPull(t *testing.T) {
	const d, m, sigma = 6, 3, 0.7
	p := gaussian(t, spd("prior", d, 0.1))
	op := matrix(t, matrixRows("H", m, d))
	u, y := normals("u", d, 1), make([]float64, m)
	want := at(t, p.Denoiser, u, d, sigma)
	op.ApplyAt(y, want)
	for name, g := range allGuides(measured(t, op, y, unitNoise(m))) {
		same(t, name, at(t, g.Guide(p.Denoiser), u, d, sigma), want, 1e-14)
	}
}
