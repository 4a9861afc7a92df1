package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/prior"
	"abide/spec"
)

// newAnalytic makes a prior with an exact denoiser, fitting it to its data where
// it has to be.
func newAnalytic(s *spec.Spec, b *spec.Block) (*prior.Prior, error) {
	switch b.Kind {
	case "gaussian":
		return newGaussian(b)
	case "gaussian-mixture":
		if b.Has("data") {
			return newFittedMixture(s, b)
		}
		return newMixture(b)
	case "gaussian-field":
		return newField(b)
	case "state-space":
		return newStateSpace(b)
	case "empirical":
		return fromRows(s, b, "data", prior.NewEmpirical)
	case "ppca":
		return fromRows(s, b, "latent", func(t *dataio.Table) (*prior.Prior, error) {
			p, err := prior.FitPPCA(t, b.Int("latent"))
			if err != nil {
				return nil, err
			}
			return p.Prior(t)
		})
	case "energy":
		return newEnergy(b)
	case "oracle-heat", "oracle-stokes", "oracle-porous-medium", "oracle-stefan", "oracle-burgers", "oracle-solutions":
		return newOracle(b)
	case "product":
		return newProduct(s, b)
	}
	return nil, b.Errorf("kind", "no prior of kind %q can be built", b.Kind)
}

func newGaussian(b *spec.Block) (p *prior.Prior, err error) {
	mean := b.Floats("mean")
	if b.Rank("covariance") == 2 {
		p, err = prior.NewGaussian(mean, symmetric(b.Matrix("covariance")), b.Strings("columns"))
	} else {
		p, err = prior.NewDiagonal(mean, b.Spread("covariance", len(mean)), b.Strings("columns"))
	}
	if err != nil {
		return nil, b.Errorf("covariance", "%v", err)
	}
	return p, nil
}

func newMixture(b *spec.Block) (*prior.Prior, error) {
	means := b.Matrix("means")
	d := len(means[0])
	cov := make([]*mat.SymDense, len(means))
	for k := range cov {
		switch b.Rank("covariances") {
		case 0:
			cov[k] = isotropic(b.Float("covariances"), d)
		case 1:
			cov[k] = isotropic(b.Floats("covariances")[k], d)
		case 2:
			cov[k] = diagonal(b.Matrix("covariances")[k], d)
		case 3:
			cov[k] = symmetric(b.Matrices("covariances")[k])
		}
	}
	p, err := prior.NewMixture(b.Floats("weights"), means, cov, b.Strings("columns"))
	if err != nil {
		return nil, b.Errorf("covariances", "%v", err)
	}
	return p, nil
}

func newFittedMixture(s *spec.Spec, b *spec.Block) (*prior.Prior, error) {
	return fromRows(s, b, "data", func(t *dataio.Table) (*prior.Prior, error) {
		sizes := b.Ints("components")
		if !b.Given("components") { // as many as the rows allow
			for len(sizes) > 1 && sizes[len(sizes)-1] > t.Rows/2 {
				sizes = sizes[:len(sizes)-1]
			}
		}
		f, err := prior.FitMixtures(t, sizes, prior.FitSettings{
			Covariance: b.String("covariances"), Restarts: b.Int("restarts"), Floor: b.Float("floor"), Seed: uint64(b.Int("seed")),
		})
		if err != nil {
			return nil, err
		}
		return f.Prior(t)
	})
}

// fromRows makes a prior from the data of its block; what is wrong then is said at
// a key.
func fromRows(s *spec.Spec, b *spec.Block, key string, build func(*dataio.Table) (*prior.Prior, error)) (*prior.Prior, error) {
	t, err := dataio.ReadTable(s.Path(b.String("data")), b.Strings("columns"))
	if err != nil {
		return nil, b.Errorf("data", "%v", err)
	}
	p, err := build(t)
	if err != nil {
		return nil, b.Errorf(key, "%v", err)
	}
	p.Fingerprint = tableHash(t)
	return p, nil
}

func newField(b *spec.Block) (*prior.Prior, error) {
	shape := b.Ints("shape")
	p, err := prior.NewField(prior.Field{
		Shape: shape, Extent: b.Spread("extent", len(shape)), Kernel: b.String("kernel"), Length: b.Float("length"),
		Variance: b.Float("variance"), Nugget: b.Float("nugget"), Mean: b.Float("mean"),
		Periodic: b.String("boundary") == "periodic", Names: b.Strings("columns"),
	})
	if err != nil {
		return nil, b.Errorf("shape", "%v", err)
	}
	return p, nil
}

func newStateSpace(b *spec.Block) (*prior.Prior, error) {
	mean := b.Floats("mean")
	n := len(mean)
	covariance := func(key string) *mat.SymDense {
		if b.Rank(key) == 2 {
			return symmetric(b.Matrix(key))
		}
		return diagonal(b.Spread(key, n), n)
	}
	p, err := prior.NewStateSpace(prior.StateSpace{
		Transition: mat.NewDense(n, n, slices.Concat(b.Matrix("transition")...)), Offset: b.Floats("offset"), Noise: covariance("noise"),
		Mean: mean, Covariance: covariance("covariance"), Steps: b.Int("steps"), Names: b.Strings("columns"),
	})
	if err != nil {
		return nil, b.Errorf("steps", "%v", err)
	}
	return p, nil
}

func newEnergy(b *spec.Block) (*prior.Prior, error) {
	names := b.Strings("columns")
	if names == nil {
		for j := range b.Floats("lower") {
			names = append(names, fmt.Sprintf("x[%d]", j))
		}
	}
	e, err := b.Expr("expr", names)
	if err != nil {
		return nil, err
	}
	p, err := prior.NewEnergy(e, b.Floats("lower"), b.Floats("upper"), b.Int("points"), names)
	if err != nil {
		return nil, b.Errorf("expr", "%v", err)
	}
	return p, nil
}

func newProduct(s *spec.Spec, b *spec.Block) (*prior.Prior, error) {
	var parts []*prior.Prior
	for _, part := range b.Tables("parts") {
		p, err := newAnalytic(s, part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	p, err := prior.NewProduct(parts)
	if err != nil {
		return nil, b.Errorf("parts", "%v", err)
	}
	if p.Fingerprint != "" { // those of the parts, one after the other
		sum := sha256.Sum256([]byte(p.Fingerprint))
		p.Fingerprint = hex.EncodeToString(sum[:])
	}
	return p, nil
}

func isotropic(variance float64, d int) *mat.SymDense {
	v := make([]float64, d)
	for j := range v {
		v[j] = variance
	}
	return diagonal(v, d)
}

func diagonal(variance []float64, d int) *mat.SymDense {
	c := mat.NewSymDense(d, nil)
	for j, v := range variance {
		c.SetSym(j, j, v)
	}
	return c
}

func symmetric(rows [][]float64) *mat.SymDense {
	c := mat.NewSymDense(len(rows), nil)
	for i := range rows {
		for j := range i + 1 {
			c.SetSym(i, j, rows[i][j])
		}
	}
	return c
}
