package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/network"
	"abide/prior"
)

func openGo(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// small are settings of a training that takes a moment.
func small() Settings {
	return Settings{Network: network.Architecture{Kind: "mlp", Width: 16, Depth: 2, Embedding: 8}, Warmup: 0.02, Steps: 60, Batch: 32, LearningRate: 3e-3, EMA: 0.95, WeightDecay: 0.01, Holdout: 0.2, Seed: 3}
}

// rows are n draws of N(0, Σ) in two dimensions, Σ with ones on the diagonal and r beside.
func rows(n int, r float64, stream int) []float64 {
	u := make([]float64, 2*n)
	keyed.New(1, "training tests", stream, 0).Normal(u)
	for i := 0; i < len(u); i += 2 {
		u[i+1] = r*u[i] + math.Sqrt(1-r*r)*u[i+1]
	}
	return u
}

func trainer(t testing.TB, u []float64, s Settings) *Trainer {
	t.Helper()
	tr, err := New(openGo(t), u, nil, 2, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func near(t testing.TB, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %.12g, want %.12g within %g", what, got, want, tol)
	}
}

// gradients are made-up gradients of step k, as the training step returns them.
func gradients(tr *Trainer, k int) []engine.Array {
	var out []engine.Array
	for i, w := range tr.Network.Weights() {
		x := make([]float64, len(w.Data))
		keyed.New(4, "gradients", i, k).Normal(x)
		g := make([]float32, len(x))
		for j, v := range x {
			g[j] = float32(v * math.Pow(10, float64(j%5-2))) // of sizes far apart
		}
		out = append(out, engine.Array{Shape: w.Shape, F32: g})
	}
	return out
}

// The optimiser and the averaged weights against the recursions in float64,
// written from the papers.
func TestUpdateByHand(t *testing.T) {
	const steps = 40
	s := small()
	s.Steps, s.WeightDecay = 100, 0.1
	tr := trainer(t, rows(50, 0, 0), s)
	type number struct{ p, m, v, average float64 }
	var hand [][]number
	for _, w := range tr.Network.Weights() {
		row := make([]number, len(w.Data))
		for j, v := range w.Data {
			row[j] = number{p: float64(v), average: float64(v)}
		}
		hand = append(hand, row)
	}
	for k := range steps {
		g := gradients(tr, k)
		tr.update(g)
		tr.state.Step++
		step := float64(k + 1)
		rate := s.rate(k)
		ema := math.Min(s.EMA, (1+step)/(10+step))
		for i := range hand {
			for j := range hand[i] {
				h := &hand[i][j]
				x := float64(g[i].F32[j])
				h.m = 0.9*h.m + 0.1*x
				h.v = 0.999*h.v + 0.001*x*x
				m, v := h.m/(1-math.Pow(0.9, step)), h.v/(1-math.Pow(0.999, step))
				h.p -= rate * (m/(math.Sqrt(v)+1e-8) + s.WeightDecay*h.p)
				h.average = ema*h.average + (1-ema)*h.p
			}
		}
	}
	// A few float32 roundings a step, of numbers of size 1; moments are relative to
	// their own size, with a little room for cancellation.
	const tol = steps * 4 * 0x1p-24
	for i, w := range tr.Network.Weights() {
		for j, h := range hand[i] {
			name := fmt.Sprintf("%s[%d]", w.Name, j)
			near(t, name, float64(tr.state.Weights[i].F32[j]), h.p, tol*math.Max(1, math.Abs(h.p)))
			near(t, "average of "+name, float64(tr.state.Average[i].F32[j]), h.average, tol*math.Max(1, math.Abs(h.p)))
			near(t, "v of "+name, float64(tr.state.V[i].F32[j]), h.v, tol*h.v)
			if w.Data[j] != tr.state.Weights[i].F32[j] {
				t.Fatalf("%s: the network was not given its new weight", name)
			}
		}
	}
}

// The average is the recursion θ̄ ← γθ̄ + (1−γ)θ of the weights as they were, to
// the last bit but for a fused multiply-add.
func TestAverageIsTheRecursion(t *testing.T) {
	tr := trainer(t, rows(50, 0, 0), small())
	average := make([][]float32, len(tr.state.Average))
	for i, a := range tr.state.Average {
		average[i] = slices.Clone(a.F32)
	}
	for k := range 30 {
		tr.update(gradients(tr, k))
		tr.state.Step++
		gamma := float32(math.Min(tr.Settings.EMA, (2+float64(k))/(11+float64(k))))
		for i := range average {
			for j, a := range average[i] {
				p := tr.state.Weights[i].F32[j]
				average[i][j] = gamma*a + (1-gamma)*p
				if got := tr.state.Average[i].F32[j]; !(math.Abs(float64(got-average[i][j])) <= 0x1p-23*math.Max(math.Abs(float64(a)), math.Abs(float64(p)))) {
					t.Fatalf("step %d, weight %d/%d: %g, want %g", k, i, j, got, average[i][j])
				}
				average[i][j] = tr.state.Average[i].F32[j]
			}
		}
	}
}

func TestRate(t *testing.T) {
	s := small()
	s.Steps, s.LearningRate = 1000, 2
	for k, want := range map[int]float64{0: 0.1, 9: 1, 19: 2, 20: 2, 510: 1, 265: 1 + math.Sqrt2/2} {
		near(t, fmt.Sprintf("rate of step %d", k), s.rate(k), want, 1e-12)
	}
	for k := 21; k < s.Steps; k++ {
		if !(s.rate(k) < s.rate(k-1)) || s.rate(k) <= 0 {
			t.Fatalf("rate of step %d is %g after %g", k, s.rate(k), s.rate(k-1))
		}
	}
	if last := s.rate(s.Steps - 1); last > 1e-5 {
		t.Errorf("the last rate is %g", last)
	}
}

// The loss of each coordinate for the denoiser u/(1+σ²), whose error is
// (σn − σ²u)/(1+σ²), so that λ times its square is (n − σu)²/(1+σ²).
func TestLossByHand(t *testing.T) {
	const n = 20
	u, noise, logSigma := rows(n, 0, 1), rows(n, 0, 2), rows(n, 0, 3)[:n]
	f := openGo(t).NewFunction("loss", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{edm{}.loss(prior.EDM{Network: network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{2}, Width: 4, Depth: 1, Embedding: 4}, 0)}, in, nil)}
	})
	out, err := f.Call(engine.Rows(u, 2), engine.Rows(noise, 2), engine.Rows(logSigma, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range out[0].F64 {
		sigma := math.Exp(logSigma[i/2])
		r := noise[i] - sigma*u[i]
		near(t, fmt.Sprintf("loss %d", i), got, r*r/(1+sigma*sigma), 1e-13*(1+r*r)*(1+1/sigma))
	}
}

// meanOverNoise is E[f(σ²)] over the noise levels of training, by the midpoint rule.
func meanOverNoise(f func(s2 float64) float64) float64 {
	const n = 4000
	var sum float64
	for k := range n {
		q := (float64(k) + 0.5) / n
		sigma := math.Exp(LogSigmaMean + LogSigmaStd*math.Sqrt2*math.Erfinv(2*q-1))
		sum += f(sigma*sigma) / n
	}
	return sum
}

// A fresh network is D = u/(1+σ²). On rows of second moment m its weighted loss
// is, in expectation over the noise,
//
//	λ(σ) [(σ²/(1+σ²))² m + σ²/(1+σ²)²] = m s + 1 − s,   s = σ²/(1+σ²),
//
// which is 1 for standardised data at every level.
func TestHeldoutLossOfZeroNetwork(t *testing.T) {
	share := meanOverNoise(func(s2 float64) float64 { return s2 / (1 + s2) })
	var excess []float64
	for seed := range 16 {
		s := small()
		s.Seed, s.Holdout = uint64(seed), 0.5
		tr := trainer(t, rows(60, 0.3, seed), s)
		got, err := tr.Heldout(tr.state.Average)
		if err != nil {
			t.Fatal(err)
		}
		var m float64
		held := tr.data.u[2*tr.rows:]
		if len(held) != 60 {
			t.Fatalf("%d numbers held out, want 60", len(held))
		}
		for _, v := range held {
			m += v * v / float64(len(held))
		}
		excess = append(excess, got-(m*share+1-share))
		if again, _ := tr.Heldout(tr.state.Average); again != got {
			t.Errorf("seed %d: measured again, the loss is %g after %g", seed, again, got)
		}
	}
	testkit.MeanWithin(t, "loss less its expectation", excess, 0, 0)
	if _, se := testkit.MeanSE(excess); !(se <= 0.01) {
		t.Errorf("standard error %g: the loss is too noisy to compare networks with", se)
	}
}

// On Gaussian data the best denoiser is known, D = Σ(Σ+σ²)⁻¹u, and its loss per
// coordinate is the mean over the eigenvalues e of Σ of E[(1+σ²) e/(e+σ²)]. A
// short training comes within 5 % of both, the denoiser at levels within one
// standard deviation of those training draws; the zero network is off by up to
// half.
func TestTrainingFindsTheGaussianDenoiser(t *testing.T) {
	const r = 0.9
	s := Settings{Network: network.Architecture{Kind: "mlp", Width: 32, Depth: 2, Embedding: 16}, Warmup: 0.02, Steps: 1500, Batch: 128, LearningRate: 5e-3, EMA: 0.99, Holdout: 0.1, Patience: 100, Seed: 1}
	tr := trainer(t, rows(6000, r, 0), s)
	var last Progress
	err := every(tr, 500).Run(context.Background(), func(p Progress, _ *State) error { last = p; return nil })
	if err != nil {
		t.Fatal(err)
	}
	best := meanOverNoise(func(s2 float64) float64 {
		return 0.5 * (1 + s2) * ((1+r)/(1+r+s2) + (1-r)/(1-r+s2))
	})
	if !(last.Best < 1.05*best && last.Best > 0.9*best) {
		t.Errorf("held-out loss %.4f, the best there is %.4f", last.Best, best)
	}
	tr.Best()
	f := openGo(t).NewFunction("denoise", engine.Float32, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{prior.EDM{Network: tr.Network}.Denoise(in[0], in[1])}
	})
	for _, sigma := range []float64{0.1, 0.3, 1} {
		a := mat.NewDense(2, 2, []float64{1 + sigma*sigma, r, r, 1 + sigma*sigma})
		if err := a.Inverse(a); err != nil {
			t.Fatal(err)
		}
		a.Mul(mat.NewDense(2, 2, []float64{1, r, r, 1}), a)
		u := rows(500, r, 7)
		noise := rows(500, 0, 8)
		for i := range u {
			u[i] += sigma * noise[i]
		}
		out, err := f.Call(engine.Rows(u, 2), engine.Scalar(sigma))
		if err != nil {
			t.Fatal(err)
		}
		var off, size float64
		for i := 0; i < len(u); i += 2 {
			for k := range 2 {
				want := a.At(k, 0)*u[i] + a.At(k, 1)*u[i+1]
				off += math.Pow(out[0].F64[i+k]-want, 2)
				size += want * want
			}
		}
		if !(off <= 0.05*0.05*size) {
			t.Errorf("σ = %g: the denoiser is off by %.1f %%", sigma, 100*math.Sqrt(off/size))
		}
	}
}

func TestEarlyStop(t *testing.T) {
	s := small()
	s.LearningRate, s.WeightDecay, s.Patience = 0, 0, 3 // nothing ever improves
	tr := trainer(t, rows(60, 0, 0), s)
	var steps []int
	if err := every(tr, 5).Run(context.Background(), func(p Progress, _ *State) error { steps = append(steps, p.Step); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(steps, []int{5, 10, 15, 20}) {
		t.Errorf("reported at steps %v, want the first and three more", steps)
	}
	if tr.state.BestStep != 5 {
		t.Errorf("the best step is %d, want 5", tr.state.BestStep)
	}
}

// Without rows to measure with, the averaged weights of the last step are the best.
func TestNoHoldout(t *testing.T) {
	s := small()
	s.Holdout, s.Patience = 0, 1
	tr := trainer(t, rows(60, 0, 0), s)
	if err := every(tr, 7).Run(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if tr.state.Step != s.Steps || tr.state.BestStep != s.Steps || !equal(tr.state.Best, tr.state.Average) {
		t.Errorf("%d steps, best %d", tr.state.Step, tr.state.BestStep)
	}
	if m := tr.Model(table(60), coordinates()); m.Card.HeldoutLoss != -1 {
		t.Errorf("the card gives a held-out loss of %g", m.Card.HeldoutLoss)
	}
}

// The training rows are the rows, each once, and no held-out row among them.
func TestShuffle(t *testing.T) {
	u := rows(50, 0, 0)
	tr := trainer(t, u, small())
	if tr.rows != 40 || tr.held != 10 || slices.Equal(tr.data.u, u) {
		t.Errorf("%d rows to train on, %d held out, shuffled %v", tr.rows, tr.held, !slices.Equal(tr.data.u, u))
	}
	pairs := func(x []float64) (p [][2]float64) {
		for i := 0; i < len(x); i += 2 {
			p = append(p, [2]float64{x[i], x[i+1]})
		}
		slices.SortFunc(p, func(a, b [2]float64) int { return slices.Compare(a[:], b[:]) })
		return p
	}
	if !slices.Equal(pairs(tr.data.u), pairs(u)) {
		t.Error("the rows are not the rows given")
	}
}

func TestRunErrors(t *testing.T) {
	for _, c := range []struct {
		n       int
		holdout float64
		want    string
	}{{1, 0, "1 rows leave 1"}, {3, 0.5, "3 rows leave 1"}, {10, 0.01, "10 rows leave 10 to train on and 0"}} {
		s := small()
		s.Holdout = c.holdout
		if _, err := New(openGo(t), rows(c.n, 0, 0), nil, 2, s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d rows, holdout %g: got %v", c.n, c.holdout, err)
		}
	}
	s := small()
	s.LearningRate = 1e30
	tr := trainer(t, rows(60, 0, 0), s)
	if err := every(tr, 10).Run(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "lower the learning rate") {
		t.Errorf("a learning rate of 1e30: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := every(trainer(t, rows(60, 0, 0), small()), 10).Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	full := errors.New("disk full")
	if err := every(trainer(t, rows(60, 0, 0), small()), 10).Run(context.Background(), func(Progress, *State) error { return full }); !errors.Is(err, full) {
		t.Errorf("a report that fails: got %v", err)
	}
}

func equal(a, b []engine.Array) bool {
	return slices.EqualFunc(a, b, func(x, y engine.Array) bool { return slices.Equal(x.F32, y.F32) && slices.Equal(x.F64, y.F64) })
}

// every sets how often the held-out loss is measured.
func every(t *Trainer, steps int) *Trainer {
	t.Settings.Every = steps
	return t
}
