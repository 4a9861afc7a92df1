package field

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"abide/grid"
	"abide/internal/keyed"
)

func spectralOf(t testing.TB, l Law, axes []grid.Axis, modes ...int) *Spectral {
	t.Helper()
	f, err := NewSpectral(l, axes, modes...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// axesOf are the axes of unit length with so many unknowns each.
func axesOf(boundary grid.Boundary, centring grid.Centring, sizes ...int) (axes []grid.Axis) {
	for _, n := range sizes {
		a := grid.Axis{Cells: n, Centring: centring, Boundary: boundary}
		a.Cells += n - a.Size()
		axes = append(axes, a)
	}
	return axes
}

// The standard deviations of the published laws, to the digits printed: as a sum over
// the spectrum, as the average of the variance over the points, and of draws within
// 4.9 standard errors, whose size is that of a weighted χ².
func TestPublishedStandardDeviations(t *testing.T) {
	for _, c := range []struct {
		name     string
		law      Law
		boundary grid.Boundary
		large    []int
		small    []int
		want     string
	}{
		{"Darcy", Darcy, grid.Neumann, []int{512, 512}, []int{32, 32}, "0.29208"},
		{"Burgers", Burgers, grid.Periodic, []int{1024}, []int{64}, "0.2741"},
		{"Navier–Stokes", NavierStokes, grid.Periodic, []int{512, 512}, []int{32, 32}, "0.1852"},
	} {
		std := spectralOf(t, c.law, axesOf(c.boundary, grid.Vertex, c.large...)).Std()
		if got := fmt.Sprintf("%.*f", len(c.want)-2, std); got != c.want {
			t.Errorf("%s: the spectrum's standard deviation is %s, want %s", c.name, got, c.want)
		}
		// On cells, squares averaged over points are squares averaged over modes.
		f := spectralOf(t, c.law, axesOf(c.boundary, grid.Cell, c.small...))
		if mean := 0.0; len(c.small) == 1 {
			for _, x := range grid.Points(f.Axes()...) {
				mean += f.Variance([]float64{x})
			}
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
	for _, boundary := range []grid.Boundary{grid.Neumann, grid.Dirichlet, grid.Periodic} {
		for _, centring := range []grid.Centring{grid.Vertex, grid.Cell} {
			for _, sizes := range [][]int{{8}, {9}, {17}, {18}, {26}, {5, 8}, {4, 5, 6}} {
				axes := axesOf(boundary, centring, sizes...)
				for a := range axes {
					axes[a].Length = []float64{0.7, 2, 0.5}[a]
				}
				if len(axes) == 3 { // conditions may differ between axes
					axes[1].Boundary, axes[1].Cells = grid.Neumann, 5
				}
				l := Law{Sigma: 1.3, Alpha: 2, Tau: 3, Constant: true, Mean: 0.25}
				{
					f := spectralOf(t, l, axes)
					points := grid.Points(axes...)
					white, dst := make([]float64, f.White()), make([]float64, f.Size())
					for k := range white {
						clear(white)
						white[k] = 1
						f.Map(dst, white)
						for i, u := range dst {
							x := points[i*len(axes) : (i+1)*len(axes)]
							want, rest, lambda := l.Sigma, k, l.Tau*l.Tau
							for a := len(f.basis) - 1; a >= 0; a-- {
								b := f.basis[a]
								j := rest % b.modes
								want *= b.at(j, x[a])
								lambda += b.Frequency(j) * b.Frequency(j)
								rest /= b.modes
							}
							want = want/lambda + l.Mean
							if !(math.Abs(u-want) < 1e-12) {
								t.Fatalf("%v, %v, %v: function %d at %v is %g, want %g", boundary, centring, sizes, k, x, u, want)
							}
						}
					}
				}
			}
			b := spectralOf(t, Law{Sigma: 1, Alpha: 1}, []grid.Axis{{Cells: 10, Length: 1.7, Centring: centring, Boundary: boundary}}).basis[0]
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
		name     string
		law      Law
		boundary grid.Boundary
		green    func(x, y float64) float64 // x ≤ y
		modes    int
		tail     float64
	}{
		{"bridge", Law{Sigma: 2, Alpha: 1}, grid.Dirichlet, func(x, y float64) float64 { return 4 * x * (1 - y) }, 20000, 4 * 2 / (math.Pi * math.Pi * 20000)},
		{"integrated bridge", Law{Sigma: 1, Alpha: 2}, grid.Dirichlet, func(x, y float64) float64 {
			return x * (1 - y) * (2*y - x*x - y*y) / 6
		}, 3000, 1e-12},
		{"no flux", Law{Sigma: 1, Alpha: 1, Tau: tau, Constant: true}, grid.Neumann, func(x, y float64) float64 {
			return math.Cosh(tau*x) * math.Cosh(tau*(1-y)) / (tau * math.Sinh(tau))
		}, 20000, 2 / (math.Pi * math.Pi * 20000)},
		{"periodic", Law{Sigma: 1, Alpha: 1, Tau: tau, Constant: true}, grid.Periodic, func(x, y float64) float64 {
			return math.Cosh(tau*(0.5-(y-x))) / (2 * tau * math.Sinh(tau/2))
		}, 20000, 2 / (4 * math.Pi * math.Pi * 20000)},
	} {
		f := spectralOf(t, c.law, axesOf(c.boundary, grid.Vertex, 2*c.modes+3), c.modes)
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
		law      Law
		boundary grid.Boundary
		coarse   []int
		modes    []int
	}{
		{Darcy, grid.Neumann, []int{9, 17}, []int{8, 16}},
		{Law{Sigma: 1, Alpha: 2}, grid.Dirichlet, []int{7, 15}, []int{7, 15}},
		{NavierStokes, grid.Periodic, []int{16, 10}, []int{7, 4}},
	} {
		axes := axesOf(c.boundary, grid.Vertex, c.coarse...)
		refined := slices.Clone(axes)
		for a := range refined {
			refined[a].Cells *= 2
		}
		first := 0 // point of the finer axis where the coarser one has its first
		if c.boundary == grid.Dirichlet {
			first = 1
		}
		coarse, fine, full := spectralOf(t, c.law, axes), spectralOf(t, c.law, refined, c.modes...), spectralOf(t, c.law, refined)
		u, v, w := make([]float64, coarse.Size()), make([]float64, fine.Size()), make([]float64, full.Size())
		coarse.Sample(u, 5, 1000)
		fine.Sample(v, 5, 1000)
		full.Sample(w, 5, 1000)
		ms := 0.0
		for i := range axes[0].Size() {
			for j := range axes[1].Size() {
				a, at := u[i*axes[1].Size()+j], (2*i+first)*refined[1].Size()+2*j+first
				if b := v[at]; !(math.Abs(a-b) < 1e-13) {
					t.Fatalf("%v: at (%d, %d) the coarse draw is %g, the fine one %g", c.boundary, i, j, a, b)
				}
				ms += (a - w[at]) * (a - w[at]) / float64(len(u))
			}
		}
		// What is left is as large as the modes left out: χ² of one draw, far within a factor 3.
		left := full.Std()*full.Std() - coarse.Std()*coarse.Std()
		if !(ms > left/3 && ms < left*3) {
			t.Errorf("%v: refinement changes the draw by %g, the modes left out have %g", c.boundary, math.Sqrt(ms), math.Sqrt(left))
		}
	}
}

// In space too: keys are the wave numbers, not the places of rows in an array.
func TestSpectralDrawsAreKeyedByModeInSpace(t *testing.T) {
	law := Law{Sigma: 1, Alpha: 3, Tau: 2, Constant: true}
	axes := func(cells ...int) (axes []grid.Axis) {
		for _, n := range cells {
			axes = append(axes, grid.Axis{Cells: n, Boundary: grid.Neumann})
		}
		return axes
	}
	coarse := spectralOf(t, law, axes(2, 3, 4))
	fine := spectralOf(t, law, axes(4, 6, 8), 2, 3, 4)
	u, v := make([]float64, coarse.Size()), make([]float64, fine.Size())
	coarse.Sample(u, 5, 2)
	fine.Sample(v, 5, 2)
	full := spectralOf(t, law, axes(4, 6, 8))
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
	f := spectralOf(t, Law{Sigma: 1, Alpha: 2, Tau: 2, Constant: true, Mean: 3}, axesOf(grid.Neumann, grid.Vertex, 6, 5))
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
	x := grid.Points(f.Axes()...)
	at := func(i int) []float64 { return x[2*i : 2*i+2] }
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
	square := axesOf(grid.Neumann, grid.Vertex, 8, 8)
	for _, c := range []struct {
		law   Law
		axes  []grid.Axis
		modes []int
		want  string
	}{
		{Law{Sigma: 0, Alpha: 2}, square, nil, "σ = 0"},
		{Law{Sigma: 1, Alpha: 1, Tau: 1}, square, nil, "α = 1 in 2 dimensions"},
		{Law{Sigma: 1, Alpha: 2, Constant: true}, square, nil, "variance is infinite"},
		{Darcy, axesOf(7, grid.Vertex, 8), nil, "boundary 7"},
		{Darcy, []grid.Axis{{Cells: 8}, {}}, nil, "axis 1"},
		{Darcy, []grid.Axis{{Cells: 8, Length: -1}}, nil, "length -1"},
		{Darcy, nil, nil, "0 axes"},
		{Darcy, square, []int{8, 8}, "tell apart those up to 7"},
		{Darcy, square, []int{3}, "one each"},
		{Darcy, square, []int{0, 3}, "at least 1"},
		{NavierStokes, axesOf(grid.Periodic, grid.Vertex, 2, 8), nil, "carry no wave"},
	} {
		if _, err := NewSpectral(c.law, c.axes, c.modes...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v on %v: error %v, want one with %q", c.law, c.axes, err, c.want)
		}
	}
}
