package problem

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/prior"
)

// Demonstration is a problem whose law is known exactly: eight Gaussians on a
// ring inside three half-spaces.
type Demonstration struct {
	*Problem
	Normals [][]float64 // n·x ≤ b
	Bounds  []float64
}

// Demo makes the demonstration.
func Demo() (*Demonstration, error) {
	const modes, radius, variance = 8, 3.0, 0.45 * 0.45
	weight := make([]float64, modes)
	mean := make([][]float64, modes)
	cov := make([]*mat.SymDense, modes)
	for i := range modes {
		a := 2 * math.Pi * float64(i) / modes
		weight[i] = 1
		mean[i] = []float64{radius * math.Cos(a), radius * math.Sin(a)}
		cov[i] = mat.NewSymDense(2, []float64{variance, 0, 0, variance})
	}
	p, err := prior.NewMixture(weight, mean, cov, nil)
	if err != nil {
		return nil, err
	}
	return Truncated(p, [][]float64{{-1, 0.25}, {0.3, -1}, {0.7, 0.8}}, []float64{0.5, 2.6, 3.0})
}

// Truncated is a prior inside half-spaces n·x ≤ b, with exact draws by rejection.
func Truncated(p *prior.Prior, normals [][]float64, bounds []float64) (*Demonstration, error) {
	var cs []constraint.Constraint
	for i, n := range normals {
		c, err := constraint.NewHalfSpace(fmt.Sprintf("half-space %d", i+1), n, bounds[i])
		if err != nil {
			return nil, err
		}
		cs = append(cs, c)
	}
	q, err := New(p, cs, nil)
	if err != nil {
		return nil, err
	}
	return &Demonstration{Problem: q, Normals: normals, Bounds: bounds}, nil
}

// Feasible says whether one point obeys all half-spaces.
func (d *Demonstration) Feasible(x []float64) bool {
	for i, n := range d.Normals {
		var s float64
		for j := range n {
			s += n[j] * x[j]
		}
		if s > d.Bounds[i] {
			return false
		}
	}
	return true
}

// Exact draws n points of the truncated law by rejection; tried is how many
// draws of the prior that took, so that n/tried estimates P(C).
func (d *Demonstration) Exact(rng *rand.Rand, n int) (x []float64, tried int) {
	dim := d.Dim()
	for len(x) < n*dim {
		block := d.Prior.Draw(rng, n)
		for i := 0; i < n && len(x) < n*dim; i++ {
			tried++
			if p := block[i*dim : (i+1)*dim]; d.Feasible(p) {
				x = append(x, p...)
			}
		}
	}
	return x, tried
}
