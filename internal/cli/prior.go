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
	"abide/train"
)

// newPrior makes the prior of a spec, reading its data. A diffusion prior comes
// back with its columns and its data but without a denoiser: that one may have
// to be trained, and much can be checked before.
func newPrior(s *spec.Spec) (p *prior.Prior, err error) {
	b := s.Prior
	switch b.Kind {
	case "diffusion":
		p, err = newOutline(s)
	default:
		p, err = newAnalytic(s, b)
	}
	if err == nil && s.Run.Has("dtype") {
		p.DType = map[string]engine.DType{"float32": engine.Float32, "float64": engine.Float64}[s.Run.String("dtype")]
	}
	return p, err
}

// newOutline is a diffusion prior before its network.
func newOutline(s *spec.Spec) (*prior.Prior, error) {
	t, err := readData(s)
	if err != nil {
		return nil, err
	}
	at, err := prior.Standardise(t)
	if err != nil {
		return nil, s.Prior.Errorf("data", "%v", err)
	}
	return &prior.Prior{
		Kind: "diffusion", Coordinates: at, DType: engine.Float32, Data: t, Resolution: train.Resolution,
		Fingerprint: train.Fingerprint(t, settingsOf(s.Prior)),
		Describe:    fmt.Sprintf("diffusion network on %d rows", t.Rows),
	}, nil
}

func readData(s *spec.Spec) (*dataio.Table, error) {
	t, err := dataio.ReadTable(s.Path(s.Prior.String("data")), s.Prior.Strings("columns"))
	if err != nil {
		return nil, s.Prior.Errorf("data", "%v", err)
	}
	return t, nil
}

// settingsOf are the training settings in a diffusion prior's block.
func settingsOf(b *spec.Block) train.Settings {
	return train.Settings{
		Width: b.Int("width"), Depth: b.Int("depth"), Embedding: b.Int("embedding"),
		Steps: b.Int("steps"), Batch: b.Int("batch"), LearningRate: b.Float("learning_rate"), EMA: b.Float("ema"),
		WeightDecay: b.Float("weight_decay"), Holdout: b.Float("holdout"),
		Patience: b.Int("patience"), Seed: uint64(b.Int("seed")),
	}
}

// tableHash names the content of a table.
func tableHash(t *dataio.Table) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%d\n", t.Names, t.Rows)
	binary.Write(h, binary.LittleEndian, t.Data)
	return hex.EncodeToString(h.Sum(nil))
}
