package operator

import (
	"math"
	"testing"
)

func apply(a Operator, x []float64) []float64 {
	_, m := a.Dims()
	y := make([]float64, m)
	a.ApplyAt(y, x)
	return y
}

// unit is an image with one number 1.
func unit(in Image, i int) []float64 {
	x := make([]float64, in.Size())
	x[i] = 1
	return x
}

// Rows of the matrix of bicubic reduction by 2: Keys' kernel at quarters is 111, 29, −9
// and −3 over 128, of which the weights are half; at the edge what lies beyond is folded
// back onto it, the edge pixel doubled.
func TestBicubicWeights(t *testing.T) {
	in := Image{1, 12, 1}
	a := must(NewBicubic(in, 2))
	for row, want := range map[int][]float64{
		0: {140, 102, 26, -9, -3, 0, 0, 0, 0, 0, 0, 0},
		2: {0, -3, -9, 29, 111, 111, 29, -9, -3, 0, 0, 0},
		5: {0, 0, 0, 0, 0, 0, 0, -3, -9, 26, 102, 140},
	} {
		var got []float64
		for j := range 12 {
			got = append(got, 256*apply(a, unit(in, j))[row])
		}
		near(t, "weights", got, want, 1e-12)
	}
}

// Blurs by what a point turns into.
func TestBlurWeights(t *testing.T) {
	in := Image{1, 21, 1}
	seen := apply(must(NewGaussianBlur(in, 1.5, Zero)), unit(in, 10))
	for _, j := range []int{0, 4, 7, 13, 16} {
		want := 0.0
		if d := float64(j - 10); math.Abs(d) <= 6 {
			want = math.Exp(-d * d / (2 * 1.5 * 1.5))
		}
		near(t, "a Gaussian over its middle", []float64{seen[j] / seen[10]}, []float64{want}, 1e-12)
	}
	near(t, "a uniform blur", apply(must(NewUniformBlur(in, 3, Zero)), unit(in, 10))[8:13], []float64{0, 1. / 3, 1. / 3, 1. / 3, 0}, 1e-15)
	near(t, "a uniform blur longer than its axis", apply(must(NewUniformBlur(Image{1, 4, 1}, 9, Zero)), unit(Image{1, 4, 1}, 0)), []float64{1. / 3, 1. / 3, 0, 0}, 1e-15)
	around := apply(must(NewUniformBlur(in, 3, Circular)), unit(in, 0))
	near(t, "a circular blur", []float64{around[20], around[0], around[1], around[2]}, []float64{1. / 3, 1. / 3, 1. / 3, 0}, 1e-15)

	// A line of length L drawn by n points: bilinear weights keep its centre and the
	// product of its coordinates, L²(n + 1)/(12(n − 1)) sin cos of the angle, which is
	// negative where columns grow and rows, counted downwards, fall.
	square := Image{15, 15, 1}
	for _, angle := range []float64{0, 30, 90, 120} {
		k := apply(must(NewMotionBlur(square, 6, angle, Zero)), unit(square, 7*15+7))
		var mass, row, column, product, along float64
		sin, cos := math.Sincos(angle * math.Pi / 180)
		for i, v := range k {
			r, c := float64(i/15-7), float64(i%15-7)
			mass, row, column, product = mass+v, row+v*r, column+v*c, product+v*r*c
			along = math.Max(along, math.Abs(c*cos-r*sin)*math.Ceil(v))
		}
		near(t, "a motion's moments", []float64{mass, row, column, product}, []float64{1, 0, 0, -36 * 402. / (12 * 400) * sin * cos}, 1e-12)
		if along < 3 {
			t.Errorf("a motion of 6 pixels at %g° goes %g to each side", angle, along)
		}
	}
}

// A motion along an axis is that of the axis alone, also where there is no other.
func TestMotionAlongAnAxis(t *testing.T) {
	line := apply(must(NewMotionBlur(Image{1, 9, 1}, 4, 0, Circular)), unit(Image{1, 9, 1}, 4))
	near(t, "mass", []float64{dot(line, constant(9, 1))}, []float64{1}, 1e-12)
	in := Image{9, 9, 1}
	along, down := apply(must(NewMotionBlur(in, 4, 180, Zero)), unit(in, 40)), apply(must(NewMotionBlur(in, 4, 90, Zero)), unit(in, 40))
	for j, v := range line {
		near(t, "along a row, down a column", []float64{along[36+j], down[9*j+4]}, []float64{v, v}, 1e-12)
	}
}

// The shares of a pixel's mass have their centre at its projection, x cos + y sin from
// the middle of the image to that of the row, with y upwards.
func TestRadonGeometry(t *testing.T) {
	in := Image{5, 7, 1}
	const detectors = 13
	angles := []float64{0, 30, 90, 135, 200}
	a := must(NewRadon(in, angles, detectors))
	for p := range in.Size() {
		y := apply(a, unit(in, p))
		for r, angle := range angles {
			sin, cos := math.Sincos(angle * math.Pi / 180)
			want := float64(p%7-3)*cos + float64(2-p/7)*sin
			var centre float64
			for k, v := range y[r*detectors : (r+1)*detectors] {
				centre += v * (float64(k) - (detectors-1)/2)
			}
			near(t, "projection of a pixel", []float64{centre}, []float64{want}, 1e-12)
		}
	}
	// Detectors as many as pixels see all of them, the last one too.
	near(t, "the last column", apply(must(NewRadon(in, []float64{0}, 7)), unit(in, 6)), unit(Image{1, 7, 1}, 6), 1e-12)
}

// Masks see every channel of the pixels that they see, in order.
func TestMasksOfImages(t *testing.T) {
	in := Image{4, 5, 2}
	number := make([]float64, in.Size())
	for i := range number {
		number[i] = float64(i)
	}
	var want []float64
	for p := range 20 {
		if r, c := p/5, p%5; r < 1 || r > 2 || c < 2 || c > 4 {
			want = append(want, float64(2*p), float64(2*p+1))
		}
	}
	near(t, "all but a box", apply(must(NewBox(in, 1, 2, 2, 3)), number), want, 0)

	large := Image{100, 100, 2}
	seen := must(NewRandom(large, 0.2, 7)).Index()
	// Binomial: 2,000 ± 40; six standard deviations.
	if n := float64(len(seen)) / 2; math.Abs(n-2000) > 240 {
		t.Errorf("%g pixels of 10,000 are seen at a share of 0.2", n)
	}
	for i := 0; i < len(seen); i += 2 {
		if seen[i]%2 != 0 || seen[i+1] != seen[i]+1 {
			t.Fatalf("columns %d and %d are not the channels of one pixel", seen[i], seen[i+1])
		}
	}
	if n := len(must(NewRandom(Image{2, 2, 1}, 1e-9, 7)).Index()); n != 1 {
		t.Errorf("%d pixels are seen where chance sees none, want 1", n)
	}
}

// Channels of a place stand beside each other, and each is itself.
func TestPointsOfChannels(t *testing.T) {
	in := Image{3, 4, 2}
	x := make([]float64, in.Size())
	for p := range 12 {
		x[2*p], x[2*p+1] = float64(10*(p/4)+p%4), -float64(p%4)
	}
	near(t, "points", apply(must(NewPoints(in, [][]float64{{0.5, 2.25}, {2, 3}})), x), []float64{7.25, -2.25, 23, -3}, 1e-12)
	near(t, "a point of a curve", apply(must(NewPoints(Image{1, 4, 1}, [][]float64{{1.75}})), []float64{0, 1, 4, 9}), []float64{3.25}, 1e-12)
}

func TestSecondDifferenceOfAParabola(t *testing.T) {
	in := Image{5, 2, 1}
	x := make([]float64, in.Size())
	for i := range x {
		r := 0.1 * float64(i/2)
		x[i] = 3 * r * r
	}
	near(t, "second difference", apply(must(NewDifference(in, 0, 2, 0.1)), x), constant(6, 6), 1e-11)
}

// Each primary has its own share of the brightness (BT.601), and nothing is dark where
// nothing shines: beyond the edge a nonlinear blur has pixels of value 0.
func TestBrightness(t *testing.T) {
	near(t, "primaries", apply(must(NewGrey(Image{1, 3, 3})), []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}), []float64{0.299, 0.587, 0.114}, 1e-15)
	in := Image{4, 5, 1}
	near(t, "no light", apply(must(NewExposureBlur(must(NewGaussianBlur(in, 1, Zero)), 2)), constant(20, 0)), constant(20, 0), 1e-12)
}

// Quantisation steps as programs have them: luminance of the Independent JPEG Group's
// at quality 75 in full, and at 30, where 5000/30 is cut to 166.
func TestJPEGTables(t *testing.T) {
	in := Image{8, 8, 1}
	near(t, "quality 75", must(NewJPEG(in, 75, 0, 255)).steps(), []float64{
		8, 6, 5, 8, 12, 20, 26, 31,
		6, 6, 7, 10, 13, 29, 30, 28,
		7, 7, 8, 12, 20, 29, 35, 28,
		7, 9, 11, 15, 26, 44, 40, 31,
		9, 11, 19, 28, 34, 55, 52, 39,
		12, 18, 28, 32, 41, 52, 57, 46,
		25, 32, 39, 44, 52, 61, 60, 51,
		36, 46, 48, 49, 56, 50, 52, 50,
	}, 0)
	near(t, "quality 30", must(NewJPEG(in, 30, 0, 255)).steps()[:8], []float64{27, 18, 17, 27, 40, 66, 85, 101}, 0)

	// The table's rows are frequencies down the image: 35 grey levels of the seventh are
	// less than half of step 72 down the rows, and more than half of 61 along a row.
	a := must(NewJPEG(in, 50, 0, 255))
	down, along := make([]float64, 64), make([]float64, 64)
	for i := range 64 {
		wave := func(j int) float64 { return 35 / 8. * math.Sqrt2 * math.Cos(math.Pi*7*(2*float64(j)+1)/16) }
		down[i], along[i] = 127.5+wave(i/8), 127.5+wave(i%8)
	}
	near(t, "waves down the image", apply(a, down), constant(64, 127.5), 1e-12)
	for i := range along {
		along[i] = 127.5 + (along[i]-127.5)*61/35
	}
	near(t, "waves along a row", apply(a, along), along, 1e-12)
}
