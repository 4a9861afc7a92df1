package fem

import "math"

// Dual is a number and its derivative in one direction, a + εb with ε² = 0: what an
// integrand computes with them is its value and, by the chain rule, its exact
// derivative.
//
//	f(a + εb) = f(a) + ε f′(a) b
//
// W. K. Clifford, Proc. London Math. Soc. 4 (1873), 381–395; A. Griewank and A. Walther,
// "Evaluating Derivatives" (2nd ed. 2008), section 3.1. Two numbers stay in registers,
// where an array of all derivatives would not: an integrand with n inputs is evaluated
// n times rather than once with n + 1 numbers in each place.
//
// Where f has no derivative (√ at 0, powers below 1 at 0) it is not a number: write
// √(x + ε).
type Dual struct{ Value, Slope float64 }

// Const is a number that does not change.
func Const(x float64) Dual { return Dual{x, 0} }

// Add is a + b.
func (a Dual) Add(b Dual) Dual { return Dual{a.Value + b.Value, a.Slope + b.Slope} }

// Sub is a − b.
func (a Dual) Sub(b Dual) Dual { return Dual{a.Value - b.Value, a.Slope - b.Slope} }

// Mul is a b.
func (a Dual) Mul(b Dual) Dual {
	return Dual{a.Value * b.Value, a.Value*b.Slope + a.Slope*b.Value}
}

// Div is a/b.
func (a Dual) Div(b Dual) Dual {
	q := a.Value / b.Value
	return Dual{q, (a.Slope - q*b.Slope) / b.Value}
}

// Plus is a + t for a constant t.
func (a Dual) Plus(t float64) Dual { return Dual{a.Value + t, a.Slope} }

// Times is t a for a constant t.
func (a Dual) Times(t float64) Dual { return Dual{a.Value * t, a.Slope * t} }

// Pow is aᵗ.
func (a Dual) Pow(t float64) Dual {
	return Dual{math.Pow(a.Value, t), t * math.Pow(a.Value, t-1) * a.Slope}
}

// Sqrt is √a.
func (a Dual) Sqrt() Dual { r := math.Sqrt(a.Value); return Dual{r, a.Slope / (2 * r)} }

// Exp is eᵃ.
func (a Dual) Exp() Dual { e := math.Exp(a.Value); return Dual{e, e * a.Slope} }

// Log is the natural logarithm.
func (a Dual) Log() Dual { return Dual{math.Log(a.Value), a.Slope / a.Value} }

// Tanh is tanh a.
func (a Dual) Tanh() Dual { t := math.Tanh(a.Value); return Dual{t, (1 - t*t) * a.Slope} }

// Sin is sin a.
func (a Dual) Sin() Dual {
	s, c := math.Sincos(a.Value)
	return Dual{s, c * a.Slope}
}

// Cos is cos a.
func (a Dual) Cos() Dual {
	s, c := math.Sincos(a.Value)
	return Dual{c, -s * a.Slope}
}

// DualVec is a direction of dual numbers.
type DualVec [3]Dual

// Dot is Σᵢ aᵢ bᵢ.
func (a DualVec) Dot(b DualVec) Dual {
	return a[0].Mul(b[0]).Add(a[1].Mul(b[1])).Add(a[2].Mul(b[2]))
}

// Add is a + b.
func (a DualVec) Add(b DualVec) DualVec {
	return DualVec{a[0].Add(b[0]), a[1].Add(b[1]), a[2].Add(b[2])}
}

// Sub is a − b.
func (a DualVec) Sub(b DualVec) DualVec {
	return DualVec{a[0].Sub(b[0]), a[1].Sub(b[1]), a[2].Sub(b[2])}
}

// Mul is t a.
func (a DualVec) Mul(t Dual) DualVec { return DualVec{a[0].Mul(t), a[1].Mul(t), a[2].Mul(t)} }

// Times is t a for a constant t.
func (a DualVec) Times(t float64) DualVec {
	return DualVec{a[0].Times(t), a[1].Times(t), a[2].Times(t)}
}

// DualMat is a tensor of dual numbers, row by row.
type DualMat [3]DualVec

// Trace is Σᵢ aᵢᵢ.
func (a *DualMat) Trace() Dual { return a[0][0].Add(a[1][1]).Add(a[2][2]) }

// Sym is ½(a + aᵀ).
func (a *DualMat) Sym() DualMat {
	var s DualMat
	for i := range a {
		for j := range a {
			s[i][j] = a[i][j].Add(a[j][i]).Times(0.5)
		}
	}
	return s
}
