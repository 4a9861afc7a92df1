package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strings"

	"abide/dataio"
	"abide/internal/engine"
	"abide/onnx"
	"abide/prior"
	"abide/spec"
)

// newImported makes the prior of a network that another framework exported. It is
// checked against its vectors and its data by [app.checkImported], which needs
// an engine.
func newImported(s *spec.Spec) (*prior.Prior, error) {
	i, err := readImported(s)
	if err != nil {
		return nil, err
	}
	b := s.Prior
	d, far := i.coordinates.Dim(), b.Float("handover")
	_, top := i.network.Process.Range()
	if i.rows == nil { // no covariance is known that could take over
		far = top
	}
	far = math.Min(far, top/i.network.Spread)
	p := &prior.Prior{
		Kind: "onnx", Coordinates: i.coordinates, DType: engine.Float32, Data: i.table, Resolution: b.Float("resolution"),
		Covariance:  i.covariance,
		Denoiser:    prior.NewTrained(i.network, make([]float64, d), i.covariance).Until(far),
		Fingerprint: i.fingerprint(b),
		Describe:    fmt.Sprintf("imported network, %d parameters, %s on %s", i.model.Parameters(), i.network.Output, b.Table("process").Kind),
	}
	return p, nil
}

// imported is a network with what is known of its law.
type imported struct {
	model       *onnx.Model
	vectors     *onnx.Vectors // nil: none
	network     prior.Parameterised
	coordinates prior.Coordinates
	covariance  []float64
	rows        []float64     // in sampler coordinates; nil: none
	table       *dataio.Table // in the user's coordinates; nil: none
}

func readImported(s *spec.Spec) (*imported, error) {
	b := s.Prior
	i := &imported{}
	var err error
	if i.model, err = onnx.Read(s.Path(b.String("model"))); err != nil {
		return nil, b.Errorf("model", "%v", err)
	}
	if path := vectorsPath(s); path != "" {
		if i.vectors, err = onnx.ReadVectors(path); err != nil {
			return nil, b.Errorf("vectors", "%v", err)
		}
	}
	var shape []int
	for _, n := range b.Floats("shape") {
		shape = append(shape, int(n))
	}
	network, err := prior.NewImported(i.model, shape)
	if err != nil {
		return nil, b.Errorf("shape", "%v", err)
	}
	process, err := networkProcess(b.Table("process"))
	if err != nil {
		return nil, err
	}
	i.network = prior.Parameterised{
		Network: network, Output: prior.Output(b.String("output")), Process: process,
		Time: prior.Time{Of: b.String("time"), Scale: b.Float("time_scale")},
	}
	return i, i.place(s, network.Dim())
}

// vectorsPath is where the vectors are: the file that is named, or the one beside the model.
func vectorsPath(s *spec.Spec) string {
	if v := s.Prior.String("vectors"); v != "" {
		return s.Path(v)
	}
	path := strings.TrimSuffix(s.Path(s.Prior.String("model")), ".onnx") + ".vectors.npz"
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func networkProcess(b *spec.Block) (prior.Process, error) {
	switch b.Kind {
	case "vp":
		return prior.VPProcess{Min: b.Float("beta_min"), Max: b.Float("beta_max")}, nil
	case "ddpm":
		p, err := prior.NewDiscreteProcess(b.String("schedule"), b.Int("steps"), b.Float("beta_start"), b.Float("beta_end"))
		if err != nil {
			return nil, b.Errorf("", "%v", err)
		}
		return p, nil
	case "ve":
		return prior.VEProcess{Min: b.Float("sigma_min"), Max: b.Float("sigma_max")}, nil
	case "edm":
		return prior.EDMProcess{Min: b.Float("sigma_min"), Max: b.Float("sigma_max")}, nil
	case "flow":
		return prior.FlowProcess{DataAtZero: b.Bool("data_at_zero")}, nil
	}
	return nil, b.Errorf("kind", "no process of kind %q is known", b.Kind)
}

// place finds the coordinates: the network works on y = (x − shift)/scale, and noise
// is as strong in all of its columns, so sampler coordinates are y with its means
// taken off, over one standard deviation for all columns: the root mean square.
func (i *imported) place(s *spec.Spec, d int) (err error) {
	b := s.Prior
	shift, scale := make([]float64, d), make([]float64, d)
	for j := range scale {
		scale[j] = 1
	}
	if b.Has("data") {
		if i.table, err = readData(s); err != nil {
			return err
		}
		if len(i.table.Names) != d {
			return b.Errorf("data", "%d columns for a network of points of %d numbers: name the columns", len(i.table.Names), d)
		}
		if !b.Has("shift") || !b.Has("scale") {
			at, err := prior.Standardise(i.table)
			if err != nil {
				return b.Errorf("data", "%v", err)
			}
			shift, scale = at.Shift, at.Scale
		}
	}
	for key, list := range map[string]*[]float64{"shift": &shift, "scale": &scale} {
		if !b.Has(key) {
			continue
		}
		if *list = b.Spread(key, d); len(*list) != d {
			return b.Errorf(key, "has length %d for points of %d numbers", len(*list), d)
		}
	}
	names := b.Strings("columns")
	switch {
	case i.table != nil:
		names = i.table.Names
	case names == nil:
		for j := range d {
			names = append(names, fmt.Sprintf("x[%d]", j))
		}
	case len(names) != d:
		return b.Errorf("columns", "has length %d for points of %d numbers", len(names), d)
	}
	i.coordinates = prior.Coordinates{Names: names, Shift: shift, Scale: scale}
	if i.table == nil && i.vectors != nil && i.vectors.Data != nil {
		y := i.vectors.Data.Float64()
		if len(y)%d != 0 || len(y) < 2*d {
			return b.Errorf("vectors", "its data of shape %v are no points of %d numbers", i.vectors.Data.Shape, d)
		}
		x := make([]float64, len(y))
		i.coordinates.ToX(x, y)
		i.table = &dataio.Table{Names: names, Rows: len(x) / d, Data: x}
	}
	i.standardise(d)
	return nil
}

// standardise moves the coordinates to those of the sampler and tells the network.
func (i *imported) standardise(d int) {
	i.network.Spread = 1
	if i.table == nil {
		i.covariance = make([]float64, d*d)
		for j := range d {
			i.covariance[j*d+j] = 1
		}
		return
	}
	at := &i.coordinates
	y := make([]float64, len(i.table.Data))
	at.ToU(y, i.table.Data)
	centre := make([]float64, d)
	for k, v := range y {
		centre[k%d] += v / float64(i.table.Rows)
	}
	square := 0.0
	for k, v := range y {
		square += (v - centre[k%d]) * (v - centre[k%d])
	}
	spread := math.Sqrt(square / float64(len(y)))
	if !(spread > 0) {
		spread = 1
	}
	i.network.Centre, i.network.Spread = centre, spread
	shift, scale := make([]float64, d), make([]float64, d)
	for j := range d {
		shift[j], scale[j] = at.Shift[j]+at.Scale[j]*centre[j], at.Scale[j]*spread
	}
	at.Shift, at.Scale = shift, scale
	i.rows = y
	at.ToU(i.rows, i.table.Data)
	i.covariance = prior.Covariance(i.rows, d)
}

// fingerprint names the network, how it is read, and its data.
func (i *imported) fingerprint(b *spec.Block) string {
	h := sha256.New()
	h.Write(i.model.Hash)
	fmt.Fprintf(h, "%v %v %v %v %g %g", i.network.Output, i.network.Process, i.network.Time, i.coordinates, b.Float("handover"), b.Float("resolution"))
	if i.table != nil {
		fmt.Fprint(h, tableHash(i.table))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkImported compares an imported network with its exporter and its description,
// before anything is sampled.
func (a *app) checkImported(e *engine.Engine, s *spec.Spec, p *prior.Prior) error {
	i, err := readImported(s)
	if err != nil {
		return err
	}
	if i.vectors == nil {
		a.note("prior: warning: no vectors stand beside %s: whether its gradients are those of its framework is not known; tools/export writes both", s.Path(s.Prior.String("model")))
	} else {
		r, err := i.vectors.Check(e, i.model)
		if err != nil {
			return s.Prior.Errorf("model", "%v", err)
		}
		a.note("prior: the network agrees with its exporter: output to %.0e, gradient to %.0e", r.Out, r.Grad)
	}
	if i.rows == nil {
		d := i.coordinates.Dim() // whether it can be called at all
		if _, err := prior.NewResidual(e, p.DType, i.network, make([]float64, 2*d), d, []float64{1}); err != nil {
			return s.Prior.Errorf("model", "%v", err)
		}
		a.note("prior: warning: no data are given: whether the network denoises as output %q is not known", i.network.Output)
		return nil
	}
	r, err := i.network.CheckFit(e, p.DType, i.rows, i.coordinates.Dim())
	if err != nil {
		return s.Prior.Errorf("output", "%v", err)
	}
	a.note("prior: the network denoises: %.3g times the residual of u/(1+σ²) on noised data", r.Ratio)
	return nil
}
