package prior

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Empirical is the exact denoiser of a finite data set {uᵢ} with weights wᵢ:
//
//	D(u, σ) = Σᵢ pᵢ uᵢ,  pᵢ = softmaxᵢ(log wᵢ − ‖u − uᵢ‖²/2σ²)
//
// A sampler that follows it to σ = 0 returns rows of the data set: it is a
// reference, not a generator of new points. Cost per sample: 4 M d FLOPs and M
// exponentials for M rows.
//
// Where N samples and M rows make more than [maxLogits] pairs, rows are taken in
// blocks with a running maximum (Milakov and Gimelshein 2018, algorithm 3), so
// that memory is bounded by the blocks; derivatives then go through Tweedie's
// formula, ∂D/∂u = Σ pᵢ(uᵢ−D)(uᵢ−D)ᵀ/σ², in a second pass over the blocks, and
// σ is not differentiated. For 512 samples and 10⁵ rows of 10² columns a call adds
// at most 190 MB (80 MB of it the rows) where all pairs at once would take 410 MB an
// array, and takes 1.8–3.6 s on two busy cores, at a fifth to two fifths of the rate
// of the products alone (BenchmarkEmpiricalLarge); the rest is the exponential and
// the passes over the block.
type Empirical struct {
	dim       int
	rows      []float64 // [M, d]; nil where they are narrow
	narrow    []float32 // [M, d] in single precision, which halves what a large table takes
	half      []float64 // [M] ½‖uᵢ‖²
	logWeight []float64 // [M], exp of them sum to 1; nil: equal
	limit     int       // numbers in an intermediate array; 0: maxLogits
}

// maxLogits is how many numbers an intermediate array of the denoiser may have:
// 8 MiB in float64; maxBlock how many numbers the rows of one block may have, 16 MiB.
const (
	maxLogits = 1 << 20
	maxBlock  = 1 << 21
)

var (
	_ Differentiable = (*Empirical)(nil)
	_ Law            = (*Empirical)(nil)
)

func newEmpirical(rows, logWeight []float64, d int) *Empirical {
	e := &Empirical{dim: d, rows: rows, logWeight: logWeight, half: make([]float64, len(rows)/d)}
	for i := range e.half {
		for _, v := range rows[i*d : (i+1)*d] {
			e.half[i] += 0.5 * v * v
		}
	}
	return e
}

// newNarrow is newEmpirical for rows in single precision, equally likely.
func newNarrow(rows []float32, d int) *Empirical {
	e := &Empirical{dim: d, narrow: rows, half: make([]float64, len(rows)/d)}
	for i := range e.half {
		for _, v := range rows[i*d : (i+1)*d] {
			e.half[i] += 0.5 * float64(v) * float64(v)
		}
	}
	return e
}

// at is number j of row i.
func (e *Empirical) at(i, j int) float64 {
	if e.narrow != nil {
		return float64(e.narrow[i*e.dim+j])
	}
	return e.rows[i*e.dim+j]
}

// constant is rows lo to hi, [hi−lo, d]. Narrow rows are widened once what comes
// before is there, so that one block at a time is wide.
func (e *Empirical) constant(like *Node, lo, hi int, before *Node) *Node {
	if e.narrow != nil {
		rows := Reshape(Const(like.Graph(), e.narrow[lo*e.dim:hi*e.dim]), hi-lo, e.dim)
		if before != nil {
			one := AddScalar(MulScalar(StopGradient(ReduceAllMax(before)), 0), 1)
			rows = Mul(rows, ConvertDType(one, rows.DType()))
		}
		return ConvertDType(rows, like.DType())
	}
	return Reshape(ConstAs(like, e.rows[lo*e.dim:hi*e.dim]), hi-lo, e.dim)
}

// Denoise is D; see [Denoiser] for shapes.
func (e *Empirical) Denoise(u, sigma *Node) *Node {
	block := e.block(u.Shape().Dimensions[0])
	mean := e.fold(u, sigma, block, weightedRows)
	if block >= len(e.half) {
		return mean
	}
	// u − u is 0; what it carries is the derivative.
	slope := IdentityWithCustomGradient(u, func(u, c *Node) *Node { return e.pullBack(u, sigma, c, block) })
	return Add(StopGradient(mean), Sub(slope, StopGradient(u)))
}

// block is how many rows of data n samples take at a time.
func (e *Empirical) block(n int) int {
	if e.limit > 0 {
		return max(1, e.limit/n)
	}
	return max(1, min(maxLogits/n, maxBlock/e.dim))
}

func weightedRows(p, rows *Node) *Node { return Dot(p, rows).Product() }

// pullBack is Jᵀc = Jc = (Σ pᵢ uᵢ uᵢᵀc − D Dᵀc)/σ².
func (e *Empirical) pullBack(u, sigma, c *Node, block int) *Node {
	d := e.dim
	both := e.fold(u, sigma, block, func(p, rows *Node) *Node {
		along := DotGeneral(c, []int{1}, nil, rows, []int{1}, nil) // uᵢᵀc, [N, B]
		return Concatenate([]*Node{weightedRows(p, rows), weightedRows(Mul(p, along), rows)}, 1)
	})
	mean, second := columns(both, 0, d), columns(both, d, 2*d)
	return Div(Sub(second, Mul(mean, ReduceAndKeep(Mul(mean, c), ReduceSum, -1))), Mul(sigma, sigma))
}

// columns lo to hi of x, by a product: a slice could not be differentiated twice.
func columns(x *Node, lo, hi int) *Node {
	pick := make([][]float64, x.Shape().Dimensions[1])
	for i := range pick {
		pick[i] = make([]float64, hi-lo)
		if i >= lo && i < hi {
			pick[i][i-lo] = 1
		}
	}
	return Dot(x, ConstAs(x, pick)).Product()
}

// DenoiseJacobian is D and the covariance of the rows under p over σ², by one
// product with all uᵢuᵢᵀ; see [Differentiable].
func (e *Empirical) DenoiseJacobian(u, sigma *Node) (mean, jacobian *Node) {
	n, d := u.Shape().Dimensions[0], e.dim
	block := min(e.block(n), e.block(d*d))
	second := e.fold(u, sigma, block, func(p, rows *Node) *Node {
		pairs := Mul(ExpandDims(rows, 2), ExpandDims(rows, 1)) // [B, d, d]
		return Dot(p, Reshape(pairs, rows.Shape().Dimensions[0], d*d)).Product()
	})
	mean = e.Denoise(u, sigma)
	s2 := Mul(sigma, sigma)
	if s2.Rank() == 2 {
		s2 = ExpandDims(s2, -1)
	}
	return mean, Div(Sub(Reshape(second, n, d, d), Mul(ExpandDims(mean, 2), ExpandDims(mean, 1))), s2)
}

// fold is Σᵢ pᵢ f(uᵢ), where term makes Σᵢ p̃ᵢ f(uᵢ) [N, q] of unnormalised
// weights p̃ [N, B] and a block of rows [B, d].
func (e *Empirical) fold(u, sigma *Node, block int, term func(p, rows *Node) *Node) *Node {
	var top, total, sum *Node // running maximum, Σ p̃, Σ p̃ f
	s2 := Mul(sigma, sigma)
	for lo := 0; lo < len(e.half); lo += block {
		hi := min(lo+block, len(e.half))
		rows := e.constant(u, lo, hi, total)
		at := u
		if total != nil {
			// Nothing is added but an order: a block waits for the one before it, so
			// that one block at a time is in memory.
			at = Add(u, MulScalar(StopGradient(total), 0))
		}
		// −‖u − uᵢ‖²/2 up to a term that is the same for all i.
		logits := Div(Sub(DotGeneral(at, []int{1}, nil, rows, []int{1}, nil), Reshape(ConstAs(u, e.half[lo:hi]), 1, hi-lo)), s2)
		if e.logWeight != nil {
			logits = Add(logits, Reshape(ConstAs(u, e.logWeight[lo:hi]), 1, hi-lo))
		}
		highest := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
		if top != nil {
			highest = Max(top, highest)
		}
		p := Exp(Sub(logits, highest))
		blockTotal, blockSum := ReduceAndKeep(p, ReduceSum, -1), term(p, rows)
		if total == nil {
			top, total, sum = highest, blockTotal, blockSum
			continue
		}
		shrink := Exp(Sub(top, highest))
		top, total, sum = highest, Add(Mul(total, shrink), blockTotal), Add(Mul(sum, shrink), blockSum)
	}
	return Div(sum, total)
}

// pairs are the log weights log wᵢ + log N(u; uᵢ, σ²I), Σ w = 1.
func (e *Empirical) pairs(u []float64, sigma float64) []float64 {
	m, d := len(e.half), e.dim
	out := make([]float64, m)
	for i := range out {
		out[i] = -math.Log(float64(m))
		if e.logWeight != nil {
			out[i] = e.logWeight[i]
		}
		for j := range d {
			r := (u[j] - e.at(i, j)) / sigma
			out[i] -= 0.5*r*r + 0.5*math.Log(2*math.Pi*sigma*sigma)
		}
	}
	return out
}

// LogDensity is log Σ wᵢ N(u; uᵢ, σ²I), and without noise +∞ on a row and −∞
// elsewhere; see [Law].
func (e *Empirical) LogDensity(u []float64, sigma float64) float64 {
	if sigma > 0 {
		return logSumExp(e.pairs(u, sigma))
	}
	for i := range e.half {
		same := true
		for j := range u {
			same = same && e.at(i, j) == u[j]
		}
		if same {
			return math.Inf(1)
		}
	}
	return math.Inf(-1)
}

// Score is Σ pᵢ(uᵢ − u)/σ²; see [Law].
func (e *Empirical) Score(dst, u []float64, sigma float64) {
	logp := e.pairs(u, sigma)
	total := logSumExp(logp)
	s := make([]float64, e.dim)
	for i, l := range logp {
		p := math.Exp(l - total)
		for j := range s {
			s[j] += p * (e.at(i, j) - u[j]) / (sigma * sigma)
		}
	}
	copy(dst, s)
}
