package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

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
	case "diffusion", "flow":
		p, err = newOutline(s)
	case "onnx":
		p, err = newImported(s)
	default:
		p, err = newAnalytic(s, b)
	}
	if err == nil && s.Run.Has("dtype") {
		p.DType = map[string]engine.DType{"float32": engine.Float32, "float64": engine.Float64}[s.Run.String("dtype")]
	}
	return p, err
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
