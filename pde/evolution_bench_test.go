package pde

import (
	"math"
	"testing"
	"time"
)

// A sample of each family in time with its defaults, and of the published sizes.
func BenchmarkEvolution(b *testing.B) {
	for _, c := range []struct {
		name string
		kind Kind
		v    Values
	}{
		{"heat", heatKind, nil}, {"heat-closed", heatClosedKind, nil}, {"stokes-second", stokesSecondKind, nil},
		{"porous-medium", porousMediumKind, nil}, {"stefan", stefanKind, nil}, {"advection", advectionKind, nil},
		{"wave", waveKind, nil}, {"burgers", burgersKind, nil}, {"burgers-1024-fno", burgersKind, Values{"grid": 1024, "times": 200, "nu": 1e-3}},
		{"burgers-shock", burgersShockKind, nil}, {"reaction-diffusion", reactionDiffusionKind, nil},
		{"allen-cahn", allenCahnKind, nil}, {"fitzhugh-nagumo", fitzHughNagumoKind, nil},
		{"navier-stokes", navierStokesKind, Values{"times": 1, "end": 1.0}},
		{"navier-stokes-cn", navierStokesKind, Values{"times": 1, "end": 1.0, "scheme": "cn-euler"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f, err := c.kind.Make(c.v)
			if err != nil {
				b.Fatal(err)
			}
			draw, samples := func(i int) (Sample, error) { return f.Draw(b.Context(), 1, i) }, 1
			if batched, ok := f.(Batched); ok {
				samples = batched.Batch()
				draw = func(i int) (Sample, error) {
					s, err := batched.DrawBatch(b.Context(), 1, i*samples, samples)
					return s[0], err
				}
			}
			var first Sample
			for i := 0; b.Loop(); i++ {
				s, err := draw(i)
				if err != nil {
					b.Fatal(err)
				}
				if i == 0 {
					first = s
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N*samples), "ms/sample")
			worst := 0.0
			violations, err := Check(f, first)
			if err != nil {
				b.Fatal(err)
			}
			for _, v := range violations {
				worst = max(worst, v.Worst)
			}
			b.ReportMetric(worst*0x1p52, "worst-residual/ε")
		})
	}
}

// One evaluation of advection on 64² points, and the share of its two transforms, which
// bound it from below.
func BenchmarkNavierStokesAdvection(b *testing.B) {
	s := newVorticityStepper(64, 1e-3, 1e-3, false)
	dw := make([]complex128, len(s.state))
	for i := range s.state {
		s.state[i] = complex(float64(i%7), float64(i%5))
	}
	const times = 500
	began := time.Now()
	for range times {
		s.forward(s.plane)
		s.inverse(s.plane)
	}
	transforms := time.Since(began).Seconds() / times
	b.ResetTimer()
	for b.Loop() {
		s.rate(0, s.state, dw)
	}
	b.ReportMetric(transforms/(b.Elapsed().Seconds()/float64(b.N)), "share-of-transforms")
}

// J v and Jᵀ w of schemes with many steps, with the cost in evaluations of the residual: by
// the count of transforms 2.5 and 3.25 with ETDRK4, 2.5 each with explicit rules.
func BenchmarkProducts(b *testing.B) {
	for _, c := range []struct {
		name string
		kind Kind
		v    Values
	}{
		{"navier-stokes", navierStokesKind, Values{"times": 1, "end": 1.0, "steps": 64}},
		{"navier-stokes-cn", navierStokesKind, Values{"times": 1, "end": 1.0, "scheme": "cn-euler", "steps": 64}},
		{"burgers", burgersKind, nil}, {"burgers-16", burgersKind, Values{"times": 16, "steps": 64}},
		{"fitzhugh-nagumo", fitzHughNagumoKind, nil},
	} {
		made, err := c.kind.Make(c.v)
		if err != nil {
			b.Fatal(err)
		}
		f := made.(Products)
		s, err := f.Draw(b.Context(), 1, 0)
		if err != nil {
			b.Fatal(err)
		}
		total := 0
		for _, r := range f.Rows() {
			total += r.Size
		}
		dst, w, g := make([]float64, total), make([]float64, total), NewSample(f)
		for i := range w {
			w[i] = float64(i%7) - 3
		}
		residual := func() {
			if err := f.Residual(dst, s); err != nil {
				b.Fatal(err)
			}
		}
		for name, product := range map[string]func(){"jvp": func() { f.JVP(dst, s, s) }, "vjp": func() { f.VJP(g, s, w) }} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				fastest := func(last float64, f func()) float64 { // others may be at work
					began := time.Now()
					f()
					return min(last, time.Since(began).Seconds())
				}
				one, other := math.Inf(1), math.Inf(1)
				for b.Loop() {
					one, other = fastest(one, residual), fastest(other, product)
				}
				b.ReportMetric(other*1e3, "ms")
				b.ReportMetric(other/one, "residuals")
			})
		}
	}
}
