package keyed

import "math"

// The density exp(−x²/2) is covered by layers of equal area: layer i ≥ 1 is the
// rectangle of half-width edge[i] between the heights of edge[i] and edge[i+1],
// layer 0 the rectangle under the height of edge[1] with the tails beyond it.
const (
	layers = 256
	tail   = 3.6541528853610088 // edge[1]; the one value for which edge[layers] is 0
)

// edge holds the half-widths of the layers. That of layer 0 is fictitious: of a
// rectangle with the area of the layer's own rectangle and the tails.
var edge = edges()

func edges() (x [layers + 1]float64) {
	height := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	area := tail*height(tail) + math.Sqrt(math.Pi/2)*math.Erfc(tail/math.Sqrt2)
	x[0], x[1] = area/height(tail), tail
	for i := 1; i < layers-1; i++ {
		x[i+1] = math.Sqrt(-2 * math.Log(area/x[i]+height(x[i])))
	}
	return x // x[layers] is 0, the top
}

// Normal fills dst with independent N(0, 1) draws by the ziggurat method: nearly
// every draw is one word, of which the lowest 8 bits choose a layer and the
// highest 53 a place in it.
//
// References: G. Marsaglia and W. W. Tsang, "The ziggurat method for generating
// random variables", J. Stat. Softw. 5(8) (2000); J. A. Doornik, "An improved
// ziggurat method to generate normal random samples" (2005), whose bits for the
// layer and the place are disjoint, as here.
func (s *Stream) Normal(dst []float64) {
	for i := range dst {
		v := s.Uint64()
		layer := v % layers
		x := place(v) * edge[layer]
		if !(math.Abs(x) < edge[layer+1]) {
			x = s.outside(x, layer)
		}
		dst[i] = x
	}
}

// place is a number in the open interval (−1, 1) from the highest 53 bits of v.
func place(v uint64) float64 { return (float64(int64(v)>>11) + 0.5) * 0x1p-52 }

// outside finishes a draw whose place x in its layer may lie above the density:
// it is one in eighty.
func (s *Stream) outside(x float64, layer uint64) float64 {
	for {
		if layer == 0 {
			return math.Copysign(s.tail(), x)
		}
		// A uniform height between those of the layer's two edges, relative to the density at x.
		low, high := math.Exp(0.5*(x-edge[layer])*(x+edge[layer])), math.Exp(0.5*(x-edge[layer+1])*(x+edge[layer+1]))
		if low+s.Uniform()*(high-low) < 1 {
			return x
		}
		v := s.Uint64()
		layer = v % layers
		x = place(v) * edge[layer]
		if math.Abs(x) < edge[layer+1] {
			return x
		}
	}
}

// tail draws from N(0, 1) beyond the constant tail (Marsaglia 1964).
func (s *Stream) tail() float64 {
	for {
		x, y := -math.Log(s.Uniform())/tail, -math.Log(s.Uniform())
		if 2*y > x*x {
			return tail + x
		}
	}
}
