package prior

import (
	"fmt"
	"math"
)

// Range is where a parameter is uniform; a Low that equals High is a parameter that is
// known.
type Range struct{ Low, High float64 }

func (r Range) String() string {
	if r.Low == r.High {
		return fmt.Sprintf("= %.6g", r.Low)
	}
	return fmt.Sprintf("~ U(%.6g, %.6g)", r.Low, r.High)
}

// NewHeat is the law of the fields that pde calls heat-closed,
//
//	u(t, x) = sin(x + φ) e^{−νt},  x = 2πj/points, t from 0 to 1,
//
// with independent uniform ν and φ, in coordinates of a scale that [NewLatent] explains;
// 1 is what the published methods take. Known is φ where the initial state is. C. Cheng et
// al. (ECI), ICLR 2025, have ν ~ U(1, 5) and φ ~ U(0, π) on 100 × 100 points.
func NewHeat(times, points int, nu, phi Range, scale float64) (*Prior, error) {
	if err := sizes("oracle-heat", times, points); err != nil {
		return nil, err
	}
	p, err := NewLatent(
		&Factor{Latent: "nu", Low: nu.Low, High: nu.High, Size: times, Terms: 1, At: func(dst []float64, _ int, nu float64) {
			for n := range dst {
				dst[n] = math.Exp(-nu * unit(n, times))
			}
		}},
		&Factor{Latent: "phi", Low: phi.Low, High: phi.High, Size: points, Terms: 1, At: func(dst []float64, _ int, phi float64) {
			for j := range dst {
				dst[j] = math.Sin(2*math.Pi*float64(j)/float64(points) + phi)
			}
		}}, scale, nil)
	return described(p, err, "oracle-heat", "sin(x + φ) e^{−νt}, ν %v, φ %v, on %d×%d points", nu, phi, times, points)
}

// NewStokes is the law of the fields that pde calls stokes-second,
//
//	u(t, y) = 2 e^{−ky} cos(ky − ωt),  t and y from 0 to 1,
//
// with independent uniform ω and k: the wall tells ω, the initial state k. C. Cheng et
// al. (ECI), ICLR 2025, have k ~ U(2, 20) and ω ~ U(2, 8) on 100 × 100 points.
func NewStokes(times, points int, omega, k Range, scale float64) (*Prior, error) {
	if err := sizes("oracle-stokes", times, points); err != nil {
		return nil, err
	}
	// cos(ky − ωt) = cos ωt cos ky + sin ωt sin ky.
	turn := func(q int, a float64) float64 { return math.Cos(a - float64(q)*math.Pi/2) }
	p, err := NewLatent(
		&Factor{Latent: "omega", Low: omega.Low, High: omega.High, Size: times, Terms: 2, At: func(dst []float64, q int, omega float64) {
			for n := range dst {
				dst[n] = 2 * turn(q, omega*unit(n, times))
			}
		}},
		&Factor{Latent: "k", Low: k.Low, High: k.High, Size: points, Terms: 2, At: func(dst []float64, q int, k float64) {
			for j := range dst {
				y := k * unit(j, points)
				dst[j] = math.Exp(-y) * turn(q, y)
			}
		}}, scale, nil)
	return described(p, err, "oracle-stokes", "2 e^{−ky} cos(ky − ωt), ω %v, k %v, on %d×%d points", omega, k, times, points)
}

// NewPorousMedium is the law of the fields that pde calls porous-medium,
//
//	u(t, x) = (m max(t − x, 0))^{1/m},  t and x from 0 to 1,
//
// with uniform m. C. Cheng et al. (ECI), ICLR 2025, have m ~ U(1, 6) on 100 × 100 points.
func NewPorousMedium(points int, m Range, scale float64) (*Prior, error) {
	if err := sizes("oracle-porous-medium", points, points); err != nil {
		return nil, err
	}
	if !(m.Low > 0) {
		return nil, fmt.Errorf("prior: oracle-porous-medium: m from %g: must be above 0", m.Low)
	}
	p, err := NewLatent(
		&Factor{Size: 1, Terms: 1, At: func(dst []float64, _ int, _ float64) { dst[0] = 1 }},
		&Factor{Latent: "m", Low: m.Low, High: m.High, Size: points * points, Terms: 1, At: func(dst []float64, _ int, m float64) {
			for i := range dst {
				dst[i] = 0
				if k := i/points - i%points; k > 0 {
					dst[i] = math.Pow(m*float64(k)/float64(points-1), 1/m)
				}
			}
		}}, scale, nil)
	return described(p, err, "oracle-porous-medium", "(m max(t − x, 0))^{1/m}, m %v, on %d×%d points", m, points, points)
}

// unit is place i of n from 0 to 1, both ends.
func unit(i, n int) float64 { return float64(i) / float64(n-1) }

// sizes bounds the grids of the oracles: a sampler holds whole fields.
func sizes(kind string, times, points int) error {
	if times < 2 || points < 3 || times > 4096 || points > 4096 || times*points > maxFieldPoints {
		return fmt.Errorf("prior: %s: %d times of %d points: need at least 2 times and 3 points, at most %d numbers in all", kind, times, points, maxFieldPoints)
	}
	return nil
}

func described(p *Prior, err error, kind, format string, args ...any) (*Prior, error) {
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, kind)
	}
	p.Kind = kind
	p.Describe = fmt.Sprintf(format, args...) + ", exact denoiser"
	return p, nil
}
