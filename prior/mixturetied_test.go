package prior

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
)

// One covariance for all components: the products are the passes over components of
// the general form, and so are their derivatives, for diagonal and full covariances, one
// noise level and one for each point.
func TestTiedMixtureIsTheGeneralForm(t *testing.T) {
	const d, k, n = 4, 5, 7
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	full, diagonal := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
	full.SymOuterK(0.3, mat.NewDense(d, d, normals(d*d, 5)))
	for i := range d {
		diagonal.SetSym(i, i, 0.1+float64(i))
		full.SetSym(i, i, full.At(i, i)+0.05)
	}
	for name, c := range map[string]*mat.SymDense{"full": full, "diagonal": diagonal} {
		covs := make([]*mat.SymDense, k)
		for i := range covs {
			covs[i] = c
		}
		tied := newMixture([]float64{.1, .2, .3, .15, .25}, normals(k*d, 6), covs)
		general := newMixture([]float64{.1, .2, .3, .15, .25}, tied.mean, covs)
		tied.factored.Do(tied.factorise)
		general.factored.Do(general.factorise)
		if !tied.tied {
			t.Fatal("the covariances are one")
		}
		general.tied = false
		f := e.NewFunction(name, engine.Float64, func(in []*engine.Node) []*engine.Node {
			a, b := tied.Denoise(in[0], in[1]), general.Denoise(in[0], in[1])
			return []*engine.Node{a, b, engine.Jacobian(a, in[0]), engine.Jacobian(b, in[0])}
		})
		for _, sigma := range levels {
			u := noisy(n, d, sigma)
			for _, s := range []engine.Array{engine.Scalar(sigma), level(n, sigma)} {
				out, err := f.Call(engine.Rows(u, d), s)
				if err != nil {
					t.Fatal(err)
				}
				near(t, fmt.Sprintf("%s, σ = %g", name, sigma), out[0].F64, out[1].F64, 1e-11)
				near(t, fmt.Sprintf("%s, σ = %g: Jacobian", name, sigma), out[2].F64, out[3].F64, 1e-11)
			}
		}
	}
	covs := []*mat.SymDense{full, diagonal}
	if m := newMixture([]float64{1, 1}, normals(2*d, 6), covs); m.tied {
		t.Error("two covariances are taken for one")
	}
}
