package grid

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// transformEntry is T[k, j] of the definitions.
func transformEntry(kind Kind, n, k, j int) float64 {
	m, kk, jj := float64(n), float64(k), float64(j)
	sign := 1 - 2*float64(k%2)
	switch kind {
	case DST1:
		return 2 * math.Sin(math.Pi*(jj+1)*(kk+1)/(m+1))
	case DST2:
		return 2 * math.Sin(math.Pi*(2*jj+1)*(kk+1)/(2*m))
	case DST3:
		if j == n-1 {
			return sign
		}
		return 2 * math.Sin(math.Pi*(jj+1)*(2*kk+1)/(2*m))
	case DCT1:
		switch j {
		case 0:
			return 1
		case n - 1:
			return sign
		}
		return 2 * math.Cos(math.Pi*jj*kk/(m-1))
	case DCT2:
		return 2 * math.Cos(math.Pi*kk*(2*jj+1)/(2*m))
	case DCT3:
		if j == 0 {
			return 1
		}
		return 2 * math.Cos(math.Pi*jj*(2*kk+1)/(2*m))
	}
	if k%2 == 1 || k == 0 {
		return math.Cos(2 * math.Pi * float64((k+1)/2) * jj / m)
	}
	return -math.Sin(2 * math.Pi * float64(k/2) * jj / m)
}

var transformKinds = []Kind{DST1, DST2, DST3, DCT1, DCT2, DCT3, Fourier}

func randomNumbers(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func largest(x ...[]float64) float64 {
	m := 0.0
	for _, y := range x {
		for _, v := range y {
			m = max(m, math.Abs(v))
		}
	}
	return m
}

func difference(x, y []float64) float64 {
	m := 0.0
	for i := range x {
		if d := math.Abs(x[i] - y[i]); !(d <= m) {
			m = d
		}
	}
	return m
}

// Every transform is its definition, and Inverse undoes Forward: of one line, and of
// many, side by side or one after the other, which go sixteen at a time where they can.
func TestTransformDense(t *testing.T) {
	for _, kind := range transformKinds {
		for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 101, 127} {
			if kind == DCT1 && n < 2 {
				continue
			}
			for _, many := range []int{1, 2, 19} {
				transformDense(t, kind, n, many)
			}
		}
		transformDense(t, kind, 405, 19) // one by one in all builds
	}
}

func transformDense(t *testing.T, kind Kind, n, many int) {
	x, want := randomNumbers(uint64(n), n*many), make([]float64, n*many)
	for k := range n {
		for j := range n {
			for l := range many {
				want[k*many+l] += transformEntry(kind, n, k, j) * x[j*many+l]
			}
		}
	}
	turned := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for j := range n {
			for l := range many {
				out[l*n+j] = x[j*many+l]
			}
		}
		return out
	}
	check := func(shape []int, axis int, x, want []float64) {
		kinds := []Kind{DST1, DST1}[:len(shape)]
		kinds[axis] = kind
		tr, err := NewTransform(shape, kinds)
		if err != nil {
			t.Fatal(err)
		}
		got, one := make([]float64, len(x)), *tr
		copy(got, x)
		for d := range one.lines { // the other axis is left alone
			if d != axis {
				one.lines[d] = line{forward: func([]float64) {}, inverse: func([]float64) {}, forth: 1, back: 1}
			}
		}
		one.forth, one.back = one.lines[axis].forth, one.lines[axis].back
		one.Forward(got, got)
		if d := difference(got, want); !(d <= 1e-12*largest(want)) {
			t.Errorf("%v along axis %d of %v: off by %g", kind, axis, shape, d)
		}
		one.Inverse(got, got)
		if d := difference(got, x); !(d <= 1e-12*largest(x)) {
			t.Errorf("inverse %v along axis %d of %v: off by %g", kind, axis, shape, d)
		}
	}
	check([]int{n, many}, 0, x, want)
	check([]int{many, n}, 1, turned(x), turned(want))
}

// Up to the weights of single rows and columns the transforms are orthogonal.
func TestTransformParseval(t *testing.T) {
	for _, n := range []int{8, 511, 512} {
		for _, c := range []struct {
			kind  Kind
			scale float64
			row   func(k int) float64 // weight of y_k²
		}{
			{DST1, 2 * float64(n+1), func(int) float64 { return 1 }},
			{DST2, 2 * float64(n), func(k int) float64 { return []float64{1, 0.5}[b2i(k == n-1)] }},
			{DCT2, 2 * float64(n), func(k int) float64 { return []float64{1, 0.5}[b2i(k == 0)] }},
			{Fourier, float64(n), func(k int) float64 { return []float64{2, 1}[b2i(k == 0 || (n%2 == 0 && k == n-1))] }},
		} {
			tr, err := NewTransform([]int{n}, []Kind{c.kind})
			if err != nil {
				t.Fatal(err)
			}
			x, y := randomNumbers(3, n), make([]float64, n)
			tr.Forward(y, x)
			var xx, yy float64
			for i := range n {
				xx += x[i] * x[i]
				yy += c.row(i) * y[i] * y[i]
			}
			if math.Abs(yy/(c.scale*xx)-1) > 1e-12 {
				t.Errorf("%v of %d: Σy² is %.15g of what it is to be", c.kind, n, yy/(c.scale*xx))
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Arrays are transformed along every axis by the kind of the axis, in any order.
func TestTransformAxes(t *testing.T) {
	shape, kinds := []int{5, 9, 6}, []Kind{DCT1, DST2, Fourier}
	tr, err := NewTransform(shape, kinds)
	if err != nil {
		t.Fatal(err)
	}
	x := randomNumbers(5, tr.Size())
	want, got := make([]float64, len(x)), make([]float64, len(x))
	at := func(i, j, k int) int { return (i*shape[1]+j)*shape[2] + k }
	for i := range shape[0] {
		for j := range shape[1] {
			for k := range shape[2] {
				for a := range shape[0] {
					for b := range shape[1] {
						for c := range shape[2] {
							want[at(i, j, k)] += transformEntry(kinds[0], shape[0], i, a) * transformEntry(kinds[1], shape[1], j, b) * transformEntry(kinds[2], shape[2], k, c) * x[at(a, b, c)]
						}
					}
				}
			}
		}
	}
	tr.Forward(got, x)
	if d := difference(got, want); !(d <= 1e-12*largest(want)) {
		t.Errorf("off by %g", d)
	}
	tr.Inverse(got, got)
	if d := difference(got, x); !(d <= 1e-12) {
		t.Errorf("inverse off by %g", d)
	}
}

func TestFFTDense(t *testing.T) {
	for _, shape := range [][]int{{1}, {2}, {7}, {16}, {1, 5}, {6, 1}, {4, 5}, {3, 4, 5}, {2, 9, 6}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			f, err := NewFFT(shape...)
			if err != nil {
				t.Fatal(err)
			}
			g, err := NewRealFFT(shape...)
			if err != nil {
				t.Fatal(err)
			}
			n := f.Size()
			index := func(i int) []int {
				out := make([]int, len(shape))
				for d := len(shape) - 1; d >= 0; d-- {
					out[d], i = i%shape[d], i/shape[d]
				}
				return out
			}
			re, im := randomNumbers(1, n), randomNumbers(2, n)
			x, got, real := make([]complex128, n), make([]complex128, n), make([]complex128, n)
			for i := range x {
				x[i], real[i] = complex(re[i], im[i]), complex(re[i], 0)
			}
			dense := func(x []complex128, k int) (s complex128) {
				for j := range n {
					phase := 0.0
					for d, kd := range index(k) {
						phase += float64(kd*index(j)[d]) / float64(shape[d])
					}
					s += x[j] * cmplx.Exp(complex(0, -2*math.Pi*phase))
				}
				return s
			}
			f.Forward(got, x)
			for k := range n {
				if d := cmplx.Abs(got[k] - dense(x, k)); !(d <= 1e-12*float64(n)) {
					t.Fatalf("complex mode %v: off by %g", index(k), d)
				}
			}
			f.Inverse(got, got)
			for i := range n {
				if !(cmplx.Abs(got[i]-x[i]) <= 1e-12) {
					t.Fatalf("complex inverse at %v: off by %g", index(i), cmplx.Abs(got[i]-x[i]))
				}
			}
			half, last := make([]complex128, g.Modes()), shape[len(shape)-1]
			g.Forward(half, re)
			for k := range n {
				row, col := k/last, k%last
				if col > last/2 {
					continue
				}
				if d := cmplx.Abs(half[row*(last/2+1)+col] - dense(real, k)); !(d <= 1e-12*float64(n)) {
					t.Fatalf("real mode %v: off by %g", index(k), d)
				}
			}
			back := make([]float64, n)
			g.Inverse(back, half)
			if d := difference(back, re); !(d <= 1e-12) {
				t.Errorf("real inverse: off by %g", d)
			}
		})
	}
}

func TestTransformBadInput(t *testing.T) {
	for _, c := range []struct {
		shape []int
		kinds []Kind
	}{{nil, nil}, {[]int{4}, nil}, {[]int{0}, []Kind{DST1}}, {[]int{1}, []Kind{DCT1}}, {[]int{4}, []Kind{9}}} {
		if _, err := NewTransform(c.shape, c.kinds); err == nil {
			t.Errorf("%v of %v: no error", c.kinds, c.shape)
		}
	}
	if _, err := NewFFT(4, 0); err == nil {
		t.Error("no numbers along an axis: no error")
	}
	if _, err := NewRealFFT(); err == nil {
		t.Error("no axis: no error")
	}
}

// What was transformed before leaves nothing behind, also where lanes stay empty.
func TestTransformRepeats(t *testing.T) {
	for _, shape := range [][]int{{16, 19}, {9, 16}} {
		tr, err := NewTransform(shape, []Kind{DCT2, DST2})
		if err != nil {
			t.Fatal(err)
		}
		x := randomNumbers(1, tr.Size())
		first, again, wild := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
		tr.Forward(first, x)
		for i := range wild {
			wild[i] = 1e9 * x[len(x)-1-i]
		}
		tr.Forward(wild, wild)
		tr.Forward(again, x)
		for i := range first {
			if first[i] != again[i] {
				t.Fatalf("%v: %v at first, then %v", shape, first[i], again[i])
			}
		}
	}
}
