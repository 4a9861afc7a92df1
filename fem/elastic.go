package fem

import (
	"fmt"
	"math"
)

// Elastic is an isotropic linear elastic solid,
//
//	σ = 2μ ε + λ tr ε I,  ε(u) = ½(∇u + ∇uᵀ),  ∫ σ(u):ε(v) = ∫ f·v + ∫_Neumann t·v,
//
// in space, or in the plane with ε_zz = 0 (plane strain) or σ_zz = 0 (plane stress, thin
// plates). Use Form in a [Problem] on a vector space of as many components as
// dimensions; multigrid then knows the motions that deform nothing.
//
// P1 and Q1 are too stiff where solids hardly change their volume, ν → ½ ("locking"): at
// ν = 0.4999 four linear triangles across bend a cantilever by 2 % of what it should. Use P2 or Q2 up to about 0.49, and
// beyond a [Saddle] with Shear, [Continuity] and Dilatation, which holds up to ν = ½.
// I. Babuška and M. Suri, Numer. Math. 62 (1992). Bending of slender parts by P1 and Q1
// takes many cells across for the same reason: P2 and Q2 do with one.
type Elastic struct {
	Lambda, Mu float64 // Lamé's; in plane stress λ is 2λμ/(λ+2μ) of the solid
	Thin       bool    // plane stress
}

// NewElastic is the solid of Young's modulus E and Poisson's ratio ν, in space or in plane
// strain: λ = Eν/((1+ν)(1−2ν)), μ = E/(2(1+ν)).
func NewElastic(young, poisson float64) (Elastic, error) {
	if !(young > 0) || !(poisson > -1 && poisson < 0.5) {
		return Elastic{}, fmt.Errorf("fem: an elastic solid of modulus %g and Poisson's ratio %g: the modulus is positive, the ratio between −1 and ½, both excluded", young, poisson)
	}
	return Elastic{Lambda: young * poisson / ((1 + poisson) * (1 - 2*poisson)), Mu: young / (2 * (1 + poisson))}, nil
}

// PlaneStress is the thin plate of this solid.
func (e Elastic) PlaneStress() Elastic {
	if e.Thin {
		return e
	}
	return Elastic{Lambda: 2 * e.Lambda * e.Mu / (e.Lambda + 2*e.Mu), Mu: e.Mu, Thin: true}
}

// Form is the integrand σ(u):ε(v) = 2μ ε(u):ε(v) + λ div u div v.
func (e Elastic) Form(_ *Point, u, v *Basis) float64 {
	return e.Shear(nil, u, v) + e.Lambda*u.Div*v.Div
}

// Shear is its part 2μ ε(u):ε(v).
func (e Elastic) Shear(_ *Point, u, v *Basis) float64 {
	a, b := &u.Jacobian, &v.Jacobian
	return e.Mu * (2*(a[0][0]*b[0][0]+a[1][1]*b[1][1]+a[2][2]*b[2][2]) +
		(a[0][1]+a[1][0])*(b[0][1]+b[1][0]) + (a[0][2]+a[2][0])*(b[0][2]+b[2][0]) + (a[1][2]+a[2][1])*(b[1][2]+b[2][1]))
}

// Dilatation is the integrand p q/λ, form C of a [Saddle] with p = −λ div u.
func (e Elastic) Dilatation(_ *Point, p, q *Basis) float64 { return p.Value * q.Value / e.Lambda }

// Stress is σ of a displacement at a point; in plane strain σ_zz = λ tr ε is among it.
func (e Elastic) Stress(u *Basis) Mat {
	s := u.Strain()
	trace := s.Trace()
	for i := range s {
		s[i] = s[i].Times(2 * e.Mu)
		if i < 2 || !e.Thin {
			s[i][i] += e.Lambda * trace
		}
	}
	return s
}

// Mises is the equivalent stress of R. von Mises (1913), √(3/2 s:s) with the deviator s =
// σ − ⅓ tr σ I: what a bar under tension σ has.
func Mises(stress *Mat) float64 {
	a, b, c := stress[0][0]-stress[1][1], stress[1][1]-stress[2][2], stress[2][2]-stress[0][0]
	xy, xz, yz := stress[0][1], stress[0][2], stress[1][2]
	return math.Sqrt((a*a+b*b+c*c)/2 + 3*(xy*xy+xz*xz+yz*yz))
}
