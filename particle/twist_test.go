package particle

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/constraint"
	"abide/expr"
	"abide/potential"
	"abide/problem"
)

// One look from N(m, S) against closed forms computed another way: the cost by
// completing the square, measurement and equality together by dense Gaussian
// conditioning, the truncated moments by quadrature. Weights correct any twist,
// so only a direct comparison sees a wrong sign in one.
func TestLookAgainstClosedForms(t *testing.T) {
	const d = 3
	eye := mat.NewSymDense(d, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
	c, a1, y, std := []float64{0.4, -0.2, 0.3}, []float64{1, 0.5, 0}, 0.7, 0.5
	a2, b2, a3, b3 := []float64{0.2, -1, 1}, 0.3, []float64{1, 1, -0.5}, -0.4
	meas, err := potential.NewMeasurement("y", [][]float64{a1}, []float64{y}, []float64{std})
	if err != nil {
		t.Fatal(err)
	}
	eq, err := constraint.NewLinearEquality("eq", [][]float64{a2}, []float64{b2})
	if err != nil {
		t.Fatal(err)
	}
	half, err := constraint.NewHalfSpace("half", a3, b3)
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(gaussianPrior(t, make([]float64, d), eye), []constraint.Constraint{eq, half}, []potential.Potential{meas, linearCost{c}})
	if err != nil {
		t.Fatal(err)
	}
	tw := newTwist(p, 0, 0.1)
	w := tw.newLook()
	m, s := []float64{0.3, -0.5, 0.2}, []float64{1, 0.3, -0.2, 0.3, 0.8, 0.1, -0.2, 0.1, 0.6}
	copy(w.prior.m, m)
	copy(w.prior.s, s)
	tw.look(w, 1)

	// Tilt: ∫ N(u; m, S) e^{−c·u} = exp(−c·m + ½cᵀSc), mean m − Sc.
	sm, mv, cv := mat.NewDense(d, d, s), mat.NewVecDense(d, m), mat.NewVecDense(d, c)
	logSoft := -mat.Dot(cv, mv) + 0.5*mat.Inner(cv, sm, cv)
	var sc, mean mat.VecDense
	sc.MulVec(sm, cv)
	mean.SubVec(mv, &sc)
	// Both rows at once.
	rows := mat.NewDense(2, d, append(append([]float64{}, a1...), a2...))
	var gain, k, cov, res mat.Dense
	gain.Mul(sm, rows.T())
	cov.Mul(rows, &gain)
	cov.Set(0, 0, cov.At(0, 0)+std*std)
	var am mat.VecDense
	am.MulVec(rows, &mean)
	r := mat.NewVecDense(2, []float64{y - am.AtVec(0), b2 - am.AtVec(1)})
	var inv mat.Dense
	if err := inv.Inverse(&cov); err != nil {
		t.Fatal(err)
	}
	logSoft += -0.5*mat.Inner(r, &inv, r) - 0.5*math.Log(mat.Det(&cov)) - log2pi
	k.Mul(&gain, &inv)
	var shift mat.VecDense
	shift.MulVec(&k, r)
	mean.AddVec(&mean, &shift)
	res.Mul(&k, gain.T())
	var soft mat.Dense
	soft.Sub(sm, &res)
	// The half-space by Simpson's rule over twelve standard deviations below it.
	av := mat.NewVecDense(d, a3)
	mu, sd := mat.Dot(av, &mean), math.Sqrt(mat.Inner(av, &soft, av))
	var z, q1, q2 float64
	const n = 20000
	lo := math.Min(mu, b3) - 12*sd
	for i := 0; i <= n; i++ {
		q := lo + (b3-lo)*float64(i)/n
		f := math.Exp(-0.5*(q-mu)*(q-mu)/(sd*sd)) / (sd * math.Sqrt(2*math.Pi))
		f *= []float64{2, 4}[i%2] * (b3 - lo) / n / 3
		if i == 0 || i == n {
			f /= 2
		}
		z, q1, q2 = z+f, q1+f*q, q2+f*q*q
	}
	q1, q2 = q1/z, q2/z
	var sa mat.VecDense
	sa.MulVec(&soft, av)

	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %.12g, want %.12g", what, got, want)
		}
	}
	near("log of the soft factors", w.logSoft, logSoft)
	near("log of the inequality's factor", w.logHard, math.Log(z))
	for i := range d {
		near("soft mean", w.soft.m[i], mean.AtVec(i))
		near("hard mean", w.hard.m[i], mean.AtVec(i)+sa.AtVec(i)*(q1-mu)/(sd*sd))
		for j := range d {
			near("soft covariance", w.soft.s[i*d+j], soft.At(i, j))
			near("hard covariance", w.hard.s[i*d+j], soft.At(i, j)+sa.AtVec(i)*sa.AtVec(j)*(q2-q1*q1-sd*sd)/(sd*sd*sd*sd))
		}
	}
}

// Cubature is exact in mean and covariance for quadratic rows:
// E uᵀBu = mᵀBm + tr BS and Cov(u, uᵀBu) = 2SBm.
func TestRegressionOfQuadraticRows(t *testing.T) {
	eye := mat.NewSymDense(2, []float64{1, 0, 0, 1})
	rel, err := expr.ParseRelation("x[0]**2 + 3*x[0]*x[1] - 2*x[1]**2 <= 0", nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	row, err := constraint.NewFormula("quadratic", rel, 2)
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(gaussianPrior(t, []float64{0, 0}, eye), []constraint.Constraint{row}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tw := newTwist(p, 0, 0.1)
	w := tw.newLook()
	g := gaussian{m: []float64{0.4, -0.7}, s: []float64{0.9, 0.2, 0.2, 0.5}}
	slack, v, ok := tw.regress(w, g, row, 0)
	b := []float64{1, 1.5, 1.5, -2}
	bm := []float64{b[0]*g.m[0] + b[1]*g.m[1], b[2]*g.m[0] + b[3]*g.m[1]}
	mean := dot(g.m, bm) + b[0]*g.s[0] + b[1]*g.s[2] + b[2]*g.s[1] + b[3]*g.s[3]
	if !ok || v <= 0 || math.Abs(slack+mean) > 1e-12 {
		t.Errorf("mean %.15g, want %.15g (variance %g, ok %v)", -slack, mean, v, ok)
	}
	for i := range 2 {
		if want := 2 * (g.s[2*i]*bm[0] + g.s[2*i+1]*bm[1]); math.Abs(w.sa[i]-want) > 1e-12 {
			t.Errorf("covariance with u[%d] is %.15g, want %.15g", i, w.sa[i], want)
		}
	}
}

// A Gaussian on a plane: the evidence is the density of the row at its value, the
// points lie on the plane, and their law is the Gaussian conditioned on it.
func TestEqualityOfAGaussian(t *testing.T) {
	mean, cov := []float64{1, -2}, mat.NewSymDense(2, []float64{2, 0.7, 0.7, 1})
	a, b := []float64{1, -0.5}, 2.5
	eq, err := constraint.NewLinearEquality("plane", [][]float64{a}, []float64{b})
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.New(gaussianPrior(t, mean, cov), []constraint.Constraint{eq}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	k, err := New(openGo(t), p, karras(t, 24, 1e-3, 1000), Settings{Samples: n, Particles: n, Seed: 2, Defensive: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	_, out := walk(t, k)
	sa := []float64{2*a[0] + 0.7*a[1], 0.7*a[0] + a[1]}
	v := dot(a, sa)
	res := b - dot(a, mean)
	// The row is given in x, its Gaussian in standard deviations of the columns:
	// the residual is the same number in both.
	if want := logNormal(res, v); math.Abs(out.LogEvidence-want) > 4.9*out.EvidenceStd+2e-3 {
		t.Errorf("log evidence %.5f ± %.5f, want %.5f", out.LogEvidence, out.EvidenceStd, want)
	}
	for j := range 2 {
		var m, s float64
		for i := range n {
			if r := dot(a, out.X[2*i:2*i+2]) - b; math.Abs(r) > 1e-9 {
				t.Fatalf("point %d is off the plane by %g", i, r)
			}
			m += out.X[2*i+j] / n
		}
		for i := range n {
			s += (out.X[2*i+j] - m) * (out.X[2*i+j] - m) / n
		}
		wantM, wantV := mean[j]+sa[j]*res/v, cov.At(j, j)-sa[j]*sa[j]/v
		if math.Abs(m-wantM) > 4.9*math.Sqrt(wantV/out.ESSFinal) {
			t.Errorf("mean of x[%d] is %.4f, want %.4f", j, m, wantM)
		}
		if math.Abs(s/wantV-1) > 4.9*math.Sqrt(2/out.ESSFinal) {
			t.Errorf("variance of x[%d] is %.4f, want %.4f", j, s, wantV)
		}
	}
}
