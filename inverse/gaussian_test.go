package inverse

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
)

// decomposed knows its singular vectors, which on the left are no unit vectors.
type decomposed struct {
	operator.Linear
	svd operator.SVD
}

func (a decomposed) SVD() operator.SVD { return a.svd }

// measured are linear measurements of every kind of noise: dense and structured
// operators, noise that is one number, several, or correlated.
func measured(t *testing.T) map[string]*potential.Measurement {
	t.Helper()
	const d, m = 7, 4
	s := keyed.New(11, "measured", 0, 0)
	rows, y := make([][]float64, m), make([]float64, m)
	for i := range rows {
		rows[i] = make([]float64, d)
		s.Normal(rows[i])
	}
	s.Normal(y)
	matrix, err := operator.NewMatrix(rows)
	if err != nil {
		t.Fatal(err)
	}
	svd, err := operator.Decompose(matrix)
	if err != nil {
		t.Fatal(err)
	}
	mask, err := operator.NewMask(d, []int{5, 0, 3, 1})
	if err != nil {
		t.Fatal(err)
	}
	factor, cov := make([]float64, m*m), make([][]float64, m)
	s.Normal(factor)
	f := mat.NewDense(m, m, factor)
	var c mat.Dense
	c.Mul(f, f.T())
	for i := range cov {
		cov[i] = mat.Row(nil, i, &c)
		cov[i][i] += 0.1
	}
	one, err := potential.NewNormal(slices.Repeat([]float64{0.3}, m))
	if err != nil {
		t.Fatal(err)
	}
	several, err := potential.NewNormal([]float64{0.3, 1, 0.02, 2})
	if err != nil {
		t.Fatal(err)
	}
	full, err := potential.NewCorrelated(cov)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*potential.Measurement{}
	for name, op := range map[string]operator.Operator{
		"matrix": matrix, "mask": mask, "decomposed": decomposed{matrix, svd},
		"tall":        operator.Stack(matrix, mask),
		"scaled mask": operator.Scaled(mask, slices.Repeat([]float64{2.5}, d)),
		"shrunk mask": operator.Scaled(mask, []float64{1, 2, 3, 4, 5, 6, 7}),
		"twice":       operator.Stack(mask, mask), // rank 4 of 8
	} {
		for noise, n := range map[string]*potential.Normal{"one": one, "several": several, "correlated": full} {
			data, law := y, n
			if _, rows := op.Dims(); rows == 2*m {
				if noise == "correlated" {
					continue
				}
				data = append(slices.Clone(y), 0.4, -1, 2, 0)
				std := make([]float64, 2*m)
				for i := range std {
					std[i] = math.Sqrt(n.Variance()[i%m])
				}
				if law, err = potential.NewNormal(std); err != nil {
					t.Fatal(err)
				}
			}
			p, err := potential.NewMeasured(name, op, data, law)
			if err != nil {
				t.Fatal(err)
			}
			out[name+", "+noise] = p
		}
	}
	return out
}

// Prox against the least-squares problem of the stacked rows (L⁻¹H, I/ρ) by a QR
// factorisation, and the covariance of Draw, read from unit noises, against the
// inverse of their normal matrix.
func TestConditioningAgainstDenseSolve(t *testing.T) {
	for name, y := range measured(t) {
		s, err := NewSpectrum(y)
		if err != nil {
			t.Fatal(name, err)
		}
		h, data, _ := y.Linear()
		noise, _ := y.Gaussian()
		d, m := h.Dims()
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(m, noise.Covariance())) {
			t.Fatal(name, "covariance")
		}
		var l mat.TriDense
		chol.LTo(&l)
		var white mat.Dense
		var seen mat.VecDense
		if err := white.Solve(&l, mat.NewDense(m, d, operator.Dense(h))); err != nil {
			t.Fatal(err)
		}
		if err := seen.SolveVec(&l, mat.NewVecDense(m, data)); err != nil {
			t.Fatal(err)
		}
		for _, rho := range []float64{0.01, 0.7, 30} {
			a, b := mat.NewDense(m+d, d, nil), mat.NewVecDense(m+d, nil)
			a.Slice(0, m, 0, d).(*mat.Dense).Copy(&white)
			for j := range d {
				a.Set(m+j, j, 1/rho)
			}
			b.SliceVec(0, m).(*mat.VecDense).CopyVec(&seen)
			x := make([]float64, 3*d)
			keyed.New(5, name, 0, 0).Normal(x)
			got := slices.Clone(x)
			s.Prox(got, d, rho)
			for i := range 3 {
				for j, v := range x[i*d : (i+1)*d] {
					b.SetVec(m+j, v/rho)
				}
				var want mat.VecDense
				if err := want.SolveVec(a, b); err != nil {
					t.Fatal(err)
				}
				for j := range d {
					if e := math.Abs(got[i*d+j] - want.AtVec(j)); !(e <= 1e-10*(1+math.Abs(want.AtVec(j)))) {
						t.Errorf("%s, ρ = %g: prox row %d, column %d is %.12g, the dense solve has %.12g", name, rho, i, j, got[i*d+j], want.AtVec(j))
					}
				}
			}
			// With unit noises the rows e of draws have Σ e eᵀ as their covariance.
			draws, unit := make([]float64, d*d), make([]float64, d*d)
			for j := range d {
				copy(draws[j*d:], x[:d])
				unit[j*d+j] = 1
			}
			s.Draw(draws, d, rho, unit)
			var cov, root, inv mat.Dense
			e := mat.NewDense(d, d, draws)
			for j := range d {
				for k := range d {
					e.Set(j, k, e.At(j, k)-got[k])
				}
			}
			cov.Mul(e.T(), e)
			eye := mat.NewDense(d+m, d+m, nil)
			for j := range d + m {
				eye.Set(j, j, 1)
			}
			if err := root.Solve(a, eye); err != nil { // a⁺, of which a⁺a⁺ᵀ = (aᵀa)⁻¹
				t.Fatal(err)
			}
			inv.Mul(&root, root.T())
			for i, v := range cov.RawMatrix().Data {
				if w := inv.RawMatrix().Data[i]; !(math.Abs(v-w) <= 1e-10*rho*rho) {
					t.Errorf("%s, ρ = %g: covariance entry %d is %.12g, the inverse has %.12g", name, rho, i, v, w)
				}
			}
		}
	}
}

// A mask is not written out, whatever the scales of the columns and the noise of each
// value; correlated noise needs that.
func TestSpectrumKeepsStructure(t *testing.T) {
	for name, y := range measured(t) {
		s, err := NewSpectrum(y)
		if err != nil {
			t.Fatal(err)
		}
		_, mask := s.V.(*operator.Mask)
		if want := strings.Contains(name, "mask") && !strings.Contains(name, "correlated"); mask != want {
			t.Errorf("%s: its basis is a mask: %v, want %v", name, mask, want)
		}
	}
}

// Rows of zeros measure nothing: what they gave is left out, and nothing else.
func TestRowsOfZerosAreLeftOut(t *testing.T) {
	full := operator.Image{Height: 1, Width: 4, Channels: 1}
	// The first and the last detector of a row that is too wide see nothing.
	radon, err := operator.NewRadon(full, []float64{0}, 6)
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewNormal([]float64{1, 0.5, 2, 1, 4, 1})
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", radon, []float64{100, 1, 2, 3, 4, 200}, noise)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSpectrum(y)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 4)
	s.V.Combine(x, s.Y)
	for i, v := range x {
		if !(math.Abs(v-float64(i+1)) <= 1e-12) {
			t.Errorf("column %d is %g by the pseudo-inverse, measured as %d", i, v, i+1)
		}
	}
}
