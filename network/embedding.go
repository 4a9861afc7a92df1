package network

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/keyed"
)

// frequencies are those of the noise level's features, in radians per unit of c:
// size/2 of them, from 1 to 64 in geometric order (positional embedding; Vaswani
// et al. 2017, section 3.5), or, with fourier > 0, draws of 2π N(0, fourier²)
// (random Fourier features; Tancik et al. 2020, section 4). The draws are the
// same for every network of this size: they are no parameters, and a saved model
// finds its own again.
func frequencies(size int, fourier float64) []float64 {
	f := make([]float64, size/2)
	if fourier > 0 {
		keyed.New(0, "fourier features", 0, 0).Normal(f)
		for i := range f {
			f[i] *= 2 * math.Pi * fourier
		}
		return f
	}
	for i := range f {
		f[i] = math.Pow(2, 6*float64(i)/float64(len(f)))
	}
	return f
}

// features are g = [cos ωc, sin ωc, y], one row where neither c nor y differs by
// sample.
func features(c, y *Node, omega []float64, condition int) *Node {
	if (y == nil) != (condition == 0) || y != nil && y.Shape().Dimensions[1] != condition {
		panic(fmt.Errorf("network: a condition of %d features is expected", condition))
	}
	if c.Rank() == 0 {
		c = Reshape(c, 1, 1)
	}
	arg := Mul(c, ConvertDType(Const(c.Graph(), [][]float64{omega}), c.DType()))
	parts := []*Node{Cos(arg), Sin(arg)}
	if y != nil {
		rows := max(c.Shape().Dimensions[0], y.Shape().Dimensions[0])
		parts = append(parts, y)
		for i, p := range parts {
			parts[i] = BroadcastToDims(p, rows, p.Shape().Dimensions[1])
		}
	}
	return Concatenate(parts, 1)
}

// embedding is e = φ(W₁ φ(W₀ g + b₀) + b₁), what every block of a network sees of
// the noise level and the condition.
type embedding struct {
	omega     []float64
	condition int
	hidden    dense
	out       dense
}

func (p *parameters) newEmbedding(a Architecture, width int) embedding {
	return embedding{
		omega: frequencies(a.Embedding, a.Fourier), condition: a.Condition,
		hidden: p.newDense("embed.0", a.Embedding/2*2+a.Condition, width, 0, 1),
		out:    p.newDense("embed.1", width, width, 0, 1),
	}
}

// apply is [1 or N, width].
func (e embedding) apply(c, y *Node) *Node {
	g := features(c, y, e.omega, e.condition)
	return Activation(e.out.apply(Activation(e.hidden.apply(g))))
}
