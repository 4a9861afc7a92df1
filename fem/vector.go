package fem

import "math"

// Vec is a place or a direction; components above the dimension of the mesh are zero.
type Vec [3]float64

// Dot is Σᵢ aᵢ bᵢ.
func (a Vec) Dot(b Vec) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// Norm is √(a·a).
func (a Vec) Norm() float64 { return math.Sqrt(a.Dot(a)) }

// Add is a + b.
func (a Vec) Add(b Vec) Vec { return Vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

// Sub is a − b.
func (a Vec) Sub(b Vec) Vec { return Vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

// Times is t a.
func (a Vec) Times(t float64) Vec { return Vec{t * a[0], t * a[1], t * a[2]} }

// Cross is a × b.
func (a Vec) Cross(b Vec) Vec {
	return Vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// Mat is a tensor, row by row.
type Mat [3]Vec

// Dot is Σᵢⱼ aᵢⱼ bᵢⱼ.
func (a *Mat) Dot(b *Mat) float64 { return a[0].Dot(b[0]) + a[1].Dot(b[1]) + a[2].Dot(b[2]) }

// Times is a x.
func (a *Mat) Times(x Vec) Vec { return Vec{a[0].Dot(x), a[1].Dot(x), a[2].Dot(x)} }

// Trace is Σᵢ aᵢᵢ.
func (a *Mat) Trace() float64 { return a[0][0] + a[1][1] + a[2][2] }

// Sym is ½(a + aᵀ).
func (a *Mat) Sym() Mat {
	xy, xz, yz := (a[0][1]+a[1][0])/2, (a[0][2]+a[2][0])/2, (a[1][2]+a[2][1])/2
	return Mat{{a[0][0], xy, xz}, {xy, a[1][1], yz}, {xz, yz, a[2][2]}}
}
