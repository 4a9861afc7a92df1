package network

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"abide/internal/engine"
)

// layer makes one layer with disturbed weights.
func layer[L any](make func(p *parameters) L) (L, *parameters) {
	var p parameters
	l := make(&p)
	p.fill(1)
	disturb(p.Weights())
	return l, &p
}

func one(t *testing.T, e *engine.Engine, f func(x *Node) *Node, in engine.Array) []float64 {
	t.Helper()
	return function(t, e, func(in []*Node) []*Node { return []*Node{f(in[0])} })(in)[0]
}

func values(w *engine.Weights) []float64 {
	v := make([]float64, len(w.Data))
	for i, x := range w.Data {
		v[i] = float64(x)
	}
	return v
}

// A convolution is its defining sum, whatever the form of it: long and short
// axes, sides of one, on both backends.
func TestConvolutionAgainstLoops(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		for _, places := range [][]int{{1}, {5}, {20}, {1, 1}, {3, 4}, {1, 20}, {20, 1}, {5, 4}, {3, 20}} {
			const n, in, out = 2, 3, 2
			l, _ := layer(func(p *parameters) conv { return p.newConv("l", places, in, out, 1) })
			h, w := 1, places[len(places)-1]
			if len(places) == 2 {
				h = places[0]
			}
			x := normals(n*h*w*in, 2)
			kernel, bias := values(l.w), values(l.b)
			var want []float64
			for s := range n * h * w {
				for o := range out {
					y := bias[o]
					for k := range len(kernel) / (in * out) {
						i, j := s/w%h, s%w+k%3-1
						if len(places) == 2 {
							i += k/3 - 1
						}
						if i < 0 || i >= h || j < 0 || j >= w {
							continue
						}
						for c := range in {
							y += x[((s/w/h*h+i)*w+j)*in+c] * kernel[(k*in+c)*out+o]
						}
					}
					want = append(want, y)
				}
			}
			got := one(t, e, l.apply, array(x, append(append([]int{n}, places...), in)...))
			near(t, fmt.Sprint(places), got, want, 1e-13)
		}
	})
}

func TestAttentionAgainstLoops(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		const n, sites, c, heads = 2, 5, 6, 2
		l, _ := layer(func(p *parameters) attention { return p.newAttention("l", c, heads, sites) })
		x := normals(n*sites*c, 2)
		normed := one(t, e, func(x *Node) *Node { return l.norm.apply(x, nil, nil) }, array(x, n, sites, c))
		times := func(d dense, x []float64) []float64 {
			w, b := values(d.w), values(d.b)
			y := make([]float64, len(x)/d.in*d.out)
			for i := range y {
				r, o := i/d.out, i%d.out
				y[i] = b[o]
				for k := range d.in {
					y[i] += x[r*d.in+k] * w[k*d.out+o]
				}
			}
			return y
		}
		q, k, v := times(l.q, normed), times(l.k, normed), times(l.v, normed)
		sum := make([]float64, len(x))
		for i := range n * sites {
			for h := range heads {
				weight, total := make([]float64, sites), 0.0
				for j := range weight {
					for d := range c / heads {
						weight[j] += q[i*c+h*c/heads+d] * k[(i/sites*sites+j)*c+h*c/heads+d] / math.Sqrt(c/heads)
					}
					weight[j] = math.Exp(weight[j])
					total += weight[j]
				}
				for j := range weight {
					for d := range c / heads {
						sum[i*c+h*c/heads+d] += weight[j] / total * v[(i/sites*sites+j)*c+h*c/heads+d]
					}
				}
			}
		}
		want := times(l.out, sum)
		for i := range want {
			want[i] += x[i]
		}
		near(t, "attention", one(t, e, l.apply, array(x, n, sites, c)), want, 1e-13)
	})
}

// The residual perceptron is the formula in its documentation.
func TestResidualAgainstLoops(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		a := Architecture{Kind: "residual-mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6, Condition: 2}
		n, err := New(a, 1)
		if err != nil {
			t.Fatal(err)
		}
		disturb(n.Weights())
		w := map[string][]float64{}
		for _, x := range n.Weights() {
			w[x.Name] = values(x)
		}
		linear := func(name string, x []float64) []float64 {
			y := slices.Clone(w[name+".b"])
			for i, v := range x {
				for j := range y {
					y[j] += v * w[name+".w"][i*len(y)+j]
				}
			}
			return y
		}
		phi := func(x []float64) []float64 {
			y := make([]float64, len(x))
			for i, v := range x {
				y[i] = v / 2 * (1 + v/math.Sqrt(1+v*v))
			}
			return y
		}
		norm := func(name string, x []float64) []float64 {
			var q float64
			for _, v := range x {
				q += v * v
			}
			y := make([]float64, len(x))
			for i, v := range x {
				y[i] = w[name+".gain"][i] * v / math.Sqrt(q/float64(len(x))+normEpsilon)
			}
			return y
		}
		u, c, y := normals(3, 2), 0.4, normals(2, 3)
		var g []float64
		for i := range 3 {
			g = append(g, math.Cos(c*math.Pow(2, 2*float64(i))))
		}
		for i := range 3 {
			g = append(g, math.Sin(c*math.Pow(2, 2*float64(i))))
		}
		given := phi(linear("embed.1", phi(linear("embed.0", append(g, y...)))))
		h := linear("in", u)
		for _, b := range []string{"block0", "block1"} {
			z, s, s2 := norm(b+".norm", h), linear(b+".scale", given), linear(b+".shift", given)
			for i := range z {
				z[i] = z[i]*(1+s[i]) + s2[i]
			}
			for i, v := range linear(b+".1", phi(linear(b+".0", z))) {
				h[i] += v
			}
		}
		want := linear("out", norm("norm", h))
		near(t, "F", function(t, e, outputs(n))(array(u, 1, 3), engine.Scalar(c), array(y, 1, 2))[0], want, 1e-13)
	})
}

// Before scale and shift, every group has mean 0 and variance v/(v+ε), whatever
// the mean and the variance of the input.
func TestGroupNormMoments(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		const n, sites, c = 2, 12, 8 // two groups of four
		var p parameters
		l := p.newGroupNorm("l", c, sites)
		p.fill(1)
		x := normals(n*sites*c, 2)
		for i := range x {
			x[i] = 3*x[i] + 5
		}
		y := one(t, e, func(x *Node) *Node { return l.apply(x, nil, nil) }, array(x, n, 3, 4, c))
		for s := range n {
			for g := range l.groups {
				moments := func(x []float64) (m, v float64) {
					for i := range sites * c {
						if i%c/(c/l.groups) == g {
							m += x[s*sites*c+i]
							v += x[s*sites*c+i] * x[s*sites*c+i]
						}
					}
					k := float64(sites * c / l.groups)
					return m / k, v/k - m/k*m/k
				}
				_, v := moments(x)
				mean, variance := moments(y)
				near(t, "moments", []float64{mean, variance}, []float64{0, v / (v + normEpsilon)}, 1e-13)
			}
		}
	})
}

func TestHalvingUndoesDoubling(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		x := array(normals(2*3*4*5, 2), 2, 3, 4, 5)
		near(t, "halve(double(x))", one(t, e, func(x *Node) *Node { return halve(double(x)) }, x), x.F64, 1e-15)
		x = array(normals(2*4*6*3, 2), 2, 4, 6, 3)
		near(t, "unpatch(patches(x))", one(t, e, func(x *Node) *Node { return unpatch(patches(x, 2), 2) }, x), x.F64, 0)
		// A patch is a block of neighbours: their mean is the mean over channels.
		near(t, "means of patches", one(t, e, func(x *Node) *Node { return ReduceMean(Reshape(patches(x, 2), 2, 2, 3, 4, 3), 3) }, x), one(t, e, halve, x), 1e-15)
	})
}

// One spectral layer is any linear operator that commutes with translations and
// is limited to its band, here d/ds + ½ d²/ds² − ¾ on functions with eight modes:
// weights from the multiplier, results from calculus. The same weights give the
// same function on a finer grid.
func TestSpectralLayerIsExact(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		const modes = 8
		for _, places := range [][]int{{16}, {15}, {64}, {16, 15}, {32, 30}} {
			var p parameters
			l := p.newSpectral("l", places, modes, 1, 1)
			p.fill(1)
			// Multiplier for ∂ = Σ_j (j+1) ∂_j on the torus of circumference 1.
			derivative := func(k []int) complex128 {
				var d complex128
				for j, m := range k {
					d += complex(0, 2*math.Pi*float64((j+1)*m)/64)
				}
				return d
			}
			for i, k := range l.waves {
				m := derivative(k)
				m = m + m*m/2 - 0.75
				l.re.Data[i], l.im.Data[i] = float32(real(m)), float32(imag(m))
			}
			amplitude := normals(2*len(l.waves), 3)
			sites := 1
			for _, s := range places {
				sites *= s
			}
			var x, want []float64
			for s := range sites {
				var f, g float64
				for i, k := range l.waves {
					turns, rest := 0.0, s
					for j := len(places) - 1; j >= 0; j-- {
						turns += float64(k[j]*(rest%places[j])) / float64(places[j])
						rest /= places[j]
					}
					wave := complex(amplitude[2*i], amplitude[2*i+1]) * cmplx.Exp(complex(0, 2*math.Pi*turns))
					f += real(wave)
					// What float32 keeps of the multiplier is the multiplier.
					g += real(wave * complex(float64(l.re.Data[i]), float64(l.im.Data[i])))
				}
				x, want = append(x, f), append(want, g)
			}
			got := one(t, e, l.apply, array(x, append(append([]int{1}, places...), 1)...))
			near(t, fmt.Sprint(places), got, want, 1e-10)
		}
	})
}

// A Fourier neural operator commutes with translations of the grid, and without
// what its pointwise layers alias it gives the same function on a finer grid.
func TestFNOCommutesWithTranslations(t *testing.T) {
	onBackends(t, func(t *testing.T, e *engine.Engine) {
		a := Architecture{Kind: "fno", Shape: []int{6, 8}, Width: 4, Depth: 2, Embedding: 4, Modes: 3}
		n, err := New(a, 1)
		if err != nil {
			t.Fatal(err)
		}
		disturb(n.Weights())
		x := normals(48, 2)
		move := func(x []float64) []float64 {
			y := make([]float64, len(x))
			for i := range x {
				y[(i/8+2)%6*8+(i%8+3)%8] = x[i]
			}
			return y
		}
		f := function(t, e, outputs(n))
		level := engine.Scalar(0.4)
		near(t, "translated", f(array(move(x), 1, 48), level)[0], move(f(array(x, 1, 48), level)[0]), 1e-12)
	})
}

// The same weights serve every grid. Activations make higher wave numbers, which
// a finer grid tells apart and a coarse one does not, so two grids agree better
// the finer they are: geometrically, for a smooth function.
func TestFNOOnFinerGrids(t *testing.T) {
	e := openGo(t)
	run := func(side int) []float64 {
		n, err := New(Architecture{Kind: "fno", Shape: []int{side}, Width: 4, Depth: 2, Embedding: 4, Modes: 4}, 1)
		if err != nil {
			t.Fatal(err)
		}
		disturb(n.Weights())
		x := make([]float64, side)
		for i := range x {
			s := 2 * math.Pi * float64(i) / float64(side)
			x[i] = math.Sin(s) + 0.5*math.Cos(2*s)
		}
		return function(t, e, outputs(n))(array(x, 1, side), engine.Scalar(0.4))[0]
	}
	distance := func(coarse, fine []float64) (d float64) {
		for i, y := range coarse {
			d = max(d, math.Abs(y-fine[i*len(fine)/len(coarse)]))
		}
		return d
	}
	grids := [][]float64{run(16), run(32), run(64), run(128), run(256)}
	last := distance(grids[0], grids[4])
	for i := 1; i < 4; i++ {
		d := distance(grids[i], grids[4])
		if !(d < last/4 || d < 1e-13) {
			t.Errorf("%d places are off by %g, half as many by %g", 16<<i, d, last)
		}
		last = d
	}
}

// Costs against counts by hand.
func TestCost(t *testing.T) {
	for _, c := range []struct {
		a                            Architecture
		parameters, flops, embedding int
	}{
		{
			Architecture{Kind: "mlp", Shape: []int{2}, Width: 64, Depth: 3, Embedding: 16},
			2*64 + 2*64*64 + 3*(16*64+64) + 64*2 + 2, 2 * (2*64 + 2*64*64 + 64*2), 2 * 3 * 16 * 64,
		},
		{
			Architecture{Kind: "residual-mlp", Shape: []int{3}, Width: 8, Depth: 2, Embedding: 6, Condition: 2},
			(8*8 + 8) + (8*8 + 8) + (3*8 + 8) + 2*(8+4*(8*8+8)) + 8 + (8*3 + 3),
			2 * (3*8 + 2*2*8*8 + 8*3), 2 * (8*8 + 8*8 + 2*2*8*8),
		},
		{ // 4×4, one level, four channels: in, two blocks, attention, out
			Architecture{Kind: "unet", Shape: []int{4, 4}, Width: 4, Depth: 1, Embedding: 4, Levels: 1, Heads: 2},
			(4*8 + 8) + (8*8 + 8) + (9*4 + 4) + 2*(2*8+2*(9*16+4)+2*(8*4+4)) + (8 + 4*(16+4)) + 8 + (9*4 + 1),
			2*16*(9*4+4*9*16+4*16+9*4) + 4*16*16*4, 2 * (4*8 + 8*8 + 2*2*8*4),
		},
		{ // nine places, modes 0, 1 and 2
			Architecture{Kind: "fno", Shape: []int{9}, Width: 6, Depth: 1, Embedding: 4, Modes: 3},
			(4*6 + 6) + (36 + 6) + (6 + 6) + 2*3*36 + 2*(36+6) + (36 + 6) + (6 + 1),
			2*9*(6+36+36+6) + 4*9*3*6 + 8*3*36 + 4*9*3*6, 2 * (4*6 + 36 + 36),
		},
	} {
		n, err := New(c.a, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := n.Cost()
		if got.Parameters != c.parameters || got.FLOPs != c.flops || got.Embedding != c.embedding {
			t.Errorf("%s: %+v, want %d parameters, %d and %d FLOPs", c.a.Kind, got, c.parameters, c.flops, c.embedding)
		}
	}
	const want = "10 parameters, 3 MFLOP for a forward pass of one sample, about 0.0802 MB to train in batches of 100"
	if got := (Cost{Parameters: 10, FLOPs: 2_000_000, Embedding: 1_000_000, Activation: 100}).Describe(100, 4); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
