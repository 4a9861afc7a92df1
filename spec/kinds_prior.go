package spec

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

func topSection() Section {
	return Section{Kinds: []Kind{{Keys: []Key{
		{Name: "title", Type: String, Doc: "what the run is about, for people"},
	}}}}
}

// tables are the files rows of numbers are read from.
var tables = []string{".csv", ".npy", ".npz"}

func columnsKey(doc string) Key { return Key{Name: "columns", Type: Strings, Doc: doc} }

func dataKey() Key {
	return Key{Name: "data", Type: Path, Required: true, Allowed: tables, Doc: "the file of data rows"}
}

func priorSection() Section {
	return Section{Name: "prior", Doc: "what is known beforehand: the law p(x)", Required: true, Kinds: slices.Concat(analyticKinds(), []Kind{productKind()}, oracleKinds(), []Kind{diffusionKind(), flowKind(), onnxKind()})}
}

func finishGaussian(b *Block) error {
	d := len(b.Floats("mean"))
	if err := b.length("columns", len(b.Strings("columns")), d, "mean"); err != nil {
		return err
	}
	return b.covarianceOf("covariance", d)
}

// covarianceOf checks one variance, d variances or a d×d matrix, d being the length
// of mean.
func (b *Block) covarianceOf(key string, d int) error {
	switch b.Rank(key) {
	case 0:
		return b.positive(key, []float64{b.Float(key)})
	case 1:
		v := b.Floats(key)
		if err := b.length(key, len(v), d, "mean"); err != nil {
			return err
		}
		return b.positive(key, v)
	}
	return b.covariance(key, key, b.Matrix(key), d)
}

// finishStateSpace checks the sizes of a trajectory's parts.
func finishStateSpace(b *Block) error {
	n := len(b.Floats("mean"))
	if m := b.Matrix("transition"); len(m) != n || len(m[0]) != n {
		return b.fault("transition", "is %d×%d, mean has %d", len(m), len(m[0]), n).allowed("%d×%d", n, n)
	}
	if err := b.length("offset", len(b.Floats("offset")), n, "mean"); err != nil {
		return err
	}
	for _, key := range []string{"noise", "covariance"} {
		if err := b.covarianceOf(key, n); err != nil {
			return err
		}
	}
	return b.length("columns", len(b.Strings("columns")), n*(b.Int("steps")+1), "the trajectory")
}

func finishMixture(b *Block) error {
	if b.Has("data") {
		return finishFit(b)
	}
	if err := givenMixture(b); err != nil {
		return err
	}
	means := b.Matrix("means")
	k, d := len(means), len(means[0])
	if !b.Has("weights") {
		equal := make([]float64, k)
		for i := range equal {
			equal[i] = 1 / float64(k)
		}
		b.values["weights"] = equal
	}
	if err := b.length("weights", len(b.Floats("weights")), k, "means"); err != nil {
		return err
	}
	if err := b.length("columns", len(b.Strings("columns")), d, "the rows of means"); err != nil {
		return err
	}
	switch b.Rank("covariances") {
	case 0:
		return b.positive("covariances", []float64{b.Float("covariances")})
	case 1:
		v := b.Floats("covariances")
		if err := b.length("covariances", len(v), k, "means"); err != nil {
			return err
		}
		return b.positive("covariances", v)
	case 2:
		return b.diagonals(k, d)
	}
	all := b.Matrices("covariances")
	if err := b.length("covariances", len(all), k, "means"); err != nil {
		return err
	}
	for i, m := range all {
		if err := b.covariance("covariances", element("covariances", i), m, d); err != nil {
			return err
		}
	}
	return nil
}

// diagonals checks k rows of d variances.
func (b *Block) diagonals(k, d int) error {
	rows := b.Matrix("covariances")
	if err := b.length("covariances", len(rows), k, "means"); err != nil {
		return err
	}
	if err := b.length("covariances", len(rows[0]), d, "the rows of means"); err != nil {
		return err
	}
	for _, row := range rows {
		if err := b.positive("covariances", row); err != nil {
			return err
		}
	}
	return nil
}

// positive refuses variances that are not above 0.
func (b *Block) positive(key string, variances []float64) error {
	for _, v := range variances {
		if v <= 0 {
			return b.fault(key, "variance %s is not positive", short(v)).allowed("variances > 0")
		}
	}
	return nil
}

// covariance refuses a matrix that is not d×d, symmetric and positive definite.
func (b *Block) covariance(key, label string, m [][]float64, d int) error {
	if len(m) != d || len(m[0]) != d {
		return b.fault(key, "%s is %d×%d for %d columns", label, len(m), len(m[0]), d).allowed("%d×%d", d, d)
	}
	s := mat.NewSymDense(d, nil)
	for i := range m {
		for j := range i + 1 {
			if m[i][j] != m[j][i] {
				return b.fault(key, "%s is not symmetric: %s at [%d][%d], %s at [%d][%d]", label, short(m[i][j]), i, j, short(m[j][i]), j, i)
			}
			s.SetSym(i, j, m[i][j])
		}
	}
	var f mat.Cholesky
	if !f.Factorize(s) {
		return b.fault(key, "%s is not positive definite", label).allowed("variances > 0 and correlations inside (-1, 1)")
	}
	return nil
}
