package diffusion

import (
	"math"
	"testing"
)

// dm/dt = −½βm and d(σ²)/dt = g² by central differences; a² + b² = 1 for VP.
func TestPathsObeyTheirEquations(t *testing.T) {
	const h = 1e-5
	vp, ve := VP{0.1, 20}, VE{0.01, 50}
	for x := 0.05; x < 1; x += 0.1 {
		a, b := vp.At(x)
		if math.Abs(a*a+b*b-1) > 1e-14 {
			t.Errorf("VP at %g: a²+b² = %.17g", x, a*a+b*b)
		}
		lo, _ := vp.At(x - h)
		hi, _ := vp.At(x + h)
		f, g := vp.Drift(x)
		if d := (hi - lo) / (2 * h); math.Abs(d-f*a) > 1e-6 {
			t.Errorf("VP at %g: da/dt = %g, f a = %g", x, d, f*a)
		}
		if math.Abs(g*g+2*f) > 1e-12 {
			t.Errorf("VP at %g: g² = %g, −2f = %g", x, g*g, -2*f)
		}
		_, lo = ve.At(x - h)
		_, hi = ve.At(x + h)
		_, g = ve.Drift(x)
		if d := (hi*hi - lo*lo) / (2 * h); math.Abs(d/(g*g)-1) > 1e-6 {
			t.Errorf("VE at %g: dσ²/dt = %g, g² = %g", x, d, g*g)
		}
	}
	if a, _ := vp.At(0.5); math.Abs(a-math.Exp(-1.26875)) > 1e-15 {
		t.Errorf("VP at ½: a = %.6f, want exp(−1.26875) = .281183", a)
	}
}

func TestKarrasLevels(t *testing.T) {
	g, err := Karras(EDM{0.002, 80, 7}, 18)
	if err != nil {
		t.Fatal(err)
	}
	if g.Steps() != 18 || math.Abs(g.B[0]-80) > 1e-9 || math.Abs(g.B[17]-0.002) > 1e-15 || g.B[18] != 0 {
		t.Errorf("levels %v", g.B)
	}
	for i := range 18 {
		want := math.Pow(math.Pow(80, 1./7)+float64(i)/17*(math.Pow(0.002, 1./7)-math.Pow(80, 1./7)), 7)
		if math.Abs(g.B[i]-want) > 1e-9 {
			t.Errorf("level %d is %g, want %g", i, g.B[i], want)
		}
	}
}
