package field

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/internal/keyed"
)

func spectralOf(t testing.TB, l Law, g Grid, modes ...int) *Spectral {
	t.Helper()
	f, err := NewSpectral(l, g, modes...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// spectralWays is a field once with fast transforms and once with matrices, whichever the
// processor would choose.
func spectralWays(t testing.TB, l Law, g Grid, modes ...int) []*Spectral {
	t.Helper()
	fast, matrix := spectralOf(t, l, g, modes...), spectralOf(t, l, g, modes...)
	for a, b := range matrix.basis {
		fast.dense[a], matrix.dense[a] = nil, b.dense()
	}
	return []*Spectral{fast, matrix}
}

// The standard deviations of the published laws, to the digits printed: as a sum over
// the spectrum, as the average of the variance over the points, and of draws within
// 4.9 standard errors, whose size is that of a weighted χ².
func TestPublishedStandardDeviations(t *testing.T) {
	for _, c := range []struct {
		name  string
		law   Law
		large []int
		small []int
		want  string
	}{
		{"Darcy", Darcy, []int{512, 512}, []int{32, 32}, "0.29208"},
		{"Burgers", Burgers, []int{1024}, []int{64}, "0.2741"},
		{"Navier–Stokes", NavierStokes, []int{512, 512}, []int{32, 32}, "0.1852"},
	} {
		std := spectralOf(t, c.law, Grid{Shape: c.large}).Std()
		if got := fmt.Sprintf("%.*f", len(c.want)-2, std); got != c.want {
			t.Errorf("%s: the spectrum's standard deviation is %s, want %s", c.name, got, c.want)
		}
		// On cells, squares averaged over points are squares averaged over modes.
		f := spectralOf(t, c.law, Grid{Shape: c.small, Centring: Cell})
		x, mean := make([]float64, len(c.small)), 0.0
		for i := range f.Size() {
			f.Point(x, i)
			if i%7 == 0 || len(c.small) == 1 {
				mean += f.Variance(x)
			}
		}
		if len(c.small) == 1 {
			if mean /= float64(f.Size()); math.Abs(mean-f.Std()*f.Std()) > 1e-12 {
				t.Errorf("%s: variances average to %g, the spectrum says %g", c.name, mean, f.Std()*f.Std())
			}
		}
		const n = 2000
		dst, ms := make([]float64, f.Size()), 0.0
		for k := range n {
			f.Sample(dst, 3, k)
			for _, u := range dst {
				ms += u * u / float64(n*len(dst))
			}
		}
		quartic := 0.0
		for _, s := range f.std {
			quartic += s * s * s * s
		}
		variance := f.Std() * f.Std()
		if z := (ms - variance) / math.Sqrt(2*quartic/n); !(math.Abs(z) < 4.9) {
			t.Errorf("%s: %d draws have standard deviation %.5f, %.1f standard errors from %.5f", c.name, n, math.Sqrt(ms), z, f.Std())
		}
		t.Logf("%s: spectrum %.6f, %d draws on %v: %.4f ± %.4f", c.name, std, n, c.small, math.Sqrt(ms), math.Sqrt(2*quartic/n)/2/f.Std())
	}
}

// Functions are orthonormal, and every transform sums those that at evaluates: all
// conditions, both centrings, even and odd numbers of points, one to three axes.
func TestSpectralIsItsSeries(t *testing.T) {
	for _, boundary := range []Boundary{Neumann, Dirichlet, Periodic} {
		for _, centring := range []Centring{Vertex, Cell} {
			for _, g := range []Grid{
				{Shape: []int{8}}, {Shape: []int{9}, Extent: []float64{2.5}},
				{Shape: []int{17}}, {Shape: []int{18}, Extent: []float64{2.5}}, {Shape: []int{26}},
				{Shape: []int{5, 8}, Extent: []float64{0.7, 2}}, {Shape: []int{4, 5, 6}, Extent: []float64{1, 2, 0.5}},
			} {
				g.Centring = centring
				l := Law{Sigma: 1.3, Alpha: 2, Tau: 3, Boundary: boundary, Constant: boundary != Dirichlet, Mean: 0.25}
				for _, f := range spectralWays(t, l, g) {
					white, dst, x := make([]float64, f.White()), make([]float64, f.Size()), make([]float64, len(g.Shape))
					for k := range white {
						clear(white)
						white[k] = 1
						f.Map(dst, white)
						for i, u := range dst {
							f.Point(x, i)
							want, rest, lambda := l.Sigma, k, l.Tau*l.Tau
							for a := len(f.basis) - 1; a >= 0; a-- {
								b := f.basis[a]
								j := rest % b.modes
								want *= b.at(j, x[a])
								lambda += b.frequency(j) * b.frequency(j)
								rest /= b.modes
							}
							want = want/lambda + l.Mean
							if !(math.Abs(u-want) < 1e-12) {
								t.Fatalf("%v, %v, %v: function %d at %v is %g, want %g", boundary, centring, g.Shape, k, x, u, want)
							}
						}
					}
				}
			}
			b := spectralOf(t, Law{Sigma: 1, Alpha: 1, Boundary: boundary}, Grid{Shape: []int{10}, Extent: []float64{1.7}, Centring: centring}).basis[0]
			for i := range b.modes {
				for j := range i + 1 {
					const n = 64 // the midpoint rule is exact
					s := 0.0
					for k := range n {
						at := b.length * (float64(k) + 0.5) / n
						s += b.at(i, at) * b.at(j, at) * b.length / n
					}
					want := 0.0
					if i == j {
						want = 1
					}
					if math.Abs(s-want) > 1e-12 {
						t.Errorf("%v: functions %d and %d have product %g", boundary, i, j, s)
					}
				}
			}
		}
	}
}

// Covariances are Green's functions: those of −d² and its square, and of −d² + τ², in
// closed form. What is truncated is bounded by the tail of the series.
func TestSpectralCovarianceIsGreensFunction(t *testing.T) {
	const tau = 4.0
	for _, c := range []struct {
		name  string
		law   Law
		green func(x, y float64) float64 // x ≤ y
		modes int
		tail  float64
	}{
		{"bridge", Law{Sigma: 2, Alpha: 1, Boundary: Dirichlet}, func(x, y float64) float64 { return 4 * x * (1 - y) }, 20000, 4 * 2 / (math.Pi * math.Pi * 20000)},
		{"integrated bridge", Law{Sigma: 1, Alpha: 2, Boundary: Dirichlet}, func(x, y float64) float64 {
			return x * (1 - y) * (2*y - x*x - y*y) / 6
		}, 3000, 1e-12},
		{"no flux", Law{Sigma: 1, Alpha: 1, Tau: tau, Constant: true}, func(x, y float64) float64 {
			return math.Cosh(tau*x) * math.Cosh(tau*(1-y)) / (tau * math.Sinh(tau))
		}, 20000, 2 / (math.Pi * math.Pi * 20000)},
		{"periodic", Law{Sigma: 1, Alpha: 1, Tau: tau, Boundary: Periodic, Constant: true}, func(x, y float64) float64 {
			return math.Cosh(tau*(0.5-(y-x))) / (2 * tau * math.Sinh(tau/2))
		}, 20000, 2 / (4 * math.Pi * math.Pi * 20000)},
	} {
		f := spectralOf(t, c.law, Grid{Shape: []int{2*c.modes + 3}}, c.modes)
		for _, p := range [][2]float64{{0.1, 0.1}, {0.2, 0.7}, {0.5, 0.9}, {0, 0.3}} {
			got, want := f.Covariance(p[:1], p[1:]), c.green(p[0], p[1])
			if !(math.Abs(got-want) < c.tail+1e-12) {
				t.Errorf("%s at %v: %.12g, want %.12g ± %.1g", c.name, p, got, want, c.tail)
			}
		}
	}
}

// A draw on a finer grid, cut to the modes of the coarser one, is the same field at
// the points they share; in two dimensions and with another aspect.
func TestSpectralDrawsAreKeyedByMode(t *testing.T) {
	for _, c := range []struct {
		law          Law
		coarse, fine []int
		modes        []int
	}{
		{Darcy, []int{9, 17}, []int{17, 33}, []int{8, 16}},
		{Law{Sigma: 1, Alpha: 2, Boundary: Dirichlet}, []int{9, 17}, []int{17, 33}, []int{7, 15}},
		{NavierStokes, []int{16, 10}, []int{32, 20}, []int{7, 4}},
	} {
		coarse := spectralOf(t, c.law, Grid{Shape: c.coarse})
		fine := spectralOf(t, c.law, Grid{Shape: c.fine}, c.modes...)
		u, v := make([]float64, coarse.Size()), make([]float64, fine.Size())
		coarse.Sample(u, 5, 1000)
		fine.Sample(v, 5, 1000)
		for i := range c.coarse[0] {
			for j := range c.coarse[1] {
				if a, b := u[i*c.coarse[1]+j], v[2*i*c.fine[1]+2*j]; !(math.Abs(a-b) < 1e-13) {
					t.Fatalf("%v: at (%d, %d) the coarse draw is %g, the fine one %g", c.law.Boundary, i, j, a, b)
				}
			}
		}
		full := spectralOf(t, c.law, Grid{Shape: c.fine})
		full.Sample(v, 5, 1000)
		// What is left is as large as the modes left out: χ² of one draw, far within a factor 3.
		ms := 0.0
		for i := range c.coarse[0] {
			for j := range c.coarse[1] {
				d := u[i*c.coarse[1]+j] - v[2*i*c.fine[1]+2*j]
				ms += d * d / float64(len(u))
			}
		}
		left := full.Std()*full.Std() - coarse.Std()*coarse.Std()
		if !(ms > left/3 && ms < left*3) {
			t.Errorf("%v: refinement changes the draw by %g, the modes left out have %g", c.law.Boundary, math.Sqrt(ms), math.Sqrt(left))
		}
	}
}

// In space too: keys are the wave numbers, not the places of rows in an array.
func TestSpectralDrawsAreKeyedByModeInSpace(t *testing.T) {
	law := Law{Sigma: 1, Alpha: 3, Tau: 2, Boundary: Neumann}
	coarse := spectralOf(t, law, Grid{Shape: []int{3, 4, 5}})
	fine := spectralOf(t, law, Grid{Shape: []int{5, 7, 9}}, 2, 3, 4)
	u, v := make([]float64, coarse.Size()), make([]float64, fine.Size())
	coarse.Sample(u, 5, 2)
	fine.Sample(v, 5, 2)
	full := spectralOf(t, law, Grid{Shape: []int{5, 7, 9}})
	w, cut, same := make([]float64, full.White()), make([]float64, full.Size()), make([]float64, full.Size())
	for i := range 3 {
		for j := range 4 {
			for k := range 5 {
				a, b := u[(i*4+j)*5+k], v[(2*i*7+2*j)*9+2*k]
				if !(math.Abs(a-b) < 1e-13) {
					t.Fatalf("at (%d, %d, %d) the coarse draw is %g, the fine one %g", i, j, k, a, b)
				}
			}
		}
	}
	// The draw on all modes of the fine grid, less the modes left out, is the same again.
	full.Sample(cut, 5, 2)
	row := make([]float64, 9)
	for r, s := range full.std {
		if m := r % 9; m == 0 {
			keyed.New(5, "field.spectral", 2, (r/63)<<16|r/9%7).Normal(row)
		}
		if w[r] = row[r%9]; s == 0 || r%9 <= 4 && r/9%7 <= 3 && r/63 <= 2 {
			w[r] = 0
		}
	}
	full.Map(same, w)
	for i := range v {
		if d := cut[i] - same[i]; !(math.Abs(d-v[i]) < 1e-13) {
			t.Fatalf("at %d the full draw less what was left out is %g, the cut one %g", i, d, v[i])
		}
	}
}

// The law of draws: covariances of three places over draws, 4.9 standard errors, and
// no more between draws of neighbouring index.
func TestSpectralSamplesHaveTheirCovariance(t *testing.T) {
	f := spectralOf(t, Law{Sigma: 1, Alpha: 2, Tau: 2, Constant: true, Mean: 3}, Grid{Shape: []int{6, 5}})
	const n = 40000
	places := []int{0, 13, 29}
	var s, lag [3][3]float64
	dst, last := make([]float64, f.Size()), make([]float64, f.Size())
	for k := range n {
		f.Sample(dst, 11, k)
		for a, i := range places {
			for b, j := range places {
				s[a][b] += (dst[i] - 3) * (dst[j] - 3) / n
				if k > 0 {
					lag[a][b] += (dst[i] - 3) * (last[j] - 3) / n
				}
			}
		}
		dst, last = last, dst
	}
	at := func(i int) []float64 { x := make([]float64, 2); f.Point(x, i); return x }
	for a, i := range places {
		for b, j := range places {
			c, vi, vj := f.Covariance(at(i), at(j)), f.Variance(at(i)), f.Variance(at(j))
			if z := (s[a][b] - c) / math.Sqrt((vi*vj+c*c)/n); !(math.Abs(z) < 4.9) {
				t.Errorf("covariance of places %d and %d: %g, %.1f standard errors from %g", i, j, s[a][b], z, c)
			}
			if z := lag[a][b] / math.Sqrt(vi*vj/n); !(math.Abs(z) < 4.9) {
				t.Errorf("draws of neighbouring index are correlated at %d and %d: %.1f standard errors", i, j, z)
			}
		}
	}
}

func TestSpectralRefuses(t *testing.T) {
	square := Grid{Shape: []int{8, 8}}
	for _, c := range []struct {
		law   Law
		grid  Grid
		modes []int
		want  string
	}{
		{Law{Sigma: 0, Alpha: 2}, square, nil, "σ = 0"},
		{Law{Sigma: 1, Alpha: 1, Tau: 1}, square, nil, "α = 1 in 2 dimensions"},
		{Law{Sigma: 1, Alpha: 2, Constant: true}, square, nil, "variance is infinite"},
		{Law{Sigma: 1, Alpha: 2, Boundary: Dirichlet, Constant: true}, square, nil, "it has none"},
		{Law{Sigma: 1, Alpha: 2, Boundary: 7}, square, nil, "boundary 7"},
		{Darcy, Grid{Shape: []int{8, 1}}, nil, "axis 1"},
		{Darcy, Grid{Shape: []int{8, 8}, Extent: []float64{1}}, nil, "1 extents"},
		{Darcy, Grid{}, nil, "0 axes"},
		{Darcy, square, []int{8, 8}, "tell apart those up to 7"},
		{Darcy, square, []int{3}, "one each"},
		{Darcy, square, []int{0, 3}, "at least 1"},
		{NavierStokes, Grid{Shape: []int{2, 8}}, nil, "carry no wave"},
	} {
		if _, err := NewSpectral(c.law, c.grid, c.modes...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v on %v: error %v, want one with %q", c.law, c.grid, err, c.want)
		}
	}
}

// Vector units round as the plain loop does.
func TestProductsAreRoundedAlike(t *testing.T) {
	table, x := make([]float64, 4*37), make([]float64, 33*width)
	keyed.New(1, "products", 0, 0).Normal(table)
	keyed.New(2, "products", 0, 0).Normal(x)
	var a, b [4 * width]float64
	for rows := 1; rows <= 4; rows++ {
		products(&a, table, 37, rows, x)
		plainProducts(&b, table, 37, rows, x)
		if a != b {
			t.Errorf("%d rows: %v, the plain loop has %v", rows, a, b)
		}
	}
}
