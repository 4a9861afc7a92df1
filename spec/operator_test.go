package spec

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"abide/operator"
	"abide/potential"
)

// measured builds the one measurement of a spec over d columns.
func measured(t testing.TB, s *Spec, d int) (*potential.Measurement, error) {
	t.Helper()
	ps, err := s.BuildPotentials(indexed(d))
	if err != nil {
		return nil, err
	}
	return ps[0].(*potential.Measurement), nil
}

func ramp(d int) []float64 {
	x := make([]float64, d)
	for i := range x {
		x[i] = math.Sin(float64(3*i+1)) + 1.2
	}
	return x
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Every kind of operator sees what its constructor's operator sees, or what is
// worked out here by hand. Rows of y only have to be as many as the operator gives.
func TestOperators(t *testing.T) {
	square := operator.Image{Height: 8, Width: 8, Channels: 1}
	colour := operator.Image{Height: 2, Width: 3, Channels: 3}
	line := operator.Image{Height: 1, Width: 64, Channels: 1}
	field := operator.Image{Height: 4, Width: 16, Channels: 1}
	byHand := func(d int, f func(x []float64) []float64) operator.Operator {
		return hand{d, f}
	}
	kernel := [][]float64{{0, 1, 0}, {2, 3, 4}, {0, 0, 1}}
	for _, c := range []struct {
		block string
		d     int
		want  operator.Operator
	}{
		{`kind = "matrix", value = [[1, 2], [0, 3]]`, 2, must(operator.NewMatrix([][]float64{{1, 2}, {0, 3}}))},
		{`kind = "mask", columns = ["x[2]", "x[0]"]`, 3, byHand(3, func(x []float64) []float64 { return []float64{x[2], x[0]} })},
		{`kind = "identity"`, 3, byHand(3, func(x []float64) []float64 { return x })},
		{`kind = "formula", expr = "x[0]*x[1]"`, 2, byHand(2, func(x []float64) []float64 { return []float64{x[0] * x[1]} })},
		{`kind = "formula", expr = ["x[0] + 2", "x[1] - x[0]"]`, 2, byHand(2, func(x []float64) []float64 { return []float64{x[0] + 2, x[1] - x[0]} })},
		{`kind = "blur", std = 1.5`, 64, must(operator.NewGaussianBlur(square, 1.5, operator.Zero))},
		{`kind = "blur", kernel = "uniform", size = 3, boundary = "circular"`, 64, must(operator.NewUniformBlur(square, 3, operator.Circular))},
		{`kind = "blur", kernel = "motion", length = 4, angle = 30`, 64, must(operator.NewMotionBlur(square, 4, 30, operator.Zero))},
		{`kind = "blur", kernel = [[0, 1, 0], [2, 3, 4], [0, 0, 1]], boundary = "circular"`, 64, must(operator.NewKernelBlur(square, kernel, operator.Circular))},
		{`kind = "blur", std = 2, shape = [64]`, 64, must(operator.NewGaussianBlur(line, 2, operator.Zero))},
		{`kind = "pool", factor = 2`, 64, must(operator.NewPool(square, 2))},
		{`kind = "bicubic", factor = 4`, 64, must(operator.NewBicubic(square, 4))},
		{`kind = "difference", axis = 0, order = 2, spacing = 0.5`, 64, must(operator.NewDifference(square, 0, 2, 0.5))},
		{`kind = "difference", shape = [4, 16]`, 64, must(operator.NewDifference(field, 1, 1, 1))},
		{`kind = "box", top = 1, left = 2, height = 5, width = 4`, 64, must(operator.NewBox(square, 1, 2, 5, 4))},
		{`kind = "random-mask", share = 0.3, seed = 7`, 64, must(operator.NewRandom(square, 0.3, 7))},
		{`kind = "grey", shape = [2, 3, 3]`, 18, must(operator.NewGrey(colour))},
		{`kind = "radon", angles = 4`, 64, must(operator.NewRadon(square, []float64{0, 45, 90, 135}, 12))},
		{`kind = "radon", angles = [10, 20], detectors = 5`, 64, must(operator.NewRadon(square, []float64{10, 20}, 5))},
		{`kind = "points", places = [[0.5, 1], [6, 6.25]]`, 64, must(operator.NewPoints(square, [][]float64{{0.5, 1}, {6, 6.25}}))},
		{`kind = "points", places = [[0.5], [62]], shape = [64]`, 64, must(operator.NewPoints(line, [][]float64{{0.5}, {62}}))},
		{`kind = "fourier-magnitude"`, 64, must(operator.NewFourierMagnitude(square, 2))},
		{`kind = "nonlinear-blur", std = 1, contrast = 2`, 64, must(operator.NewExposureBlur(must(operator.NewGaussianBlur(square, 1, operator.Zero)), 2))},
		{`kind = "clip", upper = 1`, 3, byHand(3, func(x []float64) []float64 {
			return []float64{math.Min(x[0], 1), math.Min(x[1], 1), math.Min(x[2], 1)}
		})},
		{`kind = "clip", lower = 2.5, upper = 4, gain = 2`, 4, byHand(4, func(x []float64) []float64 {
			out := make([]float64, 4)
			for i, v := range x {
				out[i] = math.Max(2.5, math.Min(2*v, 4))
			}
			return out
		})},
		{`kind = "jpeg", quality = 10, black = 0, white = 3`, 64, must(operator.NewJPEG(square, 10, 0, 3))},
		// A box is hidden in what the blur and the pooling give: the first part acts first,
		// and shapes go on.
		{`kind = "compose", parts = [{ kind = "blur", std = 1 }, { kind = "pool", factor = 2 }, { kind = "box", top = 0, left = 0, height = 2, width = 2 }, { kind = "mask", columns = ["x[3]", "x[1]"] }]`, 64,
			must(operator.Compose(must(operator.NewMask(12, []int{3, 1})), must(operator.Compose(must(operator.NewBox(operator.Image{Height: 4, Width: 4, Channels: 1}, 0, 0, 2, 2)),
				must(operator.Compose(must(operator.NewPool(square, 2)), must(operator.NewGaussianBlur(square, 1, operator.Zero))))))))},
		{`kind = "compose", parts = [{ kind = "clip", upper = 1 }, { kind = "formula", expr = "x[0]*x[63]" }]`, 64, byHand(64, func(x []float64) []float64 {
			return []float64{math.Min(x[0], 1) * math.Min(x[63], 1)}
		})},
	} {
		_, m := c.want.Dims()
		if h, ok := c.want.(hand); ok {
			m = len(h.f(ramp(c.d)))
		}
		src := "[prior]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[potential]]\nkind = \"measurement\"\noperator = { " + c.block + " }\ny = [" + strings.TrimSuffix(strings.Repeat("1,", m), ",") + "]\nstd = 1\n[report]\nimage = [8, 8]\n"
		s := mustParse(t, src)
		checkFixedPoint(t, s)
		p, err := measured(t, s, c.d)
		if err != nil {
			t.Errorf("%s: %v", c.block, err)
			continue
		}
		x, got, want := ramp(c.d), make([]float64, m), make([]float64, m)
		p.Op.ApplyAt(got, x)
		c.want.ApplyAt(want, x)
		if d := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.block, d)
		}
	}
}

// hand is an operator written by hand, for its values alone.
type hand struct {
	d int
	f func(x []float64) []float64
}

func (h hand) Dims() (d, m int)                      { return h.d, 0 }
func (h hand) ApplyAt(y, x []float64)                { copy(y, h.f(x)) }
func (h hand) VJPAt(_, _, _ []float64)               {}
func (h hand) Apply(x *operator.Node) *operator.Node { return x }

// A field brings its own grid.
func TestOperatorOnAField(t *testing.T) {
	s := mustParse(t, "[prior]\nkind = \"gaussian-field\"\nshape = [3, 4]\nlength = 0.5\n[[potential]]\nkind = \"measurement\"\noperator = { kind = \"points\", places = [[1.5, 2]] }\ny = [1]\nstd = 1\n")
	p, err := measured(t, s, 12)
	if err != nil {
		t.Fatal(err)
	}
	x, y := ramp(12), make([]float64, 1)
	if p.Op.ApplyAt(y, x); math.Abs(y[0]-(x[6]+x[10])/2) > 1e-12 {
		t.Errorf("value %g between %g and %g", y[0], x[6], x[10])
	}
}
