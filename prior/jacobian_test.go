package prior

import (
	"testing"

	"abide/internal/engine"
)

// The Jacobian pushed forward through the network is the one that
// vector–Jacobian products pull back: two independent derivations of one matrix,
// equal to rounding, for a scalar level and for one level a row, at levels below,
// in and above the hand-over of trained priors.
func TestForwardJacobianEqualsReverse(t *testing.T) {
	const d, n = 3, 5
	cov := []float64{1, 0.5, 0, 0.5, 1, -0.3, 0, -0.3, 1}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]Differentiable{"edm": EDM{Network: small()}, "trained": NewTrained(EDM{Network: small()}, []float64{0.5, -1, 0}, cov)} {
		f := e.NewFunction(name, engine.Float64, func(in []*engine.Node) []*engine.Node {
			mean, jac := DenoiseJacobian(p, in[0], in[1])
			direct := p.Denoise(in[0], in[1])
			return []*engine.Node{mean, jac, direct, engine.Jacobian(direct, in[0])}
		})
		for _, sigma := range []float64{0.01, 0.5, 4, 30} {
			for _, s := range []engine.Array{engine.Scalar(sigma), level(n, sigma)} {
				out, err := f.Call(engine.Rows(noisy(n, d, sigma), d), s)
				if err != nil {
					t.Fatal(err)
				}
				near(t, name+": denoiser", out[0].F64, out[2].F64, 1e-13)
				near(t, name+": Jacobian", out[1].F64, out[3].F64, 1e-12)
			}
		}
	}
}
