// Package ode integrates ordinary differential equations with explicit
// Runge–Kutta methods: tableaux as data, one step for all of them, and an
// adaptive solver with dense output.
package ode

// System computes dy/dt = f(t, y) into dy. It must not keep y or dy.
type System func(t float64, y, dy []float64) error

// Tableau is an explicit Runge–Kutta method:
//
//	kᵢ = f(t + Cᵢ h, y + h Σⱼ Aᵢⱼ kⱼ),   y′ = y + h Σᵢ Bᵢ kᵢ,   error ≈ h Σᵢ Eᵢ kᵢ
type Tableau struct {
	Name  string
	Order int
	A     [][]float64 // row i has i entries
	B, C  []float64
	E     []float64 // B minus the weights of the embedded method; nil where there is none
	D     []float64 // weights of the fourth-order dense output; nil where there is none
}

// Euler has order 1.
var Euler = Tableau{Name: "euler", Order: 1, A: [][]float64{{}}, B: []float64{1}, C: []float64{0}}

// Heun is the explicit trapezoidal rule, order 2.
var Heun = Tableau{Name: "heun", Order: 2, A: [][]float64{{}, {1}}, B: []float64{0.5, 0.5}, C: []float64{0, 1}}

// RK4 is the classical method of order 4.
var RK4 = Tableau{
	Name: "rk4", Order: 4,
	A: [][]float64{{}, {0.5}, {0, 0.5}, {0, 0, 1}},
	B: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}, C: []float64{0, 0.5, 0.5, 1},
}

// DormandPrince is the method of order 5 with an embedded one of order 4
// (Dormand and Prince 1980, table 2); its last stage is the first of the next
// step. The dense output is Shampine's, as in Hairer, Nørsett and Wanner (1993),
// section II.6.
var DormandPrince = Tableau{
	Name: "dormand-prince", Order: 5,
	A: [][]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	},
	B: []float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
	C: []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
	E: []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
	D: []float64{
		-12715105075. / 11282082432, 0, 87487479700. / 32700410799, -10690763975. / 1880347072,
		701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423,
	},
}

// Work is the memory of one method on one size of problem.
type Work struct {
	k     [][]float64
	stage []float64
	fresh bool // k[0] holds f(t, y) of the step to come
}

// NewWork makes room for n numbers.
func (m *Tableau) NewWork(n int) *Work {
	w := &Work{k: make([][]float64, len(m.B)), stage: make([]float64, n)}
	for i := range w.k {
		w.k[i] = make([]float64, n)
	}
	return w
}

// Step computes y(t + h) from y(t) into next (which may be y).
func (m *Tableau) Step(f System, t, h float64, y, next []float64, w *Work) error {
	for i, row := range m.A {
		if i == 0 && w.fresh {
			continue
		}
		copy(w.stage, y)
		for j, a := range row {
			add(w.stage, h*a, w.k[j])
		}
		if err := f(t+m.C[i]*h, w.stage, w.k[i]); err != nil {
			return err
		}
	}
	if last := len(m.A) - 1; len(m.A[last]) == last && m.B[last] == 0 {
		copy(next, w.stage) // the last stage stands at the end of the step
		return nil
	}
	copy(next, y)
	for i, b := range m.B {
		add(next, h*b, w.k[i])
	}
	return nil
}

func add(y []float64, a float64, x []float64) {
	if a == 0 {
		return
	}
	for i, v := range x {
		y[i] += a * v
	}
}
