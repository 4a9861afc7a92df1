package prior

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// Mixtures with one covariance have a form of their own: its denoiser against
// Tweedie's formula with the host's score, its products with the Jacobian against
// those of automatic differentiation, for diagonal and for full covariances.
func TestSharedCovariance(t *testing.T) {
	const d, n = 4, 7
	rng := rand.New(rand.NewPCG(1, 2))
	normals := func(k int) []float64 {
		x := make([]float64, k)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		return x
	}
	full, diagonal := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
	full.SymOuterK(0.3, mat.NewDense(d, d, normals(d*d)))
	for i := range d {
		full.SetSym(i, i, full.At(i, i)+0.1)
		diagonal.SetSym(i, i, 0.1+0.2*float64(i))
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*mat.SymDense{"full": full, "diagonal": diagonal} {
		p, err := NewMixture([]float64{1, 2, 3}, [][]float64{normals(d), normals(d), normals(d)}, []*mat.SymDense{c, c, c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := p.Denoiser.(*Mixture)
		a := [][]float64{normals(d), normals(d)}
		f := e.NewFunction("both", engine.Float64, func(in []*engine.Node) []*engine.Node {
			mean, rows := m.DenoiseRows(in[0], in[1], a)
			_, jac := m.DenoiseJacobian(in[0], in[1])
			plain := m.Denoise(in[0], in[1])
			_, byPoint := m.DenoiseRows(in[0], in[2], a) // automatic, with a level for each point
			return []*engine.Node{mean, rows, jac, plain, productRows(plain, in[0], a), engine.Jacobian(plain, in[0]), byPoint}
		})
		for _, sigma := range []float64{0.01, 0.5, 3, 500} {
			u, levels := normals(n*d), make([]float64, n)
			for i := range levels {
				levels[i] = sigma
			}
			for i := range u {
				u[i] *= math.Hypot(1, sigma)
			}
			out, err := f.Call(engine.Rows(u, d), engine.Scalar(sigma), engine.Rows(levels, 1))
			if err != nil {
				t.Fatal(err)
			}
			if !m.one {
				t.Fatal("one covariance was taken for several")
			}
			score := make([]float64, d)
			for i := range n {
				m.Score(score, u[i*d:(i+1)*d], sigma)
				for j, s := range score {
					want := u[i*d+j] + sigma*sigma*s
					for _, k := range []int{0, 3} {
						if got := out[k].F64[i*d+j]; !(math.Abs(got-want) <= 1e-10*(1+sigma)) {
							t.Fatalf("%s, σ %g: denoiser %.12g, by the score %.12g", name, sigma, got, want)
						}
					}
				}
			}
			for _, pair := range [][2]int{{1, 4}, {2, 5}, {6, 4}} {
				for i, want := range out[pair[1]].F64 {
					if got := out[pair[0]].F64[i]; !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
						t.Fatalf("%s, σ %g: product %d is %.12g, by automatic differentiation %.12g", name, sigma, i, got, want)
					}
				}
			}
		}
	}
}
