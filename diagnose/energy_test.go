package diagnose

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"abide/internal/testkit"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0xd1a9)) }

// naiveSquare is D² by the definition, and the sum of the terms' moduli, which
// the rounding of any order of summation is bounded by.
func naiveSquare(x, wx, y, wy []float64, d int) (square, size float64) {
	mean := func(a, wa, b, wb []float64) float64 {
		sum, weight := 0.0, 0.0
		for i := range len(a) / d {
			for j := range len(b) / d {
				s := 0.0
				for k := range d {
					s += math.Pow(a[i*d+k]-b[j*d+k], 2)
				}
				w := 1.0
				if wa != nil {
					w *= wa[i]
				}
				if wb != nil {
					w *= wb[j]
				}
				sum += w * math.Sqrt(s)
				weight += w
			}
		}
		return sum / weight
	}
	xy, xx, yy := mean(x, wx, y, wy), mean(x, wx, x, wx), mean(y, wy, y, wy)
	return 2*xy - xx - yy, 2*xy + xx + yy
}

// Against the definition, over sizes that fill blocks and lanes in every way,
// weighted or not. A sum of N terms, in any order, errs by at most N·ε of the
// sum of moduli (N. J. Higham, Accuracy and Stability, section 4.2); each term
// by a few ε.
func TestEnergyDistanceIsItsDefinition(t *testing.T) {
	rng := newRand(1)
	for _, c := range []struct{ n, m, d int }{{1, 1, 1}, {2, 3, 2}, {5, 4, 3}, {7, 9, 2}, {255, 257, 2}, {256, 512, 1}, {300, 130, 9}, {530, 3, 2}} {
		x, y := normals(rng, c.n*c.d), normals(rng, c.m*c.d)
		wx, wy := make([]float64, c.n), make([]float64, c.m)
		for i := range wx {
			wx[i] = rng.ExpFloat64()
		}
		for i := range wy {
			wy[i] = rng.ExpFloat64()
		}
		for _, w := range []struct{ x, y []float64 }{{nil, nil}, {wx, nil}, {wx, wy}} {
			got := WeightedEnergyDistance(x, w.x, y, w.y, c.d)
			want, size := naiveSquare(x, w.x, y, w.y, c.d)
			pairs := float64(max(c.n, c.m) * max(c.n, c.m))
			near(t, "D²", got*got, want, 2*(pairs+float64(c.d)+10)*0x1p-52*size)
		}
	}
}

// Two points at distance h: D = √(2h). Equal sets: D² is rounding alone.
func TestEnergyDistanceExtremes(t *testing.T) {
	near(t, "two points", EnergyDistance([]float64{0, 0}, []float64{3, 4}, 2), math.Sqrt(10), 1e-15)
	x := normals(newRand(2), 2*700)
	d := EnergyDistance(x, x, 2)
	_, size := naiveSquare(x, nil, x, nil, 2)
	if d*d > 700*700*0x1p-52*size {
		t.Errorf("a set lies %g from itself", d)
	}
	for _, empty := range []float64{EnergyDistance(nil, x, 2), EnergyDistance(x, nil, 2), WeightedEnergyDistance(x, make([]float64, 700), x, nil, 2)} {
		if !math.IsNaN(empty) {
			t.Errorf("distance to nothing is %g", empty)
		}
	}
}

// Law: whole weights are repetitions of rows.
func TestWeightsAreRepetitions(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.IntRange(1, 3).Draw(r, "d")
		number := rapid.Float64Range(-10, 10)
		n := rapid.IntRange(1, 8).Draw(r, "n")
		x := rapid.SliceOfN(number, n*d, n*d).Draw(r, "x")
		y := rapid.SliceOfN(number, 3*d, 3*d).Draw(r, "y")
		var w, repeated []float64
		for i := range n {
			times := rapid.IntRange(0, 3).Draw(r, "times")
			if i == 0 {
				times++ // some weight there must be
			}
			w = append(w, float64(times)/8)
			for range times {
				repeated = append(repeated, x[i*d:(i+1)*d]...)
			}
		}
		a, b := WeightedEnergyDistance(x, w, y, nil, d), EnergyDistance(repeated, y, d)
		_, size := naiveSquare(repeated, nil, y, nil, d)
		if !(math.Abs(a*a-b*b) <= 4000*0x1p-52*size) { // 32² pairs at most, both sums, and the square of a root
			r.Fatalf("weighted %v, repeated %v", a, b)
		}
	})
}

// expectedModulus is E|X| for X ~ N(δ, s²).
func expectedModulus(δ, s float64) float64 {
	return s*math.Sqrt(2/math.Pi)*math.Exp(-δ*δ/2/s/s) + δ*(1-2*phi(-δ/s))
}

// Law: for X ~ N(0, 1), Y ~ N(δ, s²) the V-statistic has the expectation
// 2E|X−Y| − (1−1/n)E|X−X′| − (1−1/m)E|Y−Y′|, every term in closed form.
func TestEnergyDistanceOfGaussians(t *testing.T) {
	rng := newRand(3)
	const n, m, repeats = 40, 25, 400
	for _, c := range []struct{ δ, s float64 }{{0, 1}, {0.7, 1}, {0, 2}, {-1, 0.5}} {
		squares := make([]float64, repeats)
		for r := range squares {
			x, y := normals(rng, n), normals(rng, m)
			for i := range y {
				y[i] = c.δ + c.s*y[i]
			}
			d := EnergyDistance(x, y, 1)
			squares[r] = d * d
		}
		want := 2*expectedModulus(c.δ, math.Hypot(1, c.s)) - (1-1./n)*expectedModulus(0, math.Sqrt2) - (1-1./m)*expectedModulus(0, math.Sqrt2*c.s)
		testkit.MeanWithin(t, "E D²", squares, want, 0)
	}
}

// The distance of 300 points to an independent set of the same law stays below
// the null threshold; a mean shifted by (0.7, 0.7) does not.
func TestEnergyDistanceHasPower(t *testing.T) {
	distance := func(seed uint64, shift float64) float64 {
		rng := newRand(seed)
		x, y := normals(rng, 2*300), normals(rng, 2*300)
		for i := range y {
			y[i] += shift
		}
		return EnergyDistance(x, y, 2)
	}
	limit := testkit.NullQuantile(t, 300, func(seed uint64) float64 { return distance(seed, 0) }, 1-1e-9)
	if got := distance(1000, 0); got > limit {
		t.Errorf("same law: %g exceeds %g", got, limit)
	}
	if got := distance(1000, 0.7); got <= limit {
		t.Errorf("shifted law: %g within %g", got, limit)
	}
}

// Results must have the same bits on any number of processors.
func TestSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	rng := newRand(4)
	x, y := normals(rng, 3*1000), normals(rng, 3*900)
	mean, cov := []float64{0, 0, 0}, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}
	a, b := []float64{1, 1, 0, 0, 1, 1, 1, 0, -1}, []float64{0.5, 0, -0.2}
	all := func(procs int) [4]float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		p, _ := GaussianOrthant(mean, cov, a, b, 3, 1000, 1)
		return [4]float64{EnergyDistance(x, y, 3), SlicedWasserstein(x, y, 3, 20, 5), p, total(NearestNeighbour(x, y, 3, nil))}
	}
	one := all(1)
	for _, procs := range []int{2, 5} {
		if got := all(procs); got != one {
			t.Errorf("%d processors: %v, one: %v", procs, got, one)
		}
	}
}

func TestEnergyFloorComparesPairs(t *testing.T) {
	sets := [][]float64{{0}, {1}, {5}, {9}} // distances √2 and √8
	var drawn []int
	got := EnergyFloor(func(i int) []float64 { drawn = append(drawn, i); return sets[i] }, 1, 2)
	near(t, "floor", got, (math.Sqrt2+math.Sqrt(8))/2, 1e-15)
	if len(drawn) != 4 {
		t.Errorf("drew sets %v", drawn)
	}
}

func TestMisfittingLengthsPanic(t *testing.T) {
	for name, call := range map[string]func(){
		"rows":     func() { EnergyDistance(make([]float64, 3), nil, 2) },
		"d = 0":    func() { EnergyDistance(nil, nil, 0) },
		"weights":  func() { WeightedEnergyDistance(make([]float64, 4), make([]float64, 3), nil, nil, 2) },
		"scale":    func() { NearestNeighbour(nil, nil, 2, []float64{1}) },
		"quantile": func() { WeightedQuantile(make([]float64, 2), make([]float64, 1), 0.5) },
		"orthant":  func() { GaussianOrthant(make([]float64, 2), make([]float64, 3), nil, nil, 0, 1, 1) },
		"orthant row": func() {
			GaussianOrthant(make([]float64, 1), make([]float64, 1), make([]float64, 2), make([]float64, 1), 1, 1, 1)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
