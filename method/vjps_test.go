package method

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"abide/diffusion"
	"abide/internal/engine"
	"abide/potential"
	"abide/prior"
	"abide/problem"
	"abide/sampler"
)

// wave is a denoiser with one sine, so that every derivative through it is one cosine.
type wave struct{}

func (wave) Denoise(u, sigma *graph.Node) *graph.Node {
	return graph.Add(graph.MulScalar(u, 0.5), graph.MulScalar(graph.Sin(u), 0.2))
}

// Guides cost as many vector–Jacobian products as their rows say: those in the graph.
func TestGuidesCountTheirProducts(t *testing.T) {
	const d = 5
	p := &prior.Prior{Kind: "test", Denoiser: wave{}, DType: engine.Float64, Covariance: make([]float64, d*d)}
	for i := range d {
		p.Covariance[i*d+i] = 1
		p.Coordinates.Names = append(p.Coordinates.Names, "")
		p.Coordinates.Shift, p.Coordinates.Scale = append(p.Coordinates.Shift, 0), append(p.Coordinates.Scale, 1)
	}
	y, err := potential.NewMeasurement("y", [][]float64{{1, 2, 0, 0, 1}, {0, 1, -1, 0, 0}, {0, 0, 1, 3, 0}}, []float64{1, 2, 3}, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	q, err := problem.New(p, nil, []potential.Potential{y})
	if err != nil {
		t.Fatal(err)
	}
	grid, err := diffusion.Karras(diffusion.EDM{Min: 0.1, Max: 10, Rho: 7}, 4)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		values Values
		want   int
	}{
		{"tmpd", nil, 3}, {"tmpd", Values{"form": "alt"}, 4}, {"tmpd", Values{"form": "jacrev"}, 3}, {"tmpd", Values{"form": "jacfwd"}, d},
		{"tmpd-diag", nil, 3}, {"tmpd-hutchinson", Values{"probes": 7}, 9}, {"dtmpd", nil, 3},
		{"mmps", Values{"iterations": 4}, 5}, {"mmps", Values{"iterations": 4, "solver": "cg"}, 4},
		{"pigdm", nil, 1}, {"pigdm", Values{"rows": "sum"}, 1}, {"pigdm-pinv", nil, 1}, {"jfps", nil, 0}, {"dps-d", nil, 1},
		{"dps", Values{"form": "score"}, 1}, {"kpddpm", nil, 3}, {"kpsmld-plus", nil, 3}, {"kgdm-plus", nil, 3}, {"kpddpm-hutchinson", nil, 22},
	} {
		m, err := Find(c.name)
		if err != nil {
			t.Fatal(err)
		}
		k, err := m.New(e, q, Settings{Samples: 2, Grid: grid, Bridge: sampler.DDPM{Grid: grid}, Values: c.values})
		if err != nil {
			t.Fatal(err)
		}
		one := k.(*sampler.Independent)
		var cosines int
		f := e.NewFunction("count", engine.Float64, func(in []*graph.Node) []*graph.Node {
			out := one.Guide.Guide(wave{}).Denoise(in[0], in[1])
			for _, n := range out.Graph().Nodes() {
				if n.Type() == graph.NodeTypeCos {
					cosines++
				}
			}
			return []*graph.Node{out}
		})
		if _, err := f.Call(engine.Rows(make([]float64, 2*d), d), engine.Scalar(1)); err != nil {
			t.Fatal(err)
		}
		if cosines != c.want || one.VJPs != c.want {
			t.Errorf("%s %v: %d vector–Jacobian products in the graph, %d are counted, want %d", c.name, c.values, cosines, one.VJPs, c.want)
		}
	}
}
