package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"abide/dataio"
	"abide/internal/engine"
	"abide/prior"
	"abide/spec"
)

// newPrior makes the prior of a spec, reading its data. One that is trained comes
// back with its columns and its data but without a denoiser: much can be checked
// before its network is trained.
func newPrior(s *spec.Spec) (p *prior.Prior, err error) {
	b := s.Prior
	switch b.Kind {
	case "gaussian":
		p, err = newGaussian(b)
	case "gaussian-mixture":
		p, err = newMixture(b)
	case "empirical":
		p, err = newEmpirical(s)
	case "diffusion", "flow":
		p, err = newOutline(s)
	case "onnx":
		p, err = newImported(s)
	default:
		err = b.Errorf("kind", "no prior of kind %q can be built", b.Kind)
	}
	if err == nil && s.Run.Has("dtype") {
		p.DType = map[string]engine.DType{"float32": engine.Float32, "float64": engine.Float64}[s.Run.String("dtype")]
	}
	return p, err
}

func newGaussian(b *spec.Block) (*prior.Prior, error) {
	mean := b.Floats("mean")
	d := len(mean)
	var c *mat.SymDense
	if b.Rank("covariance") == 2 {
		c = symmetric(b.Matrix("covariance"))
	} else {
		c = diagonal(b.Spread("covariance", d), d)
	}
	p, err := prior.NewGaussian(mean, c, b.Strings("columns"))
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

func newEmpirical(s *spec.Spec) (*prior.Prior, error) {
	t, err := readData(s)
	if err != nil {
		return nil, err
	}
	p, err := prior.NewEmpirical(t)
	if err != nil {
		return nil, s.Prior.Errorf("data", "%v", err)
	}
	p.Fingerprint = tableHash(t)
	return p, nil
}

func readData(s *spec.Spec) (*dataio.Table, error) {
	t, err := dataio.ReadTable(s.Path(s.Prior.String("data")), s.Prior.Strings("columns"))
	if err != nil {
		return nil, s.Prior.Errorf("data", "%v", err)
	}
	return t, nil
}

// tableHash names the content of a table.
func tableHash(t *dataio.Table) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%d\n", t.Names, t.Rows)
	binary.Write(h, binary.LittleEndian, t.Data)
	return hex.EncodeToString(h.Sum(nil))
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
