package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/prior"
)

// Prior is the law the model stands for, of the rows t it was trained on (points
// and conditions): under given values of the conditions, in their order, leaned
// towards them by weight (see prior.Conditional), or with none the law of all rows.
//
// Above the noise that training sees, and at the start, stands the Gaussian of
// the rows' mean and covariance. Under a condition these are the mean and the
// covariance left by linear regression on the given numbers, among the rows of
// the given classes: exact for Gaussian data, and right to second moments, which
// is all that is left of a law at such levels.
func (m *Model) Prior(t *dataio.Table, given []float64, weight float64) (*prior.Prior, error) {
	s := m.Card.Settings
	p, err := m.Outline(t, given)
	if err != nil {
		return nil, err
	}
	p.Describe = strings.Replace(p.Describe, " network", fmt.Sprintf(" network of %d parameters, held-out loss %.3f,", m.Network.Cost().Parameters, m.Card.HeldoutLoss), 1)
	law := func(values []float64) (prior.Denoiser, error) {
		y, err := Features(s.Condition, values)
		if err != nil {
			return nil, err
		}
		if len(s.Condition) == 0 {
			y = nil
		}
		net := s.denoiser(m.Network, y)
		if s.Coupling == "ot" {
			return net, nil // its far levels are not those of independent noise
		}
		_, mean, cov := m.moments(t, values)
		return prior.NewTrained(net, mean, cov), nil
	}
	if p.Denoiser, err = law(given); err != nil || given == nil || weight == 0 {
		return p, err
	}
	free, err := law(nil)
	if err != nil {
		return nil, err
	}
	p.Denoiser = prior.Conditional{Given: p.Denoiser, Free: free, Weight: weight}
	p.Describe += fmt.Sprintf(", guidance %g", weight)
	return p, nil
}

// Outline is Prior without its denoiser; a model needs no network for it. Its
// data are the rows of the given classes, its covariance their second moments
// around 0, the mean of all rows.
func (m *Model) Outline(t *dataio.Table, given []float64) (*prior.Prior, error) {
	s := m.Card.Settings
	if _, err := Features(s.Condition, given); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	kind := "diffusion"
	if s.Objective == "flow" {
		kind = "flow"
	}
	rows, mean, second := m.moments(t, given)
	d := len(mean)
	for i := range second {
		second[i] += mean[i/d] * mean[i%d]
	}
	points, _ := Separate(t, s.Condition)
	p := &prior.Prior{
		Kind: kind, DType: s.dtype(), Data: points, Coordinates: m.coordinates(), Covariance: second,
		Resolution: Resolution, Fingerprint: m.Card.Fingerprint,
		Describe: fmt.Sprintf("%s network on %d rows", kind, m.Card.Rows),
	}
	if given == nil {
		return p, nil
	}
	p.Data = taken(points, rows)
	for i, c := range s.Condition {
		p.Describe += fmt.Sprintf(", given %s = %g", c.Name, given[i])
	}
	return p, nil
}

func (m *Model) coordinates() prior.Coordinates {
	return prior.Coordinates{Names: m.Card.Columns, Shift: m.Card.Shift, Scale: m.Card.Scale}
}

// moments are [moments] of the table's points in sampler coordinates.
func (m *Model) moments(t *dataio.Table, given []float64) (rows []int, mean, cov []float64) {
	points, conditions := Separate(t, m.Card.Settings.Condition)
	u := make([]float64, len(points.Data))
	m.coordinates().ToU(u, points.Data)
	return moments(u, m.coordinates().Dim(), conditions, m.Card.Settings.Condition, given)
}

// Separate takes the columns of conditions out of a table; the second is nil
// without conditions.
func Separate(t *dataio.Table, all []Condition) (points, conditions *dataio.Table) {
	if len(all) == 0 {
		return t, nil
	}
	var names, given []string
	for _, c := range all {
		given = append(given, c.Name)
	}
	for _, n := range t.Names {
		if !slices.Contains(given, n) {
			names = append(names, n)
		}
	}
	return columns(t, names), columns(t, given)
}

func columns(t *dataio.Table, names []string) *dataio.Table {
	out := &dataio.Table{Names: names, Rows: t.Rows, Data: make([]float64, 0, t.Rows*len(names))}
	for i := range t.Rows {
		for _, n := range names {
			out.Data = append(out.Data, t.Data[i*len(t.Names)+slices.Index(t.Names, n)])
		}
	}
	return out
}

func taken(t *dataio.Table, rows []int) *dataio.Table {
	d := len(t.Names)
	out := &dataio.Table{Names: t.Names, Rows: len(rows)}
	for _, i := range rows {
		out.Data = append(out.Data, t.Data[i*d:(i+1)*d]...)
	}
	return out
}

// AllFeatures are the features of every row of a table of conditions.
func AllFeatures(all []Condition, conditions *dataio.Table) ([]float64, error) {
	if conditions == nil {
		return nil, nil
	}
	var out []float64
	k := len(all)
	for i := range conditions.Rows {
		y, err := Features(all, conditions.Data[i*k:(i+1)*k])
		if err != nil {
			return nil, fmt.Errorf("train: row %d: %w", i, err)
		}
		out = append(out, y...)
	}
	return out, nil
}

// moments are mean and covariance of rows u [n, d] under given values, and which
// rows have the given classes.
func moments(u []float64, d int, conditions *dataio.Table, all []Condition, given []float64) (rows []int, mean, cov []float64) {
	k := len(all)
	var numbers []int
	for j, c := range all {
		if c.Classes == nil && given != nil {
			numbers = append(numbers, j)
		}
	}
	for i := range len(u) / d {
		same := true
		for j, c := range all {
			same = same && (given == nil || c.Classes == nil || conditions.Data[i*k+j] == given[j])
		}
		if same {
			rows = append(rows, i)
		}
	}
	q := d + len(numbers)
	joint := make([]float64, 0, len(rows)*q) // the points, and the numbers less those given
	for _, i := range rows {
		joint = append(joint, u[i*d:(i+1)*d]...)
		for _, j := range numbers {
			joint = append(joint, (conditions.Data[i*k+j]-given[j])/all[j].Scale)
		}
	}
	m := make([]float64, q)
	for i, v := range joint {
		m[i%q] += v / float64(len(rows))
	}
	for i := range joint {
		joint[i] -= m[i%q]
	}
	c := prior.Covariance(joint, q)
	mean, cov = m[:d:d], make([]float64, d*d)
	for i := range d {
		copy(cov[i*d:(i+1)*d], c[i*q:])
	}
	if len(numbers) > 0 {
		regress(mean, cov, m[d:], c)
	}
	return rows, mean, cov
}

// regress takes out what numbers explain: with the joint covariance c of points
// and numbers and the numbers' mean b less the given ones,
//
//	mean ← mean − C_xy C_yy⁻¹ b,   cov ← cov − C_xy C_yy⁻¹ C_yx.
func regress(mean, cov, b, c []float64) {
	d, k := len(mean), len(b)
	q := d + k
	yy := mat.NewSymDense(k, nil)
	for i := range k {
		for j := range i + 1 {
			yy.SetSym(i, j, c[(d+i)*q+d+j])
		}
		yy.SetSym(i, i, yy.At(i, i)+1e-9) // numbers that repeat each other
	}
	var f mat.Cholesky
	if !f.Factorize(yy) {
		return
	}
	yx := mat.NewDense(k, d+1, nil)
	for i := range k {
		for j := range d {
			yx.Set(i, j, c[(d+i)*q+j])
		}
		yx.Set(i, d, b[i])
	}
	var solved mat.Dense // C_yy⁻¹ [C_yx, b]
	if f.SolveTo(&solved, yx) != nil {
		return
	}
	for i := range d {
		for l := range k {
			mean[i] -= yx.At(l, i) * solved.At(l, d)
			for j := range d {
				cov[i*d+j] -= yx.At(l, i) * solved.At(l, j)
			}
		}
		cov[i*d+i] = math.Max(cov[i*d+i], 0)
	}
}
