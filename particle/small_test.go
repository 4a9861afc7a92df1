package particle

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"abide/internal/keyed"
)

func randomSymmetric(s *keyed.Stream, d int) []float64 {
	a := make([]float64, d*d)
	x := make([]float64, d*d)
	s.Normal(x)
	for i := range d {
		for j := range d {
			a[i*d+j] = x[i*d+j] + x[j*d+i]
		}
	}
	return a
}

// The nearest positive semi-definite matrix keeps the positive eigenvalues and
// drops the others; gonum's eigenvalues are the independent implementation.
func TestSemidefiniteAgainstGonum(t *testing.T) {
	for d := 1; d <= 9; d++ {
		a := randomSymmetric(keyed.New(1, "test", d, 0), d)
		var eig mat.EigenSym
		eig.Factorize(mat.NewSymDense(d, append([]float64(nil), a...)), true)
		var q mat.Dense
		eig.VectorsTo(&q)
		want := make([]float64, d*d)
		for i := range d {
			for j := range d {
				for k, l := range eig.Values(nil) {
					want[i*d+j] += math.Max(l, 0) * q.At(i, k) * q.At(j, k)
				}
			}
		}
		semidefinite(a, make([]float64, d*d), make([]float64, d*d), d)
		for i := range a {
			if math.Abs(a[i]-want[i]) > 1e-11 {
				t.Fatalf("d=%d: entry %d is %g, want %g", d, i, a[i], want[i])
			}
		}
	}
}

func TestLogPhiAndMills(t *testing.T) {
	n := distuv.UnitNormal
	for x := -8.0; x < 9; x += 0.37 {
		if got, want := logPhi(x), math.Log(n.CDF(x)); math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
			t.Errorf("logPhi(%g) = %.15g, want %.15g", x, got, want)
		}
		if got, want := mills(x), n.Prob(x)/n.CDF(x); math.Abs(got-want) > 1e-9*(1+want) {
			t.Errorf("mills(%g) = %.15g, want %.15g", x, got, want)
		}
	}
	// Far in the tail Φ underflows; Mills' ratio then obeys x < m(−x) < x + 1/x.
	for _, x := range []float64{40, 100, 1e4} {
		if m := mills(-x); !(m > x && m < x+1/x) {
			t.Errorf("mills(%g) = %.15g outside (%g, %g)", -x, m, x, x+1/x)
		}
	}
}

// Each ancestor comes ⌊nW⌋ or ⌈nW⌉ times, and the counts are unbiased: averaged
// over the uniform number they are n W exactly.
func TestSystematicCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		logw := rapid.SliceOfN(rapid.Float64Range(-4, 4), 1, 20).Draw(t, "logw")
		var total float64
		for _, l := range logw {
			total += math.Exp(l)
		}
		const grid = 997
		mean := make([]float64, len(logw))
		for g := range grid {
			a, ok := Systematic(logw, n, (float64(g)+0.5)/grid)
			if !ok {
				t.Fatal("refused")
			}
			count := make([]float64, len(logw))
			for _, i := range a {
				count[i]++
			}
			for i, c := range count {
				e := float64(n) * math.Exp(logw[i]) / total
				if c < math.Floor(e-1e-9) || c > math.Ceil(e+1e-9) {
					t.Fatalf("index %d of weight %g drawn %g times, want %g rounded", i, logw[i], c, e)
				}
				mean[i] += c / grid
			}
		}
		for i, m := range mean {
			// A sum of n indicator functions of intervals, on a grid of 997 points.
			if e := float64(n) * math.Exp(logw[i]) / total; math.Abs(m-e) > 2*float64(n)/grid {
				t.Fatalf("index %d: mean count %g, want %g", i, m, e)
			}
		}
	})
}

func TestSystematicSkipsZeroWeights(t *testing.T) {
	inf := math.Inf(-1)
	a, ok := Systematic([]float64{inf, 0, inf, 0, inf}, 1000, 0.999999999999)
	if !ok {
		t.Fatal("refused")
	}
	for _, i := range a {
		if i != 1 && i != 3 {
			t.Fatalf("drew index %d of weight zero", i)
		}
	}
	if _, ok := Systematic([]float64{inf, inf}, 3, 0.5); ok {
		t.Error("accepted weights that are all zero")
	}
}
