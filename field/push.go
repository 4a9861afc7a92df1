package field

import (
	"fmt"
	"math"
)

// Push is a map of values that turns a Gaussian field into another one, point by
// point. dst and u may be the same slice.
type Push interface {
	Apply(dst, u []float64)
}

// Pushed is the law of the image of fields under a map.
type Pushed struct {
	Sampler
	Push Push
}

// Sample writes the image of draw index of seed.
func (p Pushed) Sample(dst []float64, seed uint64, index int) {
	p.Sampler.Sample(dst, seed, index)
	p.Push.Apply(dst, dst)
}

// LevelSet makes phases of a field: values[k] where thresholds[k−1] ≤ u <
// thresholds[k]. One threshold, 0, and the values 4 and 12 are the coefficient of Li
// et al. (2021).
//
// Reference: M. A. Iglesias, Y. Lu and A. M. Stuart, "A Bayesian level set method for
// geometric inverse problems", Interfaces Free Bound. 18 (2016), eq. 2.3.
//
// It has no gradient in u but at its jumps: for methods that want one take [LogNormal].
type LevelSet struct {
	thresholds, values []float64
}

// NewLevelSet takes ascending thresholds and one value more.
func NewLevelSet(thresholds, values []float64) (*LevelSet, error) {
	if len(values) != len(thresholds)+1 {
		return nil, fmt.Errorf("field: %d values between %d thresholds: one more than thresholds", len(values), len(thresholds))
	}
	for k, t := range thresholds {
		if math.IsNaN(t) || k > 0 && !(t > thresholds[k-1]) {
			return nil, fmt.Errorf("field: threshold %d is %g: thresholds ascend", k, t)
		}
	}
	return &LevelSet{append([]float64(nil), thresholds...), append([]float64(nil), values...)}, nil
}

// Apply writes the value of the phase of each u.
func (l *LevelSet) Apply(dst, u []float64) {
	for i, x := range u {
		k := 0
		for k < len(l.thresholds) && x >= l.thresholds[k] {
			k++
		}
		dst[i] = l.values[k]
	}
}

// Shares are the probabilities of the phases of u ~ N(mean, std²).
func (l *LevelSet) Shares(mean, std float64) []float64 {
	shares, below := make([]float64, len(l.values)), 0.0
	for k := range shares {
		up := 1.0
		if k < len(l.thresholds) {
			up = math.Erfc((mean-l.thresholds[k])/(std*math.Sqrt2)) / 2
		}
		shares[k], below = up-below, up
	}
	return shares
}

// Moments are the mean and the variance of the image of u ~ N(mean, std²),
//
//	m = Σₖ pₖ vₖ,  Σₖ pₖ (vₖ − m)²,  pₖ = Φ((tₖ₊₁ − mean)/std) − Φ((tₖ − mean)/std).
func (l *LevelSet) Moments(mean, std float64) (m, variance float64) {
	shares := l.Shares(mean, std)
	for k, p := range shares {
		m += p * l.values[k]
	}
	for k, p := range shares {
		variance += p * (l.values[k] - m) * (l.values[k] - m)
	}
	return m, variance
}

// LogNormal makes a field positive: a = Floor + Scale exp(u). The zero Scale is 1.
type LogNormal struct {
	Floor, Scale float64
}

func (l LogNormal) scale() float64 {
	if l.Scale == 0 {
		return 1
	}
	return l.Scale
}

// Apply writes Floor + Scale exp(u).
func (l LogNormal) Apply(dst, u []float64) {
	s := l.scale()
	for i, x := range u {
		dst[i] = l.Floor + s*math.Exp(x)
	}
}

// Moments are the mean and the variance of the image of u ~ N(mean, std²).
func (l LogNormal) Moments(mean, std float64) (m, variance float64) {
	return l.Floor + l.scale()*math.Exp(mean+std*std/2), l.Covariance(mean, mean, std*std, std*std, std*std)
}

// Covariance is that of the images of u and v of means m and n, variances p and q and
// covariance c: Scale² exp(m + n + (p + q)/2) (exp c − 1).
func (l LogNormal) Covariance(m, n, p, q, c float64) float64 {
	s := l.scale()
	return s * s * math.Exp(m+n+(p+q)/2) * math.Expm1(c)
}
