package prior

import (
	"fmt"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
	"abide/internal/testkit"
	"abide/network"
)

// small is a network with every weight different from zero.
func small() *network.MLP {
	m := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6}, 4)
	for i, w := range m.Weights() {
		for j, v := range normals(len(w.Data), 20+i) {
			w.Data[j] = float32(0.5 * v)
		}
	}
	return m
}

// forward is EDM{Network: m} by loops on the host.
func forward(m *network.MLP, u []float64, sigma float64) []float64 {
	c := math.Log(sigma) / 4
	var e []float64
	for i := range m.Embedding / 2 {
		e = append(e, math.Cos(c*math.Pow(2, 6*float64(i)/float64(m.Embedding/2))))
	}
	for i := range m.Embedding / 2 {
		e = append(e, math.Sin(c*math.Pow(2, 6*float64(i)/float64(m.Embedding/2))))
	}
	times := func(x []float64, w *engine.Weights, y []float64) {
		for i, v := range x {
			for j := range y {
				y[j] += v * float64(w.Data[i*len(y)+j])
			}
		}
	}
	h := make([]float64, m.Dim)
	for i := range u {
		h[i] = u[i] / math.Sqrt(sigma*sigma+1)
	}
	for l, b := range m.B {
		y := make([]float64, len(b.Data))
		for j, v := range b.Data {
			y[j] = float64(v)
		}
		times(h, m.W[l], y)
		if l < m.Depth {
			times(e, m.V[l], y)
			for j, x := range y {
				y[j] = x * 0.5 * (1 + x/math.Sqrt(1+x*x))
			}
		}
		h = y
	}
	for i := range h {
		h[i] = u[i]/(sigma*sigma+1) + sigma/math.Sqrt(sigma*sigma+1)*h[i]
	}
	return h
}

func TestNetworkAgainstLoops(t *testing.T) {
	const n = 4
	m := small()
	for _, sigma := range levels {
		u := noisy(n, 3, sigma)
		var want []float64
		for i := range n {
			want = append(want, forward(m, u[3*i:3*i+3], sigma)...)
		}
		// Some tens of products and sums of numbers of size up to ten.
		near(t, fmt.Sprintf("σ = %g", sigma), denoise(t, EDM{Network: m}, u, 3, engine.Scalar(sigma)), want, 1e-13)
		near(t, fmt.Sprintf("σ = %g for each row", sigma), denoise(t, EDM{Network: m}, u, 3, level(n, sigma)), want, 1e-13)
	}
	u := noisy(len(levels), 3, 1)
	var want []float64
	for i, sigma := range levels {
		want = append(want, forward(m, u[3*i:3*i+3], sigma)...)
	}
	near(t, "mixed levels", denoise(t, EDM{Network: m}, u, 3, engine.Rows(levels, 1)), want, 1e-13)
}

// Differences of fourth order with steps of 1e-3: error 1e-12 of the fifth
// derivative and 1e-13 of rounding, both well below 1e-9.
func difference(f func(dx float64) float64) float64 {
	const h = 1e-3
	return (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h)
}

func TestNetworkGradients(t *testing.T) {
	const n, d = 3, 3
	m := small()
	for _, sigma := range []float64{0.05, 1, 30} {
		u, c, v := noisy(n, d, sigma), normals(n*d, 2), normals(n*d, 3)
		f := openGo(t).NewFunction("derivatives", engine.Float64, func(in []*engine.Node) []*engine.Node {
			u, sigma, c, v := in[0], in[1], in[2], in[3]
			jvp := engine.JVP(func(u *engine.Node) *engine.Node { return EDM{Network: m}.Denoise(u, sigma) }, u, v)
			return []*engine.Node{engine.VJP(EDM{Network: m}.Denoise(u, sigma), u, c), jvp}
		})
		out, err := f.Call(engine.Rows(u, d), engine.Scalar(sigma), engine.Rows(c, d), engine.Rows(v, d))
		if err != nil {
			t.Fatal(err)
		}
		var vjp, jvp []float64
		for i := range n {
			row := u[i*d : (i+1)*d]
			moved := func(j int, dx float64) []float64 {
				r := slices.Clone(row)
				r[j] += dx
				return forward(m, r, sigma)
			}
			for j := range d {
				vjp = append(vjp, difference(func(dx float64) float64 {
					var s float64
					for k, y := range moved(j, dx) {
						s += c[i*d+k] * y
					}
					return s
				}))
			}
			for k := range d {
				jvp = append(jvp, difference(func(dx float64) float64 {
					r := slices.Clone(row)
					for j := range d {
						r[j] += dx * v[i*d+j]
					}
					return forward(m, r, sigma)[k]
				}))
			}
		}
		near(t, fmt.Sprintf("σ = %g: vjp", sigma), out[0].F64, vjp, 1e-9)
		near(t, fmt.Sprintf("σ = %g: jvp", sigma), out[1].F64, jvp, 1e-9)
	}
}

// The gradient for every weight, as training uses it. Weights are float32: a
// step of 2⁻¹⁰ is what differences divide by, up to the rounding of the weight,
// so the step taken is read back.
func TestNetworkWeightGradients(t *testing.T) {
	const n, d = 2, 3
	m := small()
	u, sigma := noisy(n, d, 1), 0.8
	weights := m.Weights()
	f := openGo(t).NewFunction("weights", engine.Float64, func(in []*engine.Node) []*engine.Node {
		y := EDM{Network: m}.Denoise(in[0], in[1])
		var nodes []*engine.Node
		for _, w := range weights {
			nodes = append(nodes, w.Use(y.Graph()))
		}
		return Gradient(ReduceAllSum(Mul(y, y)), nodes...)
	})
	out, err := f.Call(engine.Rows(u, d), engine.Scalar(sigma))
	if err != nil {
		t.Fatal(err)
	}
	energy := func() (s float64) {
		for i := range n {
			for _, y := range forward(m, u[i*d:(i+1)*d], sigma) {
				s += y * y
			}
		}
		return s
	}
	for i, w := range weights {
		if len(out[i].F64) != len(w.Data) {
			t.Fatalf("%s: gradient of %d for %d weights", w.Name, len(out[i].F64), len(w.Data))
		}
		for j := range w.Data {
			kept := w.Data[j]
			w.Data[j] = kept + 0x1p-10
			up, high := energy(), float64(w.Data[j])
			w.Data[j] = kept - 0x1p-10
			down, low := energy(), float64(w.Data[j])
			w.Data[j] = kept
			// Second order: the error is 1e-6 of the third derivative.
			near(t, fmt.Sprintf("%s[%d]", w.Name, j), out[i].F64[j:j+1], []float64{(up - down) / (high - low)}, 1e-4)
		}
	}
}

// With F = 0 the denoiser is the skip path, D = u/(1+σ²): the exact one for
// N(0, I).
func TestPreconditioningOfZeroNetwork(t *testing.T) {
	const n, d = 5, 2
	m := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{d}, Width: 16, Depth: 3, Embedding: 8}, 1) // fresh networks end in zeros
	for _, sigma := range levels {
		u := noisy(n, d, sigma)
		want := make([]float64, len(u))
		for i := range u {
			want[i] = u[i] / (1 + sigma*sigma)
		}
		near(t, fmt.Sprintf("σ = %g", sigma), denoise(t, EDM{Network: m}, u, d, engine.Scalar(sigma)), want, 4*0x1p-52)
	}
}

func TestActivation(t *testing.T) {
	x := []float64{-1e6, -30, -2, -0.5, 0, 1e-9, 0.5, 2, 30, 1e6}
	f := openGo(t).NewFunction("activation", engine.Float64, func(in []*engine.Node) []*engine.Node {
		y := network.Activation(in[0])
		return []*engine.Node{y, Gradient(ReduceAllSum(y), in[0])[0]}
	})
	out, err := f.Call(engine.Rows(x, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		r := math.Sqrt(1 + v*v)
		// φ(x) = ½x(1 + x/r); far to the left the two terms of size |x| cancel.
		tol := 8 * 0x1p-52 * math.Max(1, math.Abs(v))
		near(t, fmt.Sprintf("φ(%g)", v), out[0].F64[i:i+1], []float64{0.5 * v * (1 + v/r)}, tol)
		near(t, fmt.Sprintf("φ′(%g)", v), out[1].F64[i:i+1], []float64{0.5 * (1 + v/r + v/(r*r*r))}, 16*0x1p-52)
	}
}

func TestNewMLP(t *testing.T) {
	m := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{2}, Width: 64, Depth: 3, Embedding: 16}, 5)
	if got, want := m.Cost().Parameters, 2*64+2*64*64+3*(16*64+64)+64*2+2; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	if got, want := m.Cost().FLOPs, 2*(2*64+2*64*64+64*2); got != want {
		t.Errorf("%d FLOPs, want %d", got, want)
	}
	names := map[string]bool{}
	again, other := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{2}, Width: 64, Depth: 3, Embedding: 16}, 5), network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{2}, Width: 64, Depth: 3, Embedding: 16}, 6)
	for i, w := range m.Weights() {
		if names[w.Name] {
			t.Errorf("two weights are called %s", w.Name)
		}
		names[w.Name] = true
		if !slices.Equal(w.Data, again.Weights()[i].Data) {
			t.Errorf("%s: the same seed gave other weights", w.Name)
		}
		zero := w.Name[0] == 'b' || w.Name == "w3"
		if zero != slices.Equal(w.Data, make([]float32, len(w.Data))) {
			t.Errorf("%s: zero, or not, against the documentation", w.Name)
		}
		if zero {
			continue
		}
		if slices.Equal(w.Data, other.Weights()[i].Data) {
			t.Errorf("%s: another seed gave the same weights", w.Name)
		}
		squares := make([]float64, len(w.Data))
		for j, v := range w.Data {
			squares[j] = float64(v) * float64(v) * float64(w.Shape[0])
		}
		testkit.MeanWithin(t, "variance of "+w.Name+" times its inputs", squares, 1, 0)
	}
}
