package fem

import (
	"fmt"
	"math"

	"abide/mesh"
)

// Quadrature is a rule ∫_K f ≈ Σ_q w_q f(x_q) on a reference cell K.
type Quadrature struct {
	Points  []Vec
	Weights []float64
	Degree  int // polynomials of this degree are integrated exactly
}

// NewQuadrature is the rule with the fewest points we have that is exact for
// polynomials of a degree: on tensor cells of that degree in each coordinate
// (Gauss), on simplices of that total degree. Up to degree 6 all weights are
// positive: triangles after D. A. Dunavant, Int. J. Numer. Methods Eng. 21 (1985)
// 1129–1148; tetrahedra after P. Keast, Comput. Methods Appl. Mech. Eng. 55 (1986)
// 339–348 (degree 6) and N. J. Walkington (2000, degree 5). Above it are the rules of A.
// Grundmann and H. M. Möller, SIAM J. Numer. Anal. 15 (1978) 282–290, Theorem 4,
// whose weights have both signs.
func NewQuadrature(shape mesh.Shape, degree int) (Quadrature, error) {
	if degree < 0 || degree > 20 {
		return Quadrature{}, fmt.Errorf("fem: quadrature of degree %d: degrees are from 0 to 20", degree)
	}
	var q Quadrature
	switch shape {
	case mesh.Interval:
		q = gaussCube(1, degree)
	case mesh.Quadrilateral:
		q = gaussCube(2, degree)
	case mesh.Hexahedron:
		q = gaussCube(3, degree)
	case mesh.Triangle:
		q = fromOrbits(2, degree, triangleRules)
	case mesh.Tetrahedron:
		q = fromOrbits(3, degree, tetrahedronRules)
	default:
		return Quadrature{}, fmt.Errorf("fem: quadrature on shape %d: allowed are interval, triangle, quadrilateral, tetrahedron, hexahedron", shape)
	}
	return q, nil
}

// EdgeMidpoints is the rule of degree 2 on triangles with the midpoints of the edges
// as points. The default of that degree has its points inside, where coefficients
// that jump between cells have a value.
func EdgeMidpoints() Quadrature {
	return Quadrature{Points: []Vec{{0.5, 0}, {0.5, 0.5}, {0, 0.5}}, Weights: []float64{1. / 6, 1. / 6, 1. / 6}, Degree: 2}
}

// gaussCube is the product of Gauss–Legendre rules on [0, 1]^d.
func gaussCube(d, degree int) Quadrature {
	n := degree/2 + 1
	x, w := gauss(n)
	q := Quadrature{Points: []Vec{{}}, Weights: []float64{1}, Degree: 2*n - 1}
	for k := range d {
		points, weights := q.Points, q.Weights
		q.Points, q.Weights = nil, nil
		for i := range n {
			for j, p := range points {
				p[k] = x[i]
				q.Points, q.Weights = append(q.Points, p), append(q.Weights, w[i]*weights[j])
			}
		}
	}
	return q
}

// gauss finds the zeros of the Legendre polynomial of degree n by Newton's method
// and maps them to [0, 1].
func gauss(n int) (x, w []float64) {
	x, w = make([]float64, n), make([]float64, n)
	for i := range n {
		z := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var slope float64
		for range 20 {
			p, before := 1.0, 0.0
			for k := range n {
				p, before = (float64(2*k+1)*z*p-float64(k)*before)/float64(k+1), p
			}
			slope = float64(n) * (before - z*p) / (1 - z*z)
			z -= p / slope
		}
		x[n-1-i] = (1 + z) / 2
		w[n-1-i] = 1 / ((1 - z*z) * slope * slope)
	}
	return x, w
}

// orbit is the points that permutations of barycentric coordinates make of one,
// with the weight of each as a share of the volume.
type orbit struct {
	weight float64
	at     []float64
}

// The numbers are zeros of the moment equations in forty digits, started at the
// printed ones.
var triangleRules = map[int][]orbit{
	1: {{1, []float64{1. / 3, 1. / 3, 1. / 3}}},
	2: {{1. / 3, []float64{1. / 6, 1. / 6, 2. / 3}}},
	4: {
		twoOne(0.2233815896780114657, 0.44594849091596488632),
		twoOne(0.10995174365532186764, 0.09157621350977074346),
	},
	5: { // J. Radon, 1948
		{9. / 40, []float64{1. / 3, 1. / 3, 1. / 3}},
		twoOne((155-math.Sqrt(15))/1200, (6-math.Sqrt(15))/21),
		twoOne((155+math.Sqrt(15))/1200, (6+math.Sqrt(15))/21),
	},
	6: {
		twoOne(0.11678627572637936603, 0.24928674517091042129),
		twoOne(0.050844906370206816921, 0.06308901449150222834),
		{0.082851075618373575194, []float64{0.31035245103378440542, 0.053145049844816947353, 1 - 0.31035245103378440542 - 0.053145049844816947353}},
	},
}

var tetrahedronRules = map[int][]orbit{
	1: {{1, []float64{0.25, 0.25, 0.25, 0.25}}},
	2: {threeOne(0.25, (5-math.Sqrt(5))/20)},
	5: {
		threeOne(0.073493043116361949544, 0.092735250310891226402),
		threeOne(0.1126879257180158508, 0.3108859192633006098),
		{0.042546020777081466438, []float64{0.045503704125649649492, 0.045503704125649649492, 0.5 - 0.045503704125649649492, 0.5 - 0.045503704125649649492}},
	},
	6: {
		threeOne(0.0399227502581674921, 0.21460287125915202929),
		threeOne(0.010077211055320642948, 0.040673958534611353116),
		threeOne(0.055357181543654722095, 0.32233789014227551034),
		{27. / 560, []float64{0.063661001875017525299, 0.063661001875017525299, 0.26967233145831580803, 1 - 2*0.063661001875017525299 - 0.26967233145831580803}},
	},
}

func twoOne(w, a float64) orbit   { return orbit{w, []float64{a, a, 1 - 2*a}} }
func threeOne(w, a float64) orbit { return orbit{w, []float64{a, a, a, 1 - 3*a}} }

// fromOrbits takes the first rule of at least a degree, Grundmann and Möller's above
// those of the table.
func fromOrbits(d, degree int, rules map[int][]orbit) Quadrature {
	for have := max(degree, 1); have <= 6; have++ {
		if orbits, ok := rules[have]; ok {
			q := Quadrature{Degree: have}
			for _, o := range orbits {
				permutations(o.at, func(b []float64) {
					var p Vec
					copy(p[:], b[1:])
					q.Points, q.Weights = append(q.Points, p), append(q.Weights, o.weight*simplexVolume(d))
				})
			}
			return q
		}
	}
	return grundmannMöller(d, (degree+1)/2)
}

// permutations visits the different orders of a few numbers.
func permutations(x []float64, visit func([]float64)) {
	order := make([]float64, 0, len(x))
	used := make([]bool, len(x))
	var extend func()
	extend = func() {
		if len(order) == len(x) {
			visit(order)
			return
		}
		for i := range x {
			repeated := used[i]
			for j := range i {
				repeated = repeated || (!used[j] && x[j] == x[i])
			}
			if !repeated {
				used[i], order = true, append(order, x[i])
				extend()
				used[i], order = false, order[:len(order)-1]
			}
		}
	}
	extend()
}

// grundmannMöller is the rule of degree 2s+1 on the d-simplex,
//
//	Σ_{i≤s} (−1)ⁱ 2^{−2s} (2s+1+d−2i)^{2s+1} / (i! (2s+1+d−i)!) Σ_{|β|=s−i} f((2β+1)/(2s+1+d−2i)).
func grundmannMöller(d, s int) Quadrature {
	q := Quadrature{Degree: 2*s + 1}
	for i := range s + 1 {
		scale := float64(2*s + 1 + d - 2*i)
		w := math.Pow(-1, float64(i)) * math.Pow(2, float64(-2*s)) * math.Pow(scale, float64(2*s+1)) / (factorial(i) * factorial(2*s+1+d-i))
		beta := make([]int, d+1)
		var spread func(k, left int)
		spread = func(k, left int) {
			if k == d {
				var p Vec
				for r := range d {
					p[r] = float64(2*beta[r]+1) / scale
				}
				q.Points, q.Weights = append(q.Points, p), append(q.Weights, w)
				return
			}
			for n := range left + 1 {
				beta[k] = n
				spread(k+1, left-n)
			}
		}
		spread(0, s-i)
	}
	return q
}

func factorial(n int) float64 { return math.Round(math.Gamma(float64(n + 1))) }

// simplexVolume is 1/d!.
func simplexVolume(d int) float64 { return 1 / factorial(d) }
