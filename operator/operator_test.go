package operator

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/expr"
	"abide/internal/engine"
	"abide/internal/keyed"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func normals(n int, stream int) []float64 {
	out := make([]float64, n)
	keyed.New(5, "operator tests", stream, 0).Normal(out)
	return out
}

type named struct {
	name string
	a    Operator
}

// linear are operators of every kind, on images that are not square where that is
// allowed.
func linear() []named {
	wide, colour, line := Image{6, 8, 1}, Image{4, 6, 3}, Image{1, 12, 1}
	kernel := [][]float64{{1, 2, 0}, {0, 3, -1}, {0.5, 0, 1}}
	mask := must(NewMask(9, []int{7, 0, 3}))
	matrix := must(NewMatrix([][]float64{{1, -2, 0.5}, {0, 1, 3}}))
	inner := must(NewMatrix([][]float64{{1, 2}, {0, -1}, {2, 0.5}}))
	return []named{
		{"matrix", matrix}, {"mask", mask},
		{"box", must(NewBox(wide, 1, 2, 3, 4))}, {"random", must(NewRandom(colour, 0.4, 3))},
		{"gaussian", must(NewGaussianBlur(wide, 1.2, Zero))}, {"gaussian, circular", must(NewGaussianBlur(colour, 0.8, Circular))},
		{"uniform", must(NewUniformBlur(wide, 3, Circular))}, {"curve", must(NewGaussianBlur(line, 1.5, Zero))},
		{"kernel", must(NewKernelBlur(wide, kernel, Zero))}, {"kernel, circular", must(NewKernelBlur(colour, kernel, Circular))},
		{"motion", must(NewMotionBlur(wide, 4, 30, Zero))},
		{"pool", must(NewPool(colour, 2))}, {"bicubic", must(NewBicubic(Image{8, 12, 1}, 4))},
		{"difference", must(NewDifference(wide, 0, 1, 0.5))}, {"second difference", must(NewDifference(line, 1, 2, 0.1))},
		{"radon", must(NewRadon(wide, []float64{0, 30, 90, 135}, 9))},
		{"points", must(NewPoints(colour, [][]float64{{0, 0}, {1.3, 4.7}, {3, 5}}))},
		{"grey", must(NewGrey(colour))},
		{"stack", Stack(mask, must(NewMatrix([][]float64{{1, 0, 0, 0, 0, 0, 2, 0, 0}})))},
		{"composition", must(Compose(matrix, inner))},
		{"scaled", Scaled(must(NewPool(Image{4, 4, 1}, 2)), constant(16, 3))},
		{"scaled by column", Scaled(mask, normals(9, 1))},
	}
}

func constant(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func nonlinear() []named {
	wide := Image{6, 8, 1}
	names := []string{"p", "q", "r"}
	formulas := []*expr.Expr{must(expr.Parse("p*q + sin(r)", names, 3)), must(expr.Parse("exp(p/2) - r^2", names, 3))}
	square := must(NewFormula(3, formulas))
	return []named{
		{"clip", must(NewClip(5, -0.5, 0.7))},
		{"phase", must(NewFourierMagnitude(wide, 2))},
		{"exposure", must(NewExposureBlur(must(NewGaussianBlur(wide, 1, Zero)), 1.5))},
		{"formula", square},
		{"composition", must(Compose(must(NewMatrix([][]float64{{1, 2}, {0.5, -1}, {0, 1}})), square))},
		{"stack", Stack(square, must(NewMatrix([][]float64{{1, 0, -1}})))},
		{"standardised", Standardised(square, []float64{1, 0, -1}, []float64{2, 0.5, 1})},
	}
}

// call runs a graph of two inputs in double precision.
func call(t *testing.T, f func(x, y *Node) *Node, x, y []float64) []float64 {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.NewFunction("test", engine.Float64, func(in []*Node) []*Node { return []*Node{f(in[0], in[1])} }).
		Call(engine.Rows(x, len(x)), engine.Rows(y, len(y)))
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tol*(1+math.Abs(want[i]))) {
			t.Errorf("%s: number %d is %.15g, want %.15g", what, i, v, want[i])
			return
		}
	}
}

// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ on the host and in the graph, which agree.
func TestAdjoints(t *testing.T) {
	for _, o := range linear() {
		a := o.a.(Linear)
		d, m := a.Dims()
		x, y := normals(d, 2), normals(m, 3)
		ax, aty := make([]float64, m), make([]float64, d)
		a.ApplyAt(ax, x)
		a.AdjointAt(aty, y)
		if l, r := dot(ax, y), dot(x, aty); !(math.Abs(l-r) <= 1e-12*(1+math.Abs(l))) {
			t.Errorf("%s: ⟨Ax, y⟩ = %.15g, ⟨x, Aᵀy⟩ = %.15g", o.name, l, r)
		}
		near(t, o.name+" graph", call(t, func(x, _ *Node) *Node { return a.Apply(x) }, x, y), ax, 1e-12)
		near(t, o.name+" adjoint graph", call(t, func(_, y *Node) *Node { return a.Adjoint(y) }, x, y), aty, 1e-12)
		g := make([]float64, d)
		a.VJPAt(g, x, y)
		near(t, o.name+" VJP", g, aty, 1e-12)
		near(t, o.name+" gradient of the graph", call(t, func(x, y *Node) *Node { return engine.VJP(a.Apply(x), x, y) }, x, y), aty, 1e-12)
	}
}

// A = U diag(s) Vᵀ with orthonormal U and V, and the values are those of the dense
// matrix: none is missing, none too many.
func TestDecompositions(t *testing.T) {
	for _, o := range linear() {
		a := o.a.(Linear)
		d, m := a.Dims()
		svd, err := Decompose(a)
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		r := len(svd.S)
		x := normals(d, 4)
		want, got, c, u := make([]float64, m), make([]float64, m), make([]float64, r), make([]float64, r)
		a.ApplyAt(want, x)
		svd.V.Coefficients(c, x)
		for i, s := range svd.S {
			c[i] *= s
		}
		svd.U.Combine(got, c)
		near(t, o.name+" by its values", got, want, 1e-10)
		for _, b := range []struct {
			basis Basis
			n     int
		}{{svd.U, m}, {svd.V, d}} {
			full := make([]float64, b.n)
			w := normals(r, 5)
			b.basis.Combine(full, w)
			b.basis.Coefficients(u, full)
			near(t, o.name+" basis", u, w, 1e-10)
		}
		var f mat.SVD
		f.Factorize(mat.NewDense(m, d, append([]float64(nil), Dense(a)...)), mat.SVDNone)
		rank := 0
		var squares float64
		for _, s := range f.Values(nil) {
			if s > 1e-11*f.Values(nil)[0] {
				rank++
			}
			squares += s * s
		}
		if rank != r || !(math.Abs(dot(svd.S, svd.S)-squares) <= 1e-9*squares) {
			t.Errorf("%s: %d values of square sum %g, the matrix has %d of %g", o.name, r, dot(svd.S, svd.S), rank, squares)
		}
	}
}

// Structure stays: what knows a cheap decomposition still does in sampler
// coordinates of one scale.
func TestSpectralForms(t *testing.T) {
	big := Image{64, 64, 1}
	for _, a := range []Linear{must(NewGaussianBlur(big, 3, Zero)), must(NewPool(big, 4)), must(NewBicubic(big, 8)), must(NewBox(big, 8, 8, 30, 20))} {
		d, _ := a.Dims()
		h, _, ok := Split(Standardised(a, make([]float64, d), constant(d, 0.3)))
		if _, spectral := h.(Spectral); !ok || !spectral {
			t.Errorf("%T has no spectral form in sampler coordinates", a)
		}
		if _, err := Decompose(h); err != nil {
			t.Error(err)
		}
	}
	if _, err := Decompose(must(NewMotionBlur(big, 9, 40, Zero))); err == nil {
		t.Error("4,096×4,096 numbers are decomposed in full")
	}
}

// Nonlinear operators: host and graph agree, and so do their gradients with central
// differences, whose error is of order 1e-10 times third derivatives.
func TestNonlinearOperators(t *testing.T) {
	for _, o := range nonlinear() {
		a := o.a
		d, m := a.Dims()
		x, c := normals(d, 6), normals(m, 7)
		y, g := make([]float64, m), make([]float64, d)
		a.ApplyAt(y, x)
		a.VJPAt(g, x, c)
		near(t, o.name+" graph", call(t, func(x, _ *Node) *Node { return a.Apply(x) }, x, c), y, 1e-11)
		near(t, o.name+" gradient of the graph", call(t, func(x, c *Node) *Node { return engine.VJP(a.Apply(x), x, c) }, x, c), g, 1e-10)
		const h = 1e-5
		for j := range x {
			at, up, down := x[j], make([]float64, m), make([]float64, m)
			x[j] = at + h
			a.ApplyAt(up, x)
			x[j] = at - h
			a.ApplyAt(down, x)
			x[j] = at
			if want := (dot(c, up) - dot(c, down)) / (2 * h); !(math.Abs(g[j]-want) <= 1e-7*(1+math.Abs(want))) {
				t.Errorf("%s: derivative %d is %g, by differences %g", o.name, j, g[j], want)
			}
		}
	}
}

// What an operator must do to points for which the answer is known.
func TestKnownValues(t *testing.T) {
	in := Image{8, 8, 1}
	one := constant(in.Size(), 1)
	ramp, point := make([]float64, in.Size()), make([]float64, in.Size())
	for i := range ramp {
		ramp[i] = 2*float64(i/8) + 3*float64(i%8) + 1
	}
	point[3*8+4] = 1

	near(t, "a pool of a constant", apply(must(NewPool(in, 4)), one), constant(4, 1), 1e-15)
	near(t, "a pool of a ramp", apply(must(NewPool(in, 2)), ramp)[:2], []float64{3.5, 9.5}, 1e-14)
	near(t, "bicubic of a constant", apply(must(NewBicubic(in, 2)), one), constant(16, 1), 1e-14)
	slope := make([]float64, 16)
	for i := range slope {
		slope[i] = 3*float64(i) - 5
	}
	near(t, "bicubic of a ramp, away from the edges", apply(must(NewBicubic(Image{1, 16, 1}, 2)), slope)[3:5], []float64{3*6.5 - 5, 3*8.5 - 5}, 1e-12)
	near(t, "a circular blur of a constant", apply(must(NewGaussianBlur(in, 2, Circular)), one), one, 1e-14)
	kernel := [][]float64{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}
	seen := apply(must(NewKernelBlur(in, kernel, Zero)), point)
	for i := -1; i <= 1; i++ {
		for j := -1; j <= 1; j++ {
			near(t, "a kernel seen by a point", seen[(3+i)*8+4+j:][:1], kernel[1+i][1+j:][:1], 1e-12)
		}
	}
	near(t, "differences of a ramp", apply(must(NewDifference(in, 0, 1, 0.5)), ramp), constant(56, 4), 1e-12)
	near(t, "second differences of a ramp", apply(must(NewDifference(in, 1, 2, 0.5)), ramp), constant(48, 0), 1e-12)
	near(t, "points of a ramp", apply(must(NewPoints(in, [][]float64{{1.25, 3.5}, {7, 7}})), ramp), []float64{2*1.25 + 3*3.5 + 1, 2*7 + 3*7 + 1}, 1e-12)
	near(t, "brightness of white", apply(must(NewGrey(Image{1, 2, 3})), constant(6, 1)), []float64{1, 1}, 1e-15)
	near(t, "clipped", apply(must(NewClip(3, 0, 1)), []float64{-1, 0.4, 7}), []float64{0, 0.4, 1}, 0)

	// Every projection keeps the mass, and that at 0 degrees sums the columns.
	r := apply(must(NewRadon(in, []float64{0, 17, 45, 90, 150}, 13)), ramp)
	for a := range 5 {
		near(t, "mass of a projection", []float64{dot(r[13*a:13*(a+1)], constant(13, 1))}, []float64{dot(ramp, one)}, 1e-12)
	}
	// As many detectors as columns: each sees its own.
	column := apply(must(NewRadon(in, []float64{0}, 8)), ramp)
	for j := range column {
		var want float64
		for i := range 8 {
			want += ramp[i*8+j]
		}
		near(t, "a projection at 0 degrees", column[j:j+1], []float64{want}, 1e-12)
	}

	// The transform of a point has magnitude 1 everywhere, over the grid's √256.
	near(t, "phase of a point", apply(must(NewFourierMagnitude(in, 2)), point), constant(256, 1.0/16), 1e-9)
	// Parseval: squared magnitudes sum to the squared pixels.
	y := apply(must(NewFourierMagnitude(in, 2)), ramp)
	near(t, "Parseval", []float64{dot(y, y)}, []float64{dot(ramp, ramp)}, 1e-9)

	// A constant is blurred to itself by any contrast; a small contrast is linear.
	blur := must(NewGaussianBlur(in, 1, Circular))
	near(t, "exposure of a constant", apply(must(NewExposureBlur(blur, 3)), constant(64, 0.7)), constant(64, 0.7), 1e-12)
	near(t, "exposure of small contrast", apply(must(NewExposureBlur(blur, 1e-7)), ramp), apply(blur, ramp), 1e-5)
}

// Quantising twice is quantising once, errors are at most half a step a coefficient,
// and at the best quality a picture of whole grey levels nearly survives.
func TestJPEG(t *testing.T) {
	in := Image{16, 8, 3}
	a := must(NewJPEG(in, 75, -1, 1))
	x := normals(in.Size(), 8)
	once, twice := make([]float64, len(x)), make([]float64, len(x))
	a.ApplyAt(once, x)
	a.ApplyAt(twice, once)
	near(t, "the second time", twice, once, 1e-12)
	near(t, "graph", call(t, func(x, _ *Node) *Node { return a.Apply(x) }, x, x), once, 1e-10)
	near(t, "gradient of the graph", call(t, func(x, c *Node) *Node { return engine.VJP(a.Apply(x), x, c) }, x, once), once, 1e-12)
	var lost, most float64
	for i, s := range a.steps() {
		lost += (once[i] - x[i]) * (once[i] - x[i])
		most += s * s / 4
	}
	if lost == 0 || lost > most {
		t.Errorf("the squared error is %g, of half steps at most %g", lost, most)
	}
	best := must(NewJPEG(in, 100, 0, 255))
	best.ApplyAt(once, x)
	for i := range x {
		if math.Abs(once[i]-x[i]) > 4 { // 64 coefficients off by half, orthonormal: ‖·‖ ≤ 4
			t.Fatalf("pixel %d moves by %g grey levels at quality 100", i, once[i]-x[i])
		}
	}
}

// A stack of affine operators and a composition of them are affine, with the right
// constant.
func TestSplit(t *testing.T) {
	names := []string{"p", "q"}
	f := must(NewFormula(2, []*expr.Expr{must(expr.Parse("2*p - q + 3", names, 2)), must(expr.Parse("q/4", names, 2))}))
	double := Shifted(must(NewMatrix([][]float64{{2, 1}})), []float64{10})
	for name, a := range map[string]Operator{
		"formula": f, "stack": Stack(f, double), "composition": must(Compose(double, f)), "standardised": Standardised(f, []float64{1, 2}, []float64{3, 4}),
	} {
		h, b, ok := Split(a)
		if !ok {
			t.Errorf("%s is not affine", name)
			continue
		}
		d, m := a.Dims()
		x, y, hx := normals(d, 9), make([]float64, m), make([]float64, m)
		a.ApplyAt(y, x)
		h.ApplyAt(hx, x)
		for i := range hx {
			hx[i] += b[i]
		}
		near(t, name, hx, y, 1e-12)
		near(t, name+" graph", call(t, func(x, _ *graph.Node) *graph.Node { return a.Apply(x) }, x, x), y, 1e-12)
	}
	x := []float64{0.5, -2}
	near(t, "one after the other", apply(must(Compose(double, f)), x), apply(double, apply(f, x)), 1e-14)
	near(t, "beside each other", apply(Stack(f, double), x), append(apply(f, x), apply(double, x)...), 1e-14)
	near(t, "in other coordinates", apply(Standardised(f, []float64{1, 2}, []float64{3, 4}), x), apply(f, []float64{2.5, -6}), 1e-14)
	if _, _, ok := Split(must(NewClip(2, 0, 1))); ok {
		t.Error("clipping is taken for affine")
	}
}

// What would take memory or time without bound, or measures nothing, is refused at once.
func TestOperatorsOutOfBounds(t *testing.T) {
	wide := make([]float64, 6000)
	wide[0] = 1
	_, matrix := NewMatrix(slices.Repeat([][]float64{wide}, 6000))
	_, motion := NewMotionBlur(Image{8, 8, 1}, 17, 0, Zero)
	_, box := NewBox(Image{3, 4, 1}, 0, 0, 3, 4)
	for want, err := range map[string]error{"at most 33554432 numbers": matrix, "want at most 16": motion, "hides the whole image of 3×4": box} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
