package train

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/prior"
)

// flow is flow matching on the linear path from noise at t = 0 to data at t = 1
// (Lipman et al. 2023, equation 23 with σ_min = 0),
//
//	(v(z, t) − (u − n))²   per coordinate,   z = (1−t) n + t u,
//
// with independent noise, or with the noise of the batch assigned to its points
// so that Σ‖u − n‖² is least (minibatch optimal transport; Tong et al. 2024).
type flow struct {
	transport bool
	pilot     *pilot // where transports start; see [pilot]
}

// prepare makes the pilot of the rows trained on.
func (o *flow) prepare(p pool, rows int, seed uint64) {
	if o.transport {
		o.pilot = newPilot(p, rows, seed)
	}
}

// inputs are z, u − n and t.
func (o *flow) inputs(b *batch, _ *keyed.Stream) []engine.Array {
	if o.transport {
		o.pilot.couple(b)
	}
	z, v, t := make([]float64, len(b.u)), make([]float64, len(b.u)), make([]float64, b.n)
	for i := range t {
		t[i] = 1 / (1 + math.Exp(b.logSigma[i]))
		rest := 1 / (1 + math.Exp(-b.logSigma[i])) // 1−t without cancellation
		for k := i * b.dim; k < (i+1)*b.dim; k++ {
			z[k], v[k] = rest*b.noise[k]+t[i]*b.u[k], b.u[k]-b.noise[k]
		}
	}
	return []engine.Array{engine.Rows(z, b.dim), engine.Rows(v, b.dim), engine.Rows(t, 1)}
}

func (o *flow) loss(d prior.Conditioned, in []*Node, y *Node) *Node {
	l, _ := o.estimate(d, in, y)
	return l
}

// estimate has D(z/t, σ) = z + (1−t) v; see [prior.Velocity].
func (*flow) estimate(d prior.Conditioned, in []*Node, y *Node) (*Node, estimate) {
	z, t := in[0], in[2]
	v, rest := d.(prior.Velocity).Network.Apply(z, t, y), OneMinus(t)
	diff := Sub(v, in[1])
	return Mul(diff, diff), estimate{Div(z, t), Div(rest, t), Add(z, Mul(rest, v))}
}
