package operator

import (
	"context"
	"math"
	"sync"

	"abide/fem"
	"abide/sparse"
)

// Heat is temperature at places and times of a rod whose log-diffusivity m is unknown,
//
//	u_t = (e^m u_x)_x + f,  u = 0 at both ends,  u(0, x) given,
//
// m, f and u(0) at d vertices from end to end, by differences of fluxes (the arithmetic
// mean of e^m between two vertices) and the θ-scheme in time; readings [x, t] are
// interpolated linearly in both. The adjoint is that of the scheme, made from a few
// states that are kept and the rest computed again ([fem.Trajectory], [fem.Reverse]):
// memory grows as the snapshots, not as the steps.
//
// A run costs steps × d, a product with the transposed derivative three to five times
// that, all rows of the derivative m products. Order 2 in x; in t 2 for θ = ½, else 1.
// Fluxes across shocks or fields in the plane want a solver of their own.
type Heat struct {
	d, m     int
	h        float64
	settings HeatSettings
	reads    [][]heatRead // by level: what sees it
	stepper  sync.Pool
}

// HeatSettings are the numbers of a [Heat].
type HeatSettings struct {
	Length    float64   // of the rod
	End       float64   // last time
	Steps     int       // from time 0
	Theta     float64   // ½: Crank–Nicolson, 1: implicit Euler; not below ½
	Snapshots int       // states kept for the adjoint; 0: about the root of Steps
	Initial   []float64 // u(0) at the d vertices
	Source    float64   // f
}

// heatRead is the share of a value that stands at one vertex of one level.
type heatRead struct {
	value, vertex int
	weight        float64
}

var _ Host = (*Heat)(nil)

// NewHeat takes readings [x, t] with 0 < x < Length and 0 < t ≤ End.
func NewHeat(s HeatSettings, readings [][]float64) (*Heat, error) {
	d := len(s.Initial)
	switch {
	case d < 3:
		return nil, fault("heat", "initial has %d numbers: want one for each of at least 3 vertices, the ends included", d)
	case !(s.Length > 0) || math.IsInf(s.Length, 0) || !(s.End > 0) || math.IsInf(s.End, 0):
		return nil, fault("heat", "a rod of length %g until time %g: want positive, finite numbers", s.Length, s.End)
	case s.Steps < 1 || s.Snapshots < 0:
		return nil, fault("heat", "%d steps and %d snapshots: want at least one step, and no negative number", s.Steps, s.Snapshots)
	case !(s.Theta >= 0.5 && s.Theta <= 1):
		return nil, fault("heat", "theta = %g: want ½ to 1; below ½ a bound on the step would depend on the unknown diffusivity", s.Theta)
	case math.IsNaN(s.Source) || math.IsInf(s.Source, 0):
		return nil, fault("heat", "source %g: want a finite number", s.Source)
	case len(readings) == 0:
		return nil, fault("heat", "no readings: give at least one [x, t]")
	}
	some := s.Source != 0
	for i, v := range s.Initial {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fault("heat", "initial[%d] is %g: want finite numbers", i, v)
		}
		some = some || v != 0 && i > 0 && i < d-1
	}
	if !some {
		return nil, fault("heat", "initial and source are 0, and so is the temperature, whatever the diffusivity")
	}
	if s.Snapshots == 0 {
		s.Snapshots = int(math.Ceil(math.Sqrt(float64(s.Steps))))
	}
	o := &Heat{d: d, m: len(readings), h: s.Length / float64(d-1), settings: s, reads: make([][]heatRead, s.Steps+1)}
	for k, r := range readings {
		if len(r) != 2 {
			return nil, fault("heat", "reading %d has %d numbers: want [x, t]", k, len(r))
		}
		if !(r[0] > 0 && r[0] < s.Length && r[1] > 0 && r[1] <= s.End) {
			return nil, fault("heat", "reading %d, [%g, %g], is not inside the rod (0, %g) at a time in (0, %g]", k, r[0], r[1], s.Length, s.End)
		}
		x, t := r[0]/o.h, r[1]/s.End*float64(s.Steps)
		i, n := min(int(x), d-2), min(int(t), s.Steps-1)
		x, t = x-float64(i), t-float64(n)
		for _, w := range []heatRead{{n, i, (1 - t) * (1 - x)}, {n, i + 1, (1 - t) * x}, {n + 1, i, t * (1 - x)}, {n + 1, i + 1, t * x}} {
			if w.weight != 0 && w.vertex > 0 && w.vertex < d-1 { // the ends stay 0
				o.reads[w.value] = append(o.reads[w.value], heatRead{k, w.vertex - 1, w.weight})
			}
		}
	}
	o.stepper.New = func() any { return o.newStepper() }
	return o, nil
}

// Dims are the vertices and the readings.
func (o *Heat) Dims() (d, m int) { return o.d, o.m }

// unitMass is the mass matrix of differences.
type unitMass struct{}

func (unitMass) Apply(dst, x []float64)  { copy(dst, x) }
func (unitMass) ApplyT(dst, x []float64) { copy(dst, x) }

// symmetricTridiagonal is its own transpose.
type symmetricTridiagonal struct{ sparse.Tridiagonal }

func (a symmetricTridiagonal) ApplyT(dst, x []float64) { a.Apply(dst, x) }

type symmetricFactor struct{ *sparse.TridiagonalFactor }

func (f symmetricFactor) SolveT(dst, b []float64) { f.Solve(dst, b) }

// heatStepper is what one run needs.
type heatStepper struct {
	fem.Trajectory
	stiffness, shifted sparse.Tridiagonal
	factor             *sparse.TridiagonalFactor
	a, u               []float64
}

func (o *Heat) newStepper() *heatStepper {
	n, c := o.d-2, o.settings
	s := &heatStepper{stiffness: sparse.NewTridiagonal(n), shifted: sparse.NewTridiagonal(n), a: make([]float64, o.d), u: make([]float64, n)}
	s.Trajectory = fem.Trajectory{
		Mass: unitMass{}, Stiffness: symmetricTridiagonal{s.stiffness},
		Theta: c.Theta, Dt: c.End / float64(c.Steps), Steps: c.Steps, Snapshots: c.Snapshots,
	}
	if c.Source != 0 {
		s.Load = func(_ int, f []float64) {
			for i := range f {
				f[i] = c.Source
			}
		}
	}
	return s
}

// begin is the stepper of log-diffusivities x, at time 0.
func (o *Heat) begin(s *heatStepper, x []float64) error {
	for i, m := range x {
		s.a[i] = math.Exp(m)
	}
	scale := 0.5 / (o.h * o.h)
	for i := range s.u {
		left, right := scale*(s.a[i]+s.a[i+1]), scale*(s.a[i+1]+s.a[i+2])
		k := s.stiffness
		k.Lower[i], k.Diagonal[i], k.Upper[i] = -left, left+right, -right
		by := s.Theta * s.Dt
		s.shifted.Lower[i], s.shifted.Diagonal[i], s.shifted.Upper[i] = -by*left, 1+by*(left+right), -by*right
		if v := s.shifted.Diagonal[i]; math.IsInf(v, 0) || math.IsNaN(v) {
			return fault("heat", "the diffusivity near vertex %d is beyond double precision: log-diffusivity %g", i+1, x[i+1])
		}
	}
	var err error
	if s.factor == nil {
		s.factor, err = s.shifted.Factor()
		s.Inverse = symmetricFactor{s.factor}
	} else {
		err = s.factor.Refactor(s.shifted)
	}
	copy(s.u, o.settings.Initial[1:])
	return err
}

// At runs the rod and reads it.
func (o *Heat) At(ctx context.Context, y, x []float64) error {
	s := o.stepper.Get().(*heatStepper)
	defer o.stepper.Put(s)
	if err := o.begin(s, x); err != nil {
		return err
	}
	clear(y)
	err := s.Forward(s.u, func(n int, u []float64) {
		for _, r := range o.reads[n] {
			y[r.value] += r.weight * u[r.vertex]
		}
	})
	if err != nil {
		return err
	}
	return ctx.Err()
}

// VJP runs the rod, and back.
func (o *Heat) VJP(ctx context.Context, g, x, c []float64) error {
	s := o.stepper.Get().(*heatStepper)
	defer o.stepper.Put(s)
	if err := o.begin(s, x); err != nil {
		return err
	}
	clear(g)
	scale := -s.Dt * 0.5 / (o.h * o.h)
	err := s.Backward(make([]float64, len(s.u)), s.u, func(n int, _, ju []float64) {
		for _, r := range o.reads[n] {
			ju[r.vertex] += r.weight * c[r.value]
		}
	}, func(_ int, lambda, w []float64) {
		// −Δt λᵀ K_m w: between two vertices −Δt k_e (λ_i − λ_j)(w_i − w_j)/h², zero at the ends.
		var l, v float64
		for i := range o.d - 1 {
			var nextL, nextV float64
			if i < len(lambda) {
				nextL, nextV = lambda[i], w[i]
			}
			e := scale * (nextL - l) * (nextV - v)
			g[i] += e
			g[i+1] += e
			l, v = nextL, nextV
		}
	})
	if err != nil {
		return err
	}
	for i, a := range s.a {
		g[i] *= a
	}
	return ctx.Err()
}
