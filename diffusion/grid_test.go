package diffusion

import (
	"math"
	"testing"
)

func TestKarrasLevels(t *testing.T) {
	g, err := Karras(EDM{0.002, 80, 7}, 18)
	if err != nil {
		t.Fatal(err)
	}
	if g.Steps() != 18 || !(math.Abs(g.B[0]-80) <= 1e-9) || !(math.Abs(g.B[17]-0.002) <= 1e-15) || g.B[18] != 0 {
		t.Errorf("levels %v", g.B)
	}
	for i := range 18 {
		want := math.Pow(math.Pow(80, 1./7)+float64(i)/17*(math.Pow(0.002, 1./7)-math.Pow(80, 1./7)), 7)
		if !(math.Abs(g.B[i]-want) <= 1e-9) {
			t.Errorf("level %d is %g, want %g", i, g.B[i], want)
		}
	}
}
