package guide

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/keyed"
	"abide/potential"
)

// Loss is how the misfit of a clean estimate grows with its residual r = y − A(x̂).
type Loss string

// The losses. Rows of a measurement count by their noise R, with κ so that equal
// noise on columns of variance 1 leaves the plain norm:
//
//	norm     κ √(rᵀR⁻¹r)      = ‖r‖ for R = σ²I
//	squared  κ² rᵀR⁻¹r        = ‖r‖² for R = σ²I
//	energy   −log p(y | x̂)    = ½ rᵀR⁻¹r
//
// Noise that is not Gaussian has no norm: of it, all three take the energy.
const (
	NormLoss    Loss = "norm"
	SquaredLoss Loss = "squared"
	EnergyLoss  Loss = "energy"
)

// smallest bounds squared norms from below, where the slope of a norm has no
// direction and is taken for 0; a number that single precision still has.
const smallest = 1e-30

// Misfit is the loss of clean estimates, summed over measurements in sampler
// coordinates; scale is the standard deviation of each column in the user's.
func Misfit(ys []*potential.Measurement, scale []float64, loss Loss) Energy {
	kappa := make([]float64, len(ys))
	for i, y := range ys {
		kappa[i] = Kappa(y, scale)
	}
	return func(u *Node) *Node {
		var sum *Node
		for i, y := range ys {
			e := y.Energy(u)
			if _, gaussian := y.Gaussian(); gaussian {
				switch loss {
				case NormLoss:
					e = MulScalar(Sqrt(Max(MulScalar(e, 2), Scalar(u.Graph(), u.DType(), smallest))), kappa[i])
				case SquaredLoss:
					e = MulScalar(e, 2*kappa[i]*kappa[i])
				}
			}
			if sum == nil {
				sum = e
			} else {
				sum = Add(sum, e)
			}
		}
		return sum
	}
}

// Kappa is κ of a measurement in sampler coordinates.
func Kappa(y *potential.Measurement, scale []float64) float64 { return noiseSize(y) / Unit(y, scale) }

// noiseSize is the harmonic mean of the variances of Gaussian noise, as a standard
// deviation.
func noiseSize(y *potential.Measurement) float64 {
	n, ok := y.Gaussian()
	if !ok {
		return 1
	}
	var s float64
	for _, v := range n.Variance() {
		s += 1 / v / float64(len(y.Y))
	}
	return 1 / math.Sqrt(s)
}

// Unit is the root mean square standard deviation of the columns, each counted as
// much as the measurement sees of it: Σ (JS)²/R over Σ J²/R with J = ∂A/∂x and S the
// scales, by random signs on the rows at random points. What a norm and its steps
// are divided by it does not depend on the unit of data and measurement.
func Unit(y *potential.Measurement, scale []float64) float64 {
	d, m := y.Op.Dims()
	stream := keyed.New(0, "unit", 0, 0)
	u, c, g := make([]float64, d), make([]float64, m), make([]float64, d)
	var seen, all float64
	for range probes {
		stream.Normal(u)
		stream.Normal(c)
		for i := range c {
			c[i] = math.Copysign(1, c[i])
			if n, ok := y.Gaussian(); ok {
				c[i] /= math.Sqrt(n.Variance()[i])
			}
		}
		y.Op.VJPAt(g, u, c)
		for j, v := range g {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				seen += v * v
				all += v * v / (scale[j] * scale[j])
			}
		}
	}
	if !(all > 0) || math.IsInf(all, 0) || math.IsInf(seen, 0) {
		return 1
	}
	return math.Sqrt(seen / all)
}
