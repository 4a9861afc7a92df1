package inverse

import (
	"math"
	"slices"
	"testing"

	"abide/diffusion"
	"abide/internal/keyed"
	"abide/operator"
	"abide/potential"
	"abide/sampler"
)

// walk runs a bridge over its grid from fixed points with fixed noise; the clean
// estimate is nonlinear, column by column.
func walk(t *testing.T, b sampler.Bridge, g diffusion.Grid, dim int) []float64 {
	t.Helper()
	mean := func(z []float64, a, b float64) ([]float64, error) {
		x := make([]float64, len(z))
		for i, v := range z {
			x[i] = math.Tanh(v/(a+b)) + 0.1*float64(i%dim)
		}
		return x, nil
	}
	z := make([]float64, 5*dim)
	keyed.New(1, "walk", 0, 0).Normal(z)
	for k := range g.Steps() {
		if err := b.Step(sampler.Points{Z: z, Dim: dim}, k, mean, keyed.New(2, "noise", 0, k).Normal); err != nil {
			t.Fatal(err)
		}
	}
	return z
}

func walkGrids(t *testing.T) map[string]diffusion.Grid {
	t.Helper()
	out := map[string]diffusion.Grid{}
	for name, p := range map[string]diffusion.Path{"vp": diffusion.VP{Min: 0.1, Max: 20}, "ve": diffusion.VE{Min: 0.01, Max: 30}} {
		g, err := diffusion.Uniform(p, 12)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = g
	}
	return out
}

func maskSpectrum(t *testing.T, dim int, index []int, y []float64) *Spectrum {
	t.Helper()
	m, err := potential.NewMask("mask", dim, index, y, []float64{0.2})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSpectrum(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type nothing struct{}

func (nothing) Coefficients([]float64, []float64) {}
func (nothing) Combine(x, _ []float64)            { clear(x) }

// DDRM and DDNM are DDIM(0) at η = 0 where nothing is measured, bit for bit: in all
// directions of an operator without singular values, and in the unseen columns of a
// mask.
func TestUnmeasuredDirectionsAreDDIM(t *testing.T) {
	const dim = 4
	index := []int{2, 0}
	none, mask := &Spectrum{V: nothing{}}, maskSpectrum(t, dim, index, []float64{1, -2})
	for name, g := range walkGrids(t) {
		want := walk(t, sampler.DDIM{Grid: g}, g, dim)
		for bname, b := range map[string]func(s *Spectrum) sampler.Bridge{
			"ddrm":  func(s *Spectrum) sampler.Bridge { return DDRM{Grid: g, Spectrum: s, EtaB: 1} },
			"ddnm":  func(s *Spectrum) sampler.Bridge { return DDNM{Grid: g, Spectrum: s, Exact: true, Travel: Travel{1, 1}} },
			"ddnm+": func(s *Spectrum) sampler.Bridge { return DDNM{Grid: g, Spectrum: s, Travel: Travel{1, 1}} },
		} {
			all, part := walk(t, b(none), g, dim), walk(t, b(mask), g, dim)
			for i, v := range want {
				if all[i] != v {
					t.Errorf("%s, %s without singular values: number %d is %.17g, DDIM has %.17g", name, bname, i, all[i], v)
				}
				if !slices.Contains(index, i%dim) && part[i] != v {
					t.Errorf("%s, %s of a mask: number %d is %.17g, DDIM has %.17g", name, bname, i, part[i], v)
				}
			}
		}
	}
}

// What takes the data for exact ends on them: H x = y, for masks and matrices. The
// projection x ↦ x + H⁺(y − H x) is idempotent.
func TestExactDataAreMetAtTheEnd(t *testing.T) {
	for name, y := range measured(t) {
		s, err := NewSpectrum(y)
		if err != nil {
			t.Fatal(err)
		}
		h, _, _ := y.Linear()
		d, m := h.Dims()
		// Data in the range of H: where there are more of them than columns, or twice the
		// same, others cannot be met.
		u, data := make([]float64, d), make([]float64, m)
		s.V.Combine(u, s.Y)
		h.ApplyAt(data, u)
		for gname, g := range walkGrids(t) {
			for bname, b := range map[string]sampler.Bridge{
				"ddnm":        DDNM{Grid: g, Spectrum: s, Eta: 0.85, Exact: true, Travel: Travel{2, 2}},
				"replacement": Replacement{Bridge: sampler.DDIM{Grid: g, Eta: 1}, Grid: g, Spectrum: s, Coefficient: 1},
				"repaint":     RePaint{Grid: g, Spectrum: s, Eta: 1, Travel: Travel{3, 2}},
			} {
				z := walk(t, b, g, d)
				got := make([]float64, m)
				for i := range len(z) / d {
					h.ApplyAt(got, z[i*d:(i+1)*d])
					for j, v := range got {
						if !(math.Abs(v-data[j]) <= 1e-12*(1+math.Abs(data[j]))*float64(d)) {
							t.Errorf("%s, %s, %s: value %d of point %d is %.15g, the data have %.15g", name, gname, bname, j, i, v, data[j])
						}
					}
				}
				again := slices.Clone(z)
				s.Replace(again, d, 1, 1, 0, make([]float64, len(z)))
				for i, v := range z {
					if !(math.Abs(again[i]-v) <= 1e-12*(1+math.Abs(v))) {
						t.Errorf("%s, %s, %s: number %d is %.15g and %.15g after another replacement", name, gname, bname, i, v, again[i])
					}
				}
			}
		}
	}
}

// Replacement at coefficient 0 is the bridge, and RePaint with one resampling is
// Replacement, bit for bit.
func TestReplacementFamily(t *testing.T) {
	const dim = 4
	s := maskSpectrum(t, dim, []int{3, 1}, []float64{0.4, 2})
	for name, g := range walkGrids(t) {
		bare := sampler.DDIM{Grid: g, Eta: 0.7}
		off := Replacement{Bridge: bare, Grid: g, Spectrum: s}
		if !slices.Equal(walk(t, off, g, dim), walk(t, bare, g, dim)) {
			t.Errorf("%s: coefficient 0 is not the bridge", name)
		}
		on := Replacement{Bridge: bare, Grid: g, Spectrum: s, Coefficient: 1}
		once := RePaint{Grid: g, Spectrum: s, Eta: 0.7, Travel: Travel{3, 1}}
		if !slices.Equal(walk(t, on, g, dim), walk(t, once, g, dim)) {
			t.Errorf("%s: one resampling is not replacement", name)
		}
		twice := RePaint{Grid: g, Spectrum: s, Eta: 0.7, Travel: Travel{3, 2}}
		if slices.Equal(walk(t, twice, g, dim), walk(t, once, g, dim)) {
			t.Errorf("%s: two resamplings change nothing", name)
		}
	}
}

// The start of DDRM, read from unit noises: a y and √(b² − a²/s²) where the data are
// better than the level, 0 and b elsewhere.
func TestStartOfDDRM(t *testing.T) {
	const a, b = 0.8, 0.6
	s := &Spectrum{S: []float64{2, 1}, Y: []float64{0.7, -3}, V: mustMask(t, 3, []int{2, 0})}
	d := DDRM{Grid: diffusion.Grid{A: []float64{a, 1}, B: []float64{b, 0}}, Spectrum: s, Eta: 0.85, EtaB: 1}
	z := make([]float64, 6)
	err := d.Begin(sampler.Points{Z: z, Dim: 3}, func(n []float64) { copy(n, []float64{0, 0, 0, 1, 1, 1}) })
	if err != nil {
		t.Fatal(err)
	}
	deviation := math.Sqrt(b*b - a*a/4)
	for i, want := range []float64{0, 0, a * 0.7, b, b, a*0.7 + deviation} {
		if !(math.Abs(z[i]-want) <= 1e-15) {
			t.Errorf("number %d is %.17g, want %.17g", i, z[i], want)
		}
	}
}

func mustMask(t *testing.T, dim int, index []int) *operator.Mask {
	t.Helper()
	m, err := operator.NewMask(dim, index)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
