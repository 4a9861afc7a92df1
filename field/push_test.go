package field

import (
	"math"
	"slices"
	"strings"
	"testing"

	"abide/grid"
	"abide/internal/keyed"
)

// Moments in closed form against Gauss's density summed finely: a rule that converges
// exponentially for log-normal images, and between thresholds by pieces.
func TestPushMoments(t *testing.T) {
	level, err := NewLevelSet([]float64{-0.5, 0.3, 1.1}, []float64{2, -1, 5, 0.5})
	if err != nil {
		t.Fatal(err)
	}
	const mean, std = 0.2, 0.7
	for _, c := range []struct {
		name    string
		push    Push
		moments func(mean, std float64) (float64, float64)
		cuts    []float64
	}{
		{"level set", level, level.Moments, level.thresholds},
		{"log-normal", LogNormal{Floor: 0.1, Scale: 3}, LogNormal{Floor: 0.1, Scale: 3}.Moments, nil},
	} {
		var m, s float64
		cuts := append(append([]float64{mean - 12*std}, c.cuts...), mean+12*std)
		for k := 1; k < len(cuts); k++ {
			const n = 20000
			h := (cuts[k] - cuts[k-1]) / n
			for i := range n {
				u := cuts[k-1] + h*(float64(i)+0.5)
				p := h / (std * math.Sqrt(2*math.Pi)) * math.Exp(-(u-mean)*(u-mean)/(2*std*std))
				a := []float64{u}
				c.push.Apply(a, a)
				m, s = m+p*a[0], s+p*a[0]*a[0]
			}
		}
		// The midpoint rule's error over an interval between cuts, h² |f′| / 24 at its ends.
		gotM, gotV := c.moments(mean, std)
		if math.Abs(gotM-m) > 1e-7 || math.Abs(gotV-(s-m*m)) > 1e-6 {
			t.Errorf("%s: mean %.9g, variance %.9g, want %.9g, %.9g", c.name, gotM, gotV, m, s-m*m)
		}
	}
}

// Two phases at threshold 0 are equal with probability ½ + arcsin(ρ)/π, exact for
// draws of two Gaussian values (Sheppard 1899); log-normal covariances over draws.
func TestPushedPairs(t *testing.T) {
	const n, rho, std = 400_000, 0.6, 0.5
	level, err := NewLevelSet([]float64{0}, []float64{4, 12})
	if err != nil {
		t.Fatal(err)
	}
	z, a := make([]float64, 2), make([]float64, 2)
	stream := keyed.New(4, "pairs", 0, 0)
	same, sum, square := 0.0, 0.0, 0.0
	l := LogNormal{}
	m, _ := l.Moments(0, std)
	for range n {
		stream.Normal(z)
		z[0], z[1] = std*z[0], std*(rho*z[0]+math.Sqrt(1-rho*rho)*z[1])
		level.Apply(a, z)
		if a[0] == a[1] {
			same++
		}
		l.Apply(a, z)
		p := (a[0] - m) * (a[1] - m)
		sum, square = sum+p, square+p*p
	}
	p := 0.5 + math.Asin(rho)/math.Pi
	if x := (same - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(x) > 4.9 {
		t.Errorf("equal phases: share %g, %.1f standard errors from %g", same/n, x, p)
	}
	c := l.Covariance(0, 0, std*std, std*std, rho*std*std)
	if x := (sum/n - c) / math.Sqrt((square/n-sum/n*sum/n)/n); math.Abs(x) > 4.9 {
		t.Errorf("log-normal covariance: %g, %.1f standard errors from %g", sum/n, x, c)
	}
}

func TestPushedSample(t *testing.T) {
	f := spectralOf(t, Darcy, axesOf(grid.Neumann, grid.Vertex, 9, 9))
	level, err := NewLevelSet([]float64{0}, []float64{4, 12})
	if err != nil {
		t.Fatal(err)
	}
	u, a := make([]float64, f.Size()), make([]float64, f.Size())
	f.Sample(u, 1, 2)
	Pushed{f, level}.Sample(a, 1, 2)
	for i := range u {
		if want := map[bool]float64{true: 12, false: 4}[u[i] >= 0]; a[i] != want {
			t.Fatalf("u = %g became %g", u[i], a[i])
		}
	}
	for _, c := range []struct {
		thresholds, values []float64
		want               string
	}{{[]float64{0}, []float64{1}, "1 values between 1"}, {[]float64{1, 1}, []float64{1, 2, 3}, "threshold 1 is 1"}} {
		if _, err := NewLevelSet(c.thresholds, c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// A value on a threshold belongs to the phase above it.
func TestLevelSetAtThresholds(t *testing.T) {
	l, err := NewLevelSet([]float64{-1, 0}, []float64{2, 4, 12})
	if err != nil {
		t.Fatal(err)
	}
	u := []float64{-1.5, -1, -0.5, 0, 0.5, math.Inf(-1), math.Inf(1)}
	l.Apply(u, u)
	if want := []float64{2, 4, 4, 12, 12, 2, 12}; !slices.Equal(u, want) {
		t.Errorf("%v, want %v", u, want)
	}
}
