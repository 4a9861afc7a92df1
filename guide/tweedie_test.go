package guide

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/operator"
	"abide/potential"
	"abide/prior"
)

// at calls a guided denoiser on rows u, at one noise level for all or one for each.
func at(t *testing.T, d prior.Denoiser, u []float64, dim int, sigma ...float64) []float64 {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f := e.NewFunction("guided", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{d.Denoise(in[0], in[1])}
	})
	level := engine.Scalar(sigma[0])
	if len(sigma) > 1 {
		level = engine.Rows(sigma, 1)
	}
	out, err := f.Call(engine.Rows(u, dim), level)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F64
}

// jacobian is D and its Jacobian [d, d] at one point.
func jacobian(t *testing.T, d prior.Denoiser, u []float64, sigma float64) (*mat.VecDense, *mat.Dense) {
	t.Helper()
	e, err := engine.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	f := e.NewFunction("jacobian", engine.Float64, func(in []*engine.Node) []*engine.Node {
		mean := d.Denoise(in[0], in[1])
		return []*engine.Node{mean, engine.Jacobian(mean, in[0])}
	})
	out, err := f.Call(engine.Rows(u, len(u)), engine.Scalar(sigma))
	if err != nil {
		t.Fatal(err)
	}
	return mat.NewVecDense(len(u), out[0].F64), mat.NewDense(len(u), len(u), out[1].F64)
}

func same(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	scale := 1.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*scale) {
			t.Errorf("%s: number %d is %.14g, want %.14g", what, i, got[i], want[i])
			return
		}
	}
}

func normals(purpose string, n int, scale float64) []float64 {
	out := make([]float64, n)
	keyed.New(7, purpose, 0, 0).Normal(out)
	for i := range out {
		out[i] *= scale
	}
	return out
}

func matrixRows(purpose string, m, d int) [][]float64 {
	rows, flat := make([][]float64, m), normals(purpose, m*d, 1/math.Sqrt(float64(d)))
	for i := range rows {
		rows[i] = flat[i*d : (i+1)*d]
	}
	return rows
}

// spd is a random covariance of n values.
func spd(purpose string, n int, floor float64) *mat.SymDense {
	var c mat.SymDense
	c.SymOuterK(1, mat.NewDense(n, n, normals(purpose, n*n, 1/math.Sqrt(float64(n)))))
	for i := range n {
		c.SetSym(i, i, c.At(i, i)+floor)
	}
	return &c
}

func measured(t *testing.T, op operator.Operator, y []float64, cov *mat.SymDense) *potential.Measurement {
	t.Helper()
	rows := make([][]float64, len(y))
	for i := range rows {
		for j := range y {
			rows[i] = append(rows[i], cov.At(i, j))
		}
	}
	noise, err := potential.NewCorrelated(rows)
	if err != nil {
		t.Fatal(err)
	}
	m, err := potential.NewMeasured("y", op, y, noise)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func matrix(t *testing.T, rows [][]float64) *operator.Matrix {
	t.Helper()
	a, err := operator.NewMatrix(rows)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func denseOf(rows [][]float64) *mat.Dense {
	out := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		out.SetRow(i, row)
	}
	return out
}

func gaussian(t *testing.T, cov *mat.SymDense) *prior.Prior {
	t.Helper()
	p, err := prior.NewGaussian(make([]float64, cov.SymmetricDim()), cov, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// denoisers are a Gaussian, a mixture and a network with random weights, whose Jacobian
// is not symmetric, in d columns.
func denoisers(t *testing.T, d int) map[string]prior.Denoiser {
	t.Helper()
	var means [][]float64
	var covs []*mat.SymDense
	for k := range 3 {
		means, covs = append(means, normals(fmt.Sprint("mean ", k), d, 2)), append(covs, spd(fmt.Sprint("component ", k), d, 0.2))
	}
	mixture, err := prior.NewMixture([]float64{0.2, 0.5, 0.3}, means, covs, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := network.NewMLP(network.Architecture{Kind: "mlp", Shape: []int{d}, Width: 16, Depth: 2, Embedding: 8}, 1)
	for i, w := range n.Weights() {
		rng := rand.New(keyed.New(3, "weights", i, 0))
		for j := range w.Data {
			w.Data[j] = float32(0.3 * rng.NormFloat64())
		}
	}
	return map[string]prior.Denoiser{"gaussian": gaussian(t, spd("prior", d, 0.1)).Denoiser, "mixture": mixture.Denoiser, "network": prior.EDM{Network: n}}
}

// allGuides are the guides that take any operator, by name.
func allGuides(y *potential.Measurement) map[string]Guide {
	return map[string]Guide{
		"tmpd": TMPD{Y: y}, "alt": TMPD{y, FormAlt}, "jacrev": TMPD{y, FormJacrev}, "jacfwd": TMPD{y, FormJacfwd},
		"diag": TMPDDiagonal{y}, "hutchinson": TMPDHutchinson{y, 3}, "dtmpd": DTMPD{y},
		"cg": MMPS{y, 2, false}, "gmres": MMPS{y, 2, true}, "dps-d": PlugIn{1, y.Energy},
	}
}

// linearGuides are those and the ones that need a matrix.
func linearGuides(t *testing.T, y *potential.Measurement, cov []float64) map[string]Guide {
	t.Helper()
	all := allGuides(y)
	pinv, err := NewPiGDMPinv(y, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	all["pigdm"], all["pigdm, sums"], all["pigdm-pinv"], all["jfps"] = PiGDM{Y: y, DataVariance: 0.8}, PiGDM{y, 0.8, true}, pinv, NewJFPS(y, cov)
	return all
}

// Kit T2: for a Gaussian prior TMPD's score is that of the diffused posterior. With
// D = u + σ² score it is the mean of a Gaussian of precision Σ⁻¹ + σ⁻²I + HᵀR⁻¹H.
func TestTMPDIsTheDiffusedPosterior(t *testing.T) {
	const d, m, sigma = 6, 3, 0.8 / 0.6
	p := gaussian(t, spd("prior", d, 0.1))
	rows, r, y := matrixRows("H", m, d), spd("noise", m, 0.05), normals("y", m, 1)
	op, h := matrix(t, rows), denseOf(rows)
	var ri, precision, hr, hrh mat.Dense
	if err := ri.Inverse(r); err != nil {
		t.Fatal(err)
	}
	if err := precision.Inverse(mat.NewDense(d, d, p.Covariance)); err != nil {
		t.Fatal(err)
	}
	hr.Mul(h.T(), &ri)
	hrh.Mul(&hr, h)
	precision.Add(&precision, &hrh)
	for i := range d {
		precision.Set(i, i, precision.At(i, i)+1/(sigma*sigma))
	}
	u := normals("u", d, 2)
	var rhs, pull, want mat.VecDense
	pull.MulVec(&hr, mat.NewVecDense(m, y))
	rhs.AddScaledVec(&pull, 1/(sigma*sigma), mat.NewVecDense(d, u))
	if err := want.SolveVec(&precision, &rhs); err != nil {
		t.Fatal(err)
	}
	z := measured(t, op, y, r)
	for name, g := range map[string]Guide{
		"tmpd": TMPD{Y: z}, "alt": TMPD{z, FormAlt}, "jacrev": TMPD{z, FormJacrev}, "jacfwd": TMPD{z, FormJacfwd},
		"cg": MMPS{z, m, false}, "gmres": MMPS{z, m, true}, "jfps": NewJFPS(z, p.Covariance),
	} {
		same(t, name, at(t, g.Guide(p.Denoiser), u, d, sigma), want.RawVector().Data, 1e-10*sigma*sigma)
	}
}

// product is a b c ….
func product(ms ...mat.Matrix) *mat.Dense {
	var out mat.Dense
	out.Product(ms...)
	return &out
}

// solved is S⁻¹ r.
func solved(t *testing.T, s mat.Matrix, r *mat.VecDense) *mat.VecDense {
	t.Helper()
	var f mat.VecDense
	if err := f.SolveVec(s, r); err != nil {
		t.Fatal(err)
	}
	return &f
}

// All forms of TMPD are D + σ²JᵀHᵀ(½σ²H(J+Jᵀ)Hᵀ + R)⁻¹(y − HD) with the Jacobian
// written out, for priors whose Jacobian is symmetric and for a network, whose is not.
// MMPS solves with H Jᵀ Hᵀ: by m iterations of GMRES for any J, of conjugate gradients
// for symmetric ones.
func TestFormsAreOneFormula(t *testing.T) {
	const d, m, n = 7, 4, 5
	rows, r, y := matrixRows("H", m, d), spd("noise", m, 0.3), normals("y", m, 1)
	h, z := denseOf(rows), measured(t, matrix(t, rows), y, r)
	for name, den := range denoisers(t, d) {
		for _, sigma := range []float64{0.1, 0.7, 2} {
			u := normals(name, n*d, 1+sigma)
			forms := map[string][]float64{}
			for form, g := range map[string]Guide{
				"vjp": TMPD{Y: z}, "alt": TMPD{z, FormAlt}, "jacrev": TMPD{z, FormJacrev}, "jacfwd": TMPD{z, FormJacfwd},
				"cg": MMPS{z, m, false}, "gmres": MMPS{z, m, true},
			} {
				forms[form] = at(t, g.Guide(den), u, d, sigma)
			}
			for i := range n {
				mean, j := jacobian(t, den, u[i*d:(i+1)*d], sigma)
				var residual mat.VecDense
				residual.MulVec(h, mean)
				residual.SubVec(mat.NewVecDense(m, y), &residual)
				s := product(h, j.T(), h.T())
				s.Scale(sigma*sigma, s)
				var sym mat.Dense
				sym.Add(s, s.T())
				sym.Scale(0.5, &sym)
				sym.Add(&sym, r)
				s.Add(s, r)
				guided := func(s *mat.Dense) []float64 {
					var pull mat.VecDense
					pull.MulVec(product(j.T(), h.T()), solved(t, s, &residual))
					pull.AddScaledVec(mean, sigma*sigma, &pull)
					return pull.RawVector().Data
				}
				for form, got := range forms {
					want := guided(&sym)
					switch {
					case form == "gmres":
						want = guided(s)
					case form == "cg" && name == "network":
						continue
					}
					same(t, fmt.Sprintf("%s, σ = %g, %s", name, sigma, form), got[i*d:(i+1)*d], want, 1e-8)
				}
				if name == "network" && mat.EqualApprox(j, j.T(), 1e-3) {
					t.Error("the network's Jacobian is symmetric, which shows nothing")
				}
			}
		}
	}
}

// One noise level for each point is the level of each point alone, and points do not
// interact.
func TestNoiseLevelOfEachPoint(t *testing.T) {
	const d, m, n = 5, 3, 4
	p := gaussian(t, spd("prior", d, 0.1))
	y := measured(t, matrix(t, matrixRows("H", m, d)), normals("y", m, 1), spd("noise", m, 0.3))
	sigma := []float64{0.05, 0.4, 1.5, 8}
	for dname, den := range denoisers(t, d) {
		u := normals("u", n*d, 1)
		for i := range u {
			u[i] *= 1 + sigma[i/d]
		}
		for name, g := range linearGuides(t, y, p.Covariance) {
			got := at(t, g.Guide(den), u, d, sigma...)
			for i, s := range sigma {
				same(t, fmt.Sprintf("%s, %s, point %d", dname, name, i), got[i*d:(i+1)*d], at(t, g.Guide(den), u[i*d:(i+1)*d], d, s), 1e-12)
			}
		}
	}
}

// Through a mask on independent columns the data's covariance is diagonal, and every
// diagonal form is TMPD.
func TestDiagonalFormsAreTMPDThroughAMask(t *testing.T) {
	const d, n, sigma = 5, 4, 0.6
	variance := mat.NewSymDense(d, nil)
	for i := range d {
		variance.SetSym(i, i, 1)
	}
	p := gaussian(t, variance)
	mask, err := operator.NewMask(d, []int{3, 0, 4})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := potential.NewNormal([]float64{0.1, 2, 0.7})
	if err != nil {
		t.Fatal(err)
	}
	y, err := potential.NewMeasured("y", mask, normals("y", 3, 1), noise)
	if err != nil {
		t.Fatal(err)
	}
	u := normals("u", n*d, 1.5)
	want := at(t, TMPD{Y: y}.Guide(p.Denoiser), u, d, sigma)
	for name, g := range map[string]Guide{"diag": TMPDDiagonal{y}, "hutchinson": TMPDHutchinson{y, 1}, "dtmpd": DTMPD{y}, "pigdm": PiGDM{Y: y, DataVariance: 1}, "pigdm, sums": PiGDM{y, 1, true}, "mmps": MMPS{y, 3, true}} {
		same(t, name, at(t, g.Guide(p.Denoiser), u, d, sigma), want, 1e-12)
	}
}

// A measurement that says nothing changes nothing: for R → ∞ every guide that looks at
// R leaves the denoiser as it is.
func TestNoInformationLeavesTheDenoiser(t *testing.T) {
	const d, m, n, sigma = 5, 3, 4, 0.6
	r := mat.NewSymDense(m, nil)
	for i := range m {
		r.SetSym(i, i, 1e14)
	}
	y := measured(t, matrix(t, matrixRows("H", m, d)), normals("y", m, 1), r)
	u := normals("u", n*d, 1.5)
	for dname, den := range denoisers(t, d) {
		for name, g := range linearGuides(t, y, gaussian(t, spd("prior", d, 0.1)).Covariance) {
			if name != "pigdm-pinv" {
				same(t, dname+", "+name, at(t, g.Guide(den), u, d, sigma), at(t, den, u, d, sigma), 1e-11)
			}
		}
	}
}

// Correlated noise R = L Lᵀ is independent noise of L⁻¹y = L⁻¹H u + n.
func TestCorrelatedNoiseIsAWhitenedProblem(t *testing.T) {
	const d, m, n, sigma = 5, 3, 4, 0.6
	rows, r, y := matrixRows("H", m, d), spd("noise", m, 0.3), normals("y", m, 1)
	var chol mat.Cholesky
	if !chol.Factorize(r) {
		t.Fatal("not positive definite")
	}
	var l mat.TriDense
	chol.LTo(&l)
	var h mat.Dense
	var w mat.VecDense
	if err := h.Solve(&l, denseOf(rows)); err != nil {
		t.Fatal(err)
	}
	if err := w.SolveVec(&l, mat.NewVecDense(m, y)); err != nil {
		t.Fatal(err)
	}
	eye, white := mat.NewSymDense(m, nil), make([][]float64, m)
	for i := range m {
		eye.SetSym(i, i, 1)
		white[i] = mat.Row(nil, i, &h)
	}
	u := normals("u", n*d, 1.5)
	for dname, den := range denoisers(t, d) {
		cov := gaussian(t, spd("prior", d, 0.1)).Covariance
		want := linearGuides(t, measured(t, matrix(t, white), w.RawVector().Data, eye), cov)
		for name, g := range linearGuides(t, measured(t, matrix(t, rows), y, r), cov) {
			same(t, dname+", "+name, at(t, g.Guide(den), u, d, sigma), at(t, want[name].Guide(den), u, d, sigma), 1e-10)
		}
	}
}

// bent is a nonlinear operator: A(u) = (u₀² + u₁, sin u₂ + u₀u₃, e^{u₁/2}).
type bent struct{}

func (bent) Dims() (d, m int) { return 5, 3 }

func (bent) Apply(u *engine.Node) *engine.Node {
	column := func(j int) *engine.Node {
		e := make([][]float64, 5)
		for i := range e {
			e[i] = []float64{0}
		}
		e[j][0] = 1
		return graph.MatMul(u, graph.ConstAs(u, e))
	}
	return graph.Concatenate([]*engine.Node{
		graph.Add(graph.Mul(column(0), column(0)), column(1)),
		graph.Add(graph.Sin(column(2)), graph.Mul(column(0), column(3))),
		graph.Exp(graph.MulScalar(column(1), 0.5)),
	}, -1)
}

func (bent) ApplyAt(y, u []float64) {
	y[0], y[1], y[2] = u[0]*u[0]+u[1], math.Sin(u[2])+u[0]*u[3], math.Exp(u[1]/2)
}

// slope is ∂A/∂u.
func (bent) slope(u []float64) [][]float64 {
	return [][]float64{{2 * u[0], 1, 0, 0, 0}, {u[3], 0, math.Cos(u[2]), u[0], 0}, {0, math.Exp(u[1]/2) / 2, 0, 0, 0}}
}

func (b bent) VJPAt(g, u, c []float64) {
	clear(g)
	for i, row := range b.slope(u) {
		for j, v := range row {
			g[j] += c[i] * v
		}
	}
}

// A nonlinear operator is its tangent at the clean estimate: guides with A and data y
// are guides with the matrix ∂A/∂u and data y − A(D) + ∂A/∂u D.
func TestNonlinearOperatorsAreLinearised(t *testing.T) {
	const d, m, sigma = 5, 3, 0.6
	r, y := spd("noise", m, 0.3), normals("y", m, 1)
	for dname, den := range denoisers(t, d) {
		u := normals("u", d, 1)
		mean := at(t, den, u, d, sigma)
		rows, data := bent{}.slope(mean), make([]float64, m)
		bent{}.ApplyAt(data, mean)
		for i, row := range rows {
			data[i] = y[i] - data[i]
			for j, v := range row {
				data[i] += v * mean[j]
			}
		}
		want := allGuides(measured(t, matrix(t, rows), data, r))
		for name, g := range allGuides(measured(t, bent{}, y, r)) {
			same(t, dname+", "+name, at(t, g.Guide(den), u, d, sigma), at(t, want[name].Guide(den), u, d, sigma), 1e-11)
		}
	}
}

// The noiseless pseudo-inverse form leaves H D′ = y for the prior it is exact for, also
// where rows of H depend on each other; and guiding once more changes nothing.
func TestPseudoInverseIsAProjection(t *testing.T) {
	const d, n, sigma = 5, 4, 0.6
	rows := matrixRows("H", 2, d)
	double := make([]float64, d)
	for j := range double {
		double[j] = rows[0][j] - 2*rows[1][j]
	}
	truth := normals("truth", d, 1)
	h := append(rows, double)
	y := make([]float64, 3)
	op := matrix(t, h)
	op.ApplyAt(y, truth)
	eye := mat.NewSymDense(d, nil)
	for i := range d {
		eye.SetSym(i, i, 1)
	}
	g, err := NewPiGDMPinv(measured(t, op, y, spd("noise", 3, 0.1)), 1)
	if err != nil {
		t.Fatal(err)
	}
	out := at(t, g.Guide(gaussian(t, eye).Denoiser), normals("u", n*d, 1.5), d, sigma)
	for i := range n {
		seen := make([]float64, 3)
		op.ApplyAt(seen, out[i*d:(i+1)*d])
		same(t, "data", seen, y, 1e-12)
	}
}
