package train

import (
	"bytes"
	"context"
	"math"
	"reflect"
	"runtime"
	"testing"

	"abide/internal/engine"
	"abide/network"
)

// every choice that has draws or a state of its own.
var choices = map[string]func(s *Settings){
	"edm":       func(s *Settings) {},
	"denoising": func(s *Settings) { s.Objective, s.Output, s.Weighting, s.Levels = "denoising", "v", "likelihood", "ve" },
	"implicit":  func(s *Settings) { s.Objective = "implicit" },
	"sliced":    func(s *Settings) { s.Objective, s.Levels = "sliced", "vp" },
	"flow":      func(s *Settings) { s.Objective = "flow" },
	"transport": func(s *Settings) { s.Objective, s.Coupling, s.Levels = "flow", "ot", "logit-normal" },
	"float64":   func(s *Settings) { s.DType = "float64" },
	"clip":      func(s *Settings) { s.Clip, s.Schedule = 0.01, "constant" },
	"unet": func(s *Settings) {
		s.Network = network.Architecture{Kind: "unet", Shape: []int{2}, Width: 4, Depth: 1, Embedding: 4}
	},
	"fno": func(s *Settings) {
		s.Network = network.Architecture{Kind: "fno", Shape: []int{2}, Width: 4, Depth: 1, Embedding: 4}
	},
	"conditioned": func(s *Settings) { s.Condition, s.Drop = []Condition{{Name: "y", Scale: 1}}, 0.3 },
}

// Whatever is minimised: a training that was stopped and resumed by a new process,
// with another number of threads, ends with the same bits and has the same losses
// on the way.
func TestEveryObjectiveResumesBitIdentically(t *testing.T) {
	u := rows(100, 0.5, 0)
	for name, set := range choices {
		s := small()
		s.Steps = 30
		set(&s)
		fresh := func() *Trainer {
			var y []float64
			if len(s.Condition) > 0 {
				for i := range 100 {
					y = append(y, 1, u[2*i])
				}
			}
			tr, err := New(openGo(t), u, y, 2, s)
			if err != nil {
				t.Fatal(err)
			}
			return every(tr, 10)
		}
		var curve, again []Progress
		record := func(to *[]Progress) func(Progress, *State) error {
			return func(p Progress, _ *State) error { p.Speed = 0; *to = append(*to, p); return nil }
		}
		whole := fresh()
		if err := whole.Run(context.Background(), record(&curve)); err != nil {
			t.Fatal(err)
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		tr := fresh()
		if err := tr.Run(&countdown{context.Background(), 17}, record(&again)); err != context.Canceled {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := tr.Save(&file, "key"); err != nil {
			t.Fatal(err)
		}
		tr = fresh()
		if err := tr.Resume(&file, "key"); err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(4)
		if err := tr.Run(context.Background(), record(&again)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(tr.state, whole.state) || !reflect.DeepEqual(curve, again) {
			t.Errorf("%s: stopped and resumed, the training ended elsewhere: %+v, want %+v", name, again, curve)
		}
		if equal(whole.state.Weights, newState(fresh().Network).Weights) {
			t.Errorf("%s: nothing was learned", name)
		}
	}
}

// Clipping scales the gradient of all weights together to the largest norm, and
// leaves a smaller one alone: Adam then sees g·min(1, c/‖g‖).
func TestClipIsOfTheGlobalNorm(t *testing.T) {
	for _, clip := range []float64{0, 0.5, 1e9} {
		s := small()
		s.Clip = clip
		tr := trainer(t, rows(50, 0, 0), s)
		g := gradients(tr, 0)
		var square float64
		for _, a := range g {
			for _, v := range a.F32 {
				square += float64(v) * float64(v)
			}
		}
		scale := 1.0
		if n := math.Sqrt(square); clip > 0 && clip < n {
			scale = clip / n
		}
		tr.update(g)
		near(t, "norm", tr.norm, math.Sqrt(square), 1e-9*math.Sqrt(square))
		for i, a := range g {
			for j, v := range a.F32 {
				near(t, "first moment", float64(tr.state.M[i].F32[j]), 0.1*scale*float64(v), 1e-6*math.Abs(float64(v)))
			}
		}
	}
}

// In double precision the whole step is: the update is the recursion to 1e-14, and
// the loss is that of the same weights in single precision to its rounding.
func TestDoublePrecisionIsDouble(t *testing.T) {
	s := small()
	s.DType = "float64"
	double, single := trainer(t, rows(50, 0, 0), s), trainer(t, rows(50, 0, 0), small())
	d, err := double.Heldout(double.state.Weights)
	if err != nil {
		t.Fatal(err)
	}
	f, err := single.Heldout(single.state.Weights)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "loss", f, d, 1e-6)
	var g []engine.Array
	for _, a := range gradients(single, 0) {
		g = append(g, engine.Array{Shape: a.Shape, F64: engine.Widened(a.F32)})
	}
	before := double.state.Weights[0].F64[3]
	double.update(g)
	x := g[0].F64[3]
	rate := s.rate(0)
	want := before - rate*(x/(math.Abs(x)+1e-8)+s.WeightDecay*before) // m̂ = g, v̂ = g² after one step
	near(t, "weight", double.state.Weights[0].F64[3], want, 1e-14)
	if double.Network.Weights()[0].Data64[3] != double.state.Weights[0].F64[3] {
		t.Error("the network was not given its new weight")
	}
}
