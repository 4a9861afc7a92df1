package mesh

import (
	"fmt"
	"math"
	"testing"
)

// generated is every generator with every shape.
func generated(t testing.TB) map[string]*Mesh {
	t.Helper()
	out := map[string]*Mesh{}
	add := func(name string, m *Mesh, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		out[fmt.Sprintf("%s of cells %s", name, m.Shape)] = m
	}
	m, err := NewInterval(7, -1, 2)
	add("interval", m, err)
	for _, s := range []Shape{Triangle, Quadrilateral} {
		m, err = NewRectangle(s, 5, 4, 2, 1)
		add("rectangle", m, err)
		m, err = NewDisc(s, 5, 1.5)
		add("disc", m, err)
		m, err = NewStar(s, 12, generatedStar)
		add("star", m, err)
		m, err = NewLShape(s, 4)
		add("L", m, err)
	}
	for _, s := range []Shape{Tetrahedron, Hexahedron} {
		m, err = NewBox(s, 3, 4, 2, 1, 2, 0.5)
		add("box", m, err)
	}
	return out
}

func generatedStar(t float64) float64 { return 1 + 0.2*math.Cos(4*t) - 0.1*math.Cos(8*t) }

// flux is the volume by the divergence theorem, 1/d ∫ x·n over the named facets: it is
// right only if these are all of the boundary, each once, and look outward.
func flux(m *Mesh) float64 {
	sum, size := 0.0, m.FacetSize()
	for f := range m.FacetTag {
		p := m.Facets[f*size : (f+1)*size]
		switch size {
		case 1:
			sum += m.Points[p[0]] * float64(2*f-1) // the interval's: left, then right
		case 2:
			a, b := m.Point(p[0]), m.Point(p[1])
			sum += (a[0]*b[1] - a[1]*b[0]) / 2
		default:
			for i := 1; i < size-1; i++ {
				a, b, c := m.Point(p[0]), m.Point(p[i]), m.Point(p[i+1])
				j := [3][3]float64{{a[0], b[0], c[0]}, {a[1], b[1], c[1]}, {a[2], b[2], c[2]}}
				sum += determinant(&j, 3) / 6
			}
		}
	}
	return sum
}

// TestGenerators holds all that must be true of a mesh, of generated ones, of their
// refinements and of these with points moved.
func TestGenerators(t *testing.T) {
	for name, m := range generated(t) {
		fine, err := m.Refine()
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		moved, err := fine.Jitter(0.3, 7)
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		volume := m.Volume()
		for kind, m := range map[string]*Mesh{"": m, "refined ": fine, "moved ": moved} {
			name := kind + name
			for c := range m.Count() {
				if !(m.leastJacobian(c) > 0) || !(m.CellVolume(c) > 0) {
					t.Errorf("%s: cell %d is turned over", name, c)
				}
			}
			if got := m.Volume(); math.Abs(got-volume) > 1e-13*volume {
				t.Errorf("%s: volume %v, not %v", name, got, volume)
			}
			if got := flux(m); math.Abs(got-volume) > 1e-13*volume {
				t.Errorf("%s: volume by the named facets %v, not %v", name, got, volume)
			}
			checkSkeleton(t, name, m)
		}
		if fine.Count() != m.Count()<<m.Dim() || len(fine.FacetTag) != len(m.FacetTag)<<(m.Dim()-1) {
			t.Errorf("refined %s: %d cells and %d facets from %d and %d", name, fine.Count(), len(fine.FacetTag), m.Count(), len(m.FacetTag))
		}
		if m.Dim() == 3 || m.Dim() == 1 || name == "disc of cells triangle" {
			if half := fine.Size() / m.Size(); math.Abs(half-0.5) > 1e-12 {
				t.Errorf("refined %s: h is %v of the old", name, half)
			}
		}
	}
}

// checkSkeleton compares Edges and Skeleton with Euler's formula, and the boundary
// with the named facets.
func checkSkeleton(t *testing.T, name string, m *Mesh) {
	t.Helper()
	s, err := m.Skeleton()
	if err != nil {
		t.Fatal(name, ": ", err)
	}
	edges, _ := m.Edges()
	euler := m.N() - len(edges)/2
	switch m.Dim() {
	case 2:
		euler += m.Count()
	case 3:
		euler += len(s.Cell) - m.Count()
	}
	if euler != 1 {
		t.Errorf("%s: V − E + F − … = %d, not 1 as for all domains without holes", name, euler)
	}
	named := map[int32]int{}
	for _, f := range s.Named {
		named[f]++
	}
	boundary := s.Boundary()
	for _, f := range boundary {
		if named[f] != 1 {
			t.Errorf("%s: facet %d of the boundary has %d names", name, f, named[f])
		}
	}
	if len(named) != len(boundary) {
		t.Errorf("%s: %d named facets, %d of the boundary", name, len(named), len(boundary))
	}
}

// TestVolumes compares with the exact ones: polygons to rounding, discs and stars with
// the area of the polygon through their points, which tends to π r² with order 2.
func TestVolumes(t *testing.T) {
	exact := map[string]float64{"interval": 3, "rectangle": 2, "L": 3, "box": 1}
	for name, m := range generated(t) {
		for part, want := range exact {
			if len(name) > len(part) && name[:len(part)+1] == part+" " && math.Abs(m.Volume()-want) > 1e-13 {
				t.Errorf("%s: volume %v, not %v", name, m.Volume(), want)
			}
		}
	}
	star := math.Pi * (1 + (0.2*0.2+0.1*0.1)/2) // ½∫r²
	for _, s := range []Shape{Triangle, Quadrilateral} {
		for _, domain := range []struct {
			name   string
			radius func(float64) float64
			area   float64
		}{{"disc", func(float64) float64 { return 1 }, math.Pi}, {"star", generatedStar, star}} {
			var e [2]float64
			for i, n := range []int{32, 64} {
				m, err := NewStar(s, n, domain.radius)
				if err != nil {
					t.Fatal(err)
				}
				e[i] = math.Abs(m.Volume() - domain.area)
				for f := range m.FacetTag {
					p := m.Point(m.Facets[2*f])
					if r := math.Hypot(p[0], p[1]); math.Abs(r-domain.radius(math.Atan2(p[1], p[0]))) > 1e-12 {
						t.Fatalf("%s: point %v is not on the boundary", domain.name, p)
					}
				}
			}
			if order := math.Log2(e[0] / e[1]); math.Abs(order-2) > 0.05 {
				t.Errorf("%s of cells %s: errors of the area %v: order %.3f, not 2", domain.name, s, e, order)
			}
		}
	}
}

// leastAngle is the least angle between edges that meet in a corner of a cell.
func leastAngle(m *Mesh) float64 {
	least := math.Inf(1)
	for c := range m.Count() {
		for _, corner := range m.Cell(c) {
			var rays [][]float64
			for _, e := range m.Shape.Edges() {
				for side := range 2 {
					if m.Cell(c)[e[side]] == corner {
						a, b := m.Point(corner), m.Point(m.Cell(c)[e[1-side]])
						ray, length := make([]float64, len(a)), distance(a, b)
						for k := range a {
							ray[k] = (b[k] - a[k]) / length
						}
						rays = append(rays, ray)
					}
				}
			}
			for i := range rays {
				for j := range i {
					dot := 0.0
					for k, x := range rays[i] {
						dot += x * rays[j][k]
					}
					least = min(least, math.Acos(dot)*180/math.Pi)
				}
			}
		}
	}
	return least
}

// TestAngles bounds the least angle away from 0 for all sizes of discs and all depths
// of refinement; Kuhn's cells keep theirs.
func TestAngles(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8, 30} {
		for _, s := range []Shape{Triangle, Quadrilateral} {
			m, err := NewDisc(s, n, 1)
			if err != nil {
				t.Fatal(err)
			}
			if angle := leastAngle(m); angle < 40 {
				t.Errorf("disc of %d %s: an angle of %.1f°", n, s, angle)
			}
		}
	}
	m, err := NewBox(Tetrahedron, 1, 1, 1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := math.Atan(1/math.Sqrt2) * 180 / math.Pi // between a cube's diagonal and that of a face
	for depth := range 4 {
		if angle := leastAngle(m); math.Abs(angle-want) > 1e-9 {
			t.Errorf("Kuhn's cells refined %d times: an angle of %v°, not %v°", depth, angle, want)
		}
		if m, err = m.Refine(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadGenerators(t *testing.T) {
	zero := 0.0
	for name, make := range map[string]func() (*Mesh, error){
		"shape of box":    func() (*Mesh, error) { return NewBox(Triangle, 1, 1, 1, 1, 1, 1) },
		"size of box":     func() (*Mesh, error) { return NewBox(Hexahedron, 1, 0, 1, 1, 1, 1) },
		"NaN":             func() (*Mesh, error) { return NewDisc(Triangle, 1, zero/zero) },
		"no rings":        func() (*Mesh, error) { return NewDisc(Triangle, 0, 1) },
		"shape of disc":   func() (*Mesh, error) { return NewDisc(Hexahedron, 1, 1) },
		"negative radius": func() (*Mesh, error) { return NewStar(Triangle, 3, func(t float64) float64 { return 3 - t }) },
		"turned over": func() (*Mesh, error) {
			return NewStar(Quadrilateral, 4, func(t float64) float64 { return 1 + 0.9*math.Cos(8*t) })
		},
		"shape of L": func() (*Mesh, error) { return NewLShape(Interval, 1) },
		"size of L":  func() (*Mesh, error) { return NewLShape(Triangle, 0) },
		"jitter": func() (*Mesh, error) {
			m, _ := NewInterval(3, 0, 1)
			return m.Jitter(-1, 0)
		},
	} {
		if m, err := make(); err == nil {
			t.Errorf("%s: %d cells and no error", name, m.Count())
		}
	}
}

// TestStars: the domains of the nonlinear Poisson family, |c₁|, |c₂| ≤ 0.2, are meshed
// at all sizes, up to their corners.
func TestStars(t *testing.T) {
	for _, s := range []Shape{Triangle, Quadrilateral} {
		for _, n := range []int{6, 9, 16, 25, 40} {
			for i := range 25 {
				c1, c2 := 0.1*float64(i%5-2), 0.1*float64(i/5-2)
				m, err := NewStar(s, n, func(t float64) float64 { return 1 + c1*math.Cos(4*t) + c2*math.Cos(8*t) })
				if err != nil {
					t.Errorf("%d %s, c = %g, %g: %v", n, s, c1, c2, err)
					continue
				}
				if err := m.Check(); err != nil {
					t.Errorf("%d %s, c = %g, %g: %v", n, s, c1, c2, err)
				}
			}
		}
	}
}
