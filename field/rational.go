package field

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// rational is x^(−γ) on an interval 0 < a ≤ x ≤ b, 0 < γ < 1, to a relative error, as
//
//	r(x) = constant + Σⱼ wⱼ/(x + sⱼ),  wⱼ, sⱼ > 0.
//
// Poles are those of the approximation in barycentric form of Y. Nakatsukasa, O. Sète
// and L. N. Trefethen, "The AAA algorithm for rational approximation", SIAM J. Sci.
// Comput. 40 (2018), section 3, in relative errors; weights are then found by least
// squares. Poles of functions of Stieltjes, such as this one, come out real and negative;
// the relative error falls tenfold with each but the first two while b/a is 100.
type rational struct {
	constant       float64
	shift, residue []float64
	error          float64 // relative, on 1,000 points
}

func newRational(gamma, a, b, tolerance float64) (*rational, error) {
	const samples = 300
	ratio := math.Max(b/a, 1.01)
	x, f := make([]float64, samples), make([]float64, samples)
	for i := range x {
		x[i] = math.Pow(ratio, float64(i)/(samples-1))
		f[i] = math.Pow(x[i], -gamma)
	}
	var z, fz, weight []float64
	taken := make([]bool, samples)
	r := slices.Repeat([]float64{1}, samples)
	best := &rational{error: math.Inf(1)}
	for range 14 {
		worst, at := -1.0, 0
		for i := range x {
			if e := math.Abs(r[i]/f[i] - 1); !taken[i] && e > worst {
				worst, at = e, i
			}
		}
		taken[at] = true
		z, fz = append(z, x[at]), append(fz, f[at])
		weight = barycentric(x, f, z, fz, taken)
		if weight == nil {
			break
		}
		for i := range x {
			if !taken[i] {
				up, down := 0.0, 0.0
				for j, w := range weight {
					up, down = up+w*fz[j]/(x[i]-z[j]), down+w/(x[i]-z[j])
				}
				r[i] = up / down
			}
		}
		if len(z) > 1 {
			if q := fit(gamma, ratio, x, z, weight); q != nil && q.error < best.error {
				best = q
			}
		}
		if best.error < tolerance {
			break
		}
	}
	if !(best.error < tolerance) {
		return nil, fmt.Errorf("field: no rational approximation of x^−%g over a ratio of %.3g is within %g, the best is within %.2g: take a coarser mesh or a shorter length", gamma, ratio, tolerance, best.error)
	}
	// Back from x/a.
	scale := math.Pow(a, -gamma)
	best.constant *= scale
	for j := range best.shift {
		best.residue[j] *= scale * a
		best.shift[j] *= a
	}
	return best, nil
}

// barycentric is the weights of the approximation with the support points z: the last
// right singular vector of the matrix of Loewner.
func barycentric(x, f, z, fz []float64, taken []bool) []float64 {
	rows := len(x) - len(z)
	loewner := mat.NewDense(rows, len(z), nil)
	row := 0
	for i := range x {
		if taken[i] {
			continue
		}
		for j := range z {
			loewner.Set(row, j, (f[i]-fz[j])/((x[i]-z[j])*f[i]))
		}
		row++
	}
	var svd mat.SVD
	if !svd.Factorize(loewner, mat.SVDThinV) {
		return nil
	}
	var v mat.Dense
	svd.VTo(&v)
	return mat.Col(nil, len(z)-1, &v)
}

// fit is the sum over the poles of a barycentric form, the eigenvalues but for a zero of
// (I − 1 wᵀ/Σw) diag(z); nil where they are not negative.
func fit(gamma, ratio float64, x, z, weight []float64) *rational {
	n, total := len(z), 0.0
	for _, w := range weight {
		total += w
	}
	m := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			m.Set(i, j, -weight[j]/total*z[j])
		}
		m.Set(i, i, m.At(i, i)+z[i])
	}
	var eigen mat.Eigen
	if !eigen.Factorize(m, mat.EigenNone) {
		return nil
	}
	poles := eigen.Values(nil)
	slices.SortFunc(poles, func(a, b complex128) int { return int(math.Copysign(1, cmplx.Abs(a)-cmplx.Abs(b))) })
	q := &rational{}
	for _, p := range poles[1:] {
		if !(real(p) < 0) || math.Abs(imag(p)) > 1e-9*math.Abs(real(p)) {
			return nil
		}
		q.shift = append(q.shift, -real(p))
	}
	columns := mat.NewDense(len(x), n, nil)
	size := make([]float64, n)
	for j := range n {
		for i := range x {
			v := math.Pow(x[i], gamma)
			if j < n-1 {
				v /= x[i] + q.shift[j]
			}
			columns.Set(i, j, v)
			size[j] = math.Max(size[j], v)
		}
		for i := range x {
			columns.Set(i, j, columns.At(i, j)/size[j])
		}
	}
	ones := mat.NewVecDense(len(x), nil)
	for i := range x {
		ones.SetVec(i, 1)
	}
	var solved mat.VecDense
	if err := solved.SolveVec(columns, ones); err != nil {
		return nil
	}
	for j := range n - 1 {
		w := solved.AtVec(j) / size[j]
		if !(w > 0) {
			return nil
		}
		q.residue = append(q.residue, w)
	}
	if q.constant = solved.AtVec(n-1) / size[n-1]; !(q.constant >= 0) {
		return nil
	}
	const check = 1000
	for i := range check {
		y := math.Pow(ratio, float64(i)/(check-1))
		q.error = math.Max(q.error, math.Abs(q.at(y)*math.Pow(y, gamma)-1))
	}
	return q
}

func (r *rational) at(x float64) float64 {
	s := r.constant
	for j, w := range r.residue {
		s += w / (x + r.shift[j])
	}
	return s
}
