package grid

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

func lanefftNormal(n int, seed uint64) []Complex8 {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]Complex8, n)
	for k := range x {
		for i := range x[k] {
			for l := range x[k][i] {
				x[k][i][l] = rng.NormFloat64()
			}
		}
	}
	return x
}

func lanefftLane(x []Complex8, l int) []complex128 {
	y := make([]complex128, len(x))
	for k := range x {
		y[k] = complex(x[k][0][l], x[k][1][l])
	}
	return y
}

// lanefftGonum transforms all axes by gonum, line by line.
func lanefftGonum(x []complex128, shape ...int) []complex128 {
	x = slices.Clone(x)
	after := len(x)
	for _, n := range shape {
		after /= n
		t, line := fourier.NewCmplxFFT(n), make([]complex128, n)
		for start := range x {
			if start/after%n != 0 {
				continue
			}
			for j := range line {
				line[j] = x[start+j*after]
			}
			t.Coefficients(line, line)
			for j := range line {
				x[start+j*after] = line[j]
			}
		}
	}
	return x
}

func lanefftDistance(x, y []complex128) (d float64) {
	var size float64
	for k := range x {
		d = max(d, cmplx.Abs(x[k]-y[k]))
		size = max(size, cmplx.Abs(y[k]))
	}
	return d / size
}

var lanefftShapes = [][]int{{1}, {2}, {4}, {8}, {16}, {32}, {64}, {128}, {256}, {512}, {1024}, {2048}, {4, 2}, {8, 8}, {1, 16}, {16, 1}, {32, 8}, {16, 64}, {4, 8, 2}, {2, 1, 4, 8}}

// Every lane has gonum's transform, Inverse undoes it, energies agree (Parseval), and
// all kernels give the same bits.
func TestLaneFFT(t *testing.T) {
	for _, shape := range lanefftShapes {
		f, err := NewLaneFFT(shape...)
		if err != nil {
			t.Fatal(err)
		}
		x := lanefftNormal(f.Size(), 1)
		var first, firstBack []Complex8
		for i := range laneSets {
			for _, l := range f.lines {
				l.kernels = &laneSets[i]
			}
			y := slices.Clone(x)
			f.Forward(y)
			if first == nil {
				first = slices.Clone(y)
			}
			if !slices.Equal(y, first) {
				t.Fatalf("%v: %s is not %s", shape, laneSets[i].name, laneSets[0].name)
			}
			back := slices.Clone(y)
			f.Inverse(back)
			if firstBack == nil {
				firstBack = slices.Clone(back)
			}
			if !slices.Equal(back, firstBack) {
				t.Fatalf("%v: the inverse of %s is not that of %s", shape, laneSets[i].name, laneSets[0].name)
			}
			for l := range 8 {
				got, from := lanefftLane(y, l), lanefftLane(x, l)
				if d := lanefftDistance(got, lanefftGonum(from, shape...)); d > 1e-13 {
					t.Fatalf("%v %s lane %d: %g from gonum", shape, laneSets[i].name, l, d)
				}
				if d := lanefftDistance(lanefftLane(back, l), from); d > 1e-13 {
					t.Fatalf("%v %s lane %d: inverse is off by %g", shape, laneSets[i].name, l, d)
				}
				var a, b float64
				for k := range got {
					a += real(from[k] * cmplx.Conj(from[k]))
					b += real(got[k] * cmplx.Conj(got[k]))
				}
				if math.Abs(b/a/float64(f.Size())-1) > 1e-13 {
					t.Fatalf("%v: Σ|ŷ|² = %g, N Σ|x|² = %g", shape, b, a*float64(f.Size()))
				}
			}
			f.Inverse(y)
			if !slices.Equal(y, back) {
				t.Fatal("work space changes numbers")
			}
		}
	}
}

// The transform is linear, and a shift multiplies by a phase.
func TestLaneFFTLaws(t *testing.T) {
	f, _ := NewLaneFFT(16, 32)
	x, y := lanefftNormal(512, 2), lanefftNormal(512, 3)
	sum, shift := make([]Complex8, 512), make([]Complex8, 512)
	for k := range x {
		i, j := k/32, k%32
		for p := range 2 {
			for l := range 8 {
				sum[k][p][l] = 2*x[k][p][l] - 3*y[k][p][l]
			}
		}
		shift[(i+5)%16*32+(j+7)%32] = x[k]
	}
	f.Forward(x)
	f.Forward(y)
	f.Forward(sum)
	f.Forward(shift)
	for l := range 8 {
		a, b, s, m := lanefftLane(x, l), lanefftLane(y, l), lanefftLane(sum, l), lanefftLane(shift, l)
		for k := range a {
			if cmplx.Abs(2*a[k]-3*b[k]-s[k]) > 1e-11 {
				t.Fatalf("not linear at %d", k)
			}
			if phase := cmplx.Rect(1, -2*math.Pi*(float64(k/32*5)/16+float64(k%32*7)/32)); cmplx.Abs(a[k]*phase-m[k]) > 1e-11 {
				t.Fatalf("shift at %d", k)
			}
		}
	}
}

// Two real arrays have one transform: Separate gives that of each, Join goes back.
func TestLaneFFTOfRealArrays(t *testing.T) {
	for _, shape := range [][]int{{1}, {16}, {8, 4}, {2, 8, 4}} {
		f, _ := NewLaneFFT(shape...)
		n := f.Size()
		x := lanefftNormal(n, 4)
		for i := range laneSets {
			f.lines[0].kernels = &laneSets[i]
			z, a, b := slices.Clone(x), make([]Complex8, n), make([]Complex8, n)
			f.Forward(z)
			f.Separate(a, b, z)
			for l := range 8 {
				for part, got := range [][]Complex8{a, b} {
					one := make([]complex128, n)
					for k := range x {
						one[k] = complex(x[k][part][l], 0)
					}
					if d := lanefftDistance(lanefftLane(got, l), lanefftGonum(one, shape...)); d > 1e-13 {
						t.Fatalf("%v %s: part %d is off by %g", shape, laneSets[i].name, part, d)
					}
				}
			}
			f.Join(b, a, b)
			for l := range 8 {
				if d := lanefftDistance(lanefftLane(b, l), lanefftLane(z, l)); d > 1e-13 {
					t.Fatalf("%v %s: Join does not undo Separate", shape, laneSets[i].name)
				}
			}
		}
	}
}

// One array in the lanes has gonum's transform and comes back.
func TestArrayFFT(t *testing.T) {
	for _, shape := range [][2]int{{8, 8}, {8, 32}, {64, 16}, {64, 64}} {
		f, err := NewArrayFFT(shape[0], shape[1])
		if err != nil {
			t.Fatal(err)
		}
		x := lanefftLane(lanefftNormal(shape[0]*shape[1], 5), 3)
		y := slices.Clone(x)
		f.Forward(y)
		if d := lanefftDistance(y, lanefftGonum(x, shape[0], shape[1])); d > 1e-13 {
			t.Fatalf("%v: %g from gonum", shape, d)
		}
		f.Inverse(y)
		if d := lanefftDistance(y, x); d > 1e-13 {
			t.Fatalf("%v: inverse is off by %g", shape, d)
		}
	}
}

func TestLaneFFTRefuses(t *testing.T) {
	for _, shape := range [][]int{{}, {0}, {8, 12}, {-4}} {
		if _, err := NewLaneFFT(shape...); err == nil {
			t.Errorf("%v is taken", shape)
		}
	}
	if _, err := NewArrayFFT(8, 4); err == nil {
		t.Error("8 × 4 is taken")
	}
	f, _ := NewLaneFFT(16, 8)
	x := lanefftNormal(f.Size(), 6)
	if n := testing.AllocsPerRun(5, func() { f.Forward(x); f.Inverse(x) }); n != 0 {
		t.Errorf("%v allocations a transform", n)
	}
}
