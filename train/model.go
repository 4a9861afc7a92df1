package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"

	"abide/dataio"
	"abide/internal/engine"
	"abide/network"
	"abide/prior"
)

// Card is what a saved model says of itself; it stands in the metadata of the
// safetensors file.
type Card struct {
	Schema      string    `json:"schema"` // "abide.prior/2"
	Fingerprint string    `json:"fingerprint"`
	Settings    Settings  `json:"settings"`
	Columns     []string  `json:"columns"`
	Rows        int       `json:"rows"`
	Shift       []float64 `json:"shift"`
	Scale       []float64 `json:"scale"`
	HeldoutLoss float64   `json:"heldout_loss"` // weighted loss of these weights on rows never trained on; −1: no such rows
	BestStep    int       `json:"best_step"`    // the step they are of
}

const cardSchema = "abide.prior/2"

// Fingerprint names data and settings: the same fingerprint means the same model.
// The table holds the columns of the points and those of the conditions.
func Fingerprint(t *dataio.Table, s Settings) string {
	h := sha256.New()
	settings, _ := json.Marshal(s)
	fmt.Fprintf(h, "%s\n%s\n%q\n%d\n", cardSchema, settings, t.Names, t.Rows)
	binary.Write(h, binary.LittleEndian, t.Data)
	return hex.EncodeToString(h.Sum(nil))
}

// Resolution is how finely, in standard deviations, a network prior of the
// kind trained here tells points apart; see prior.Prior. Atoms of the data, such
// as ingredients that many mixes do without, come out smeared by about so much.
const Resolution = 0.02

// Model is a trained network with its card.
type Model struct {
	Card    Card
	Network network.Network
}

// Model is the best network so far, with its card; table holds points and
// conditions, as for [Fingerprint].
func (t *Trainer) Model(table *dataio.Table, at prior.Coordinates) *Model {
	t.Best()
	return &Model{Network: t.Network, Card: Card{
		Schema: cardSchema, Fingerprint: Fingerprint(table, t.Settings), Settings: t.Settings, Columns: at.Names,
		Rows: table.Rows, Shift: at.Shift, Scale: at.Scale, HeldoutLoss: finiteOr(t.state.BestLoss, -1), BestStep: t.state.BestStep,
	}}
}

func finiteOr(v, other float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return other
	}
	return v
}

// Write saves the model as safetensors; other software reads the weights by name.
func (m *Model) Write(w io.Writer) error {
	card, err := json.Marshal(m.Card)
	if err != nil {
		return fmt.Errorf("train: model card: %w", err)
	}
	var arrays []*dataio.Array
	for _, p := range m.Network.Weights() {
		v := p.Values()
		arrays = append(arrays, &dataio.Array{Name: p.Name, Shape: p.Shape, F32: v.F32, F64: v.F64})
	}
	return dataio.WriteSafetensors(w, arrays, map[string]string{"card": string(card)})
}

// Read loads a model and checks it against its card.
func Read(path string) (*Model, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("train: model: %w", err)
	}
	arrays, meta, err := dataio.ReadSafetensors(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("train: model %s: %w", path, err)
	}
	m := &Model{}
	if err := json.Unmarshal([]byte(meta["card"]), &m.Card); err != nil || m.Card.Schema != cardSchema {
		return nil, fmt.Errorf("train: model %s: no card of schema %s in its metadata: train it again with `abide train`", path, cardSchema)
	}
	c := m.Card
	s := c.Settings
	if d := len(c.Columns); d == 0 || len(c.Shift) != d || len(c.Scale) != d || s.Check(d) != nil {
		return nil, fmt.Errorf("train: model %s: its card describes no network: train it again with `abide train`", path)
	}
	byName := map[string]*dataio.Array{}
	for _, a := range arrays {
		byName[a.Name] = a
	}
	// Before any memory is taken for the network the card speaks of.
	for _, w := range s.Architecture(len(c.Columns)).Shapes() {
		if a := byName[w.Name]; a == nil || (a.F64 != nil) != (s.dtype() == engine.Float64) || a.I64 != nil || !slices.Equal(a.Shape, w.Dims) {
			return nil, fmt.Errorf("train: model %s: weights %q are missing or have the wrong size (want %v): train it again with `abide train`", path, w.Name, w.Dims)
		}
	}
	if m.Network, err = network.New(s.Architecture(len(c.Columns)), 0); err != nil {
		return nil, fmt.Errorf("train: model %s: %w", path, err)
	}
	for _, w := range m.Network.Weights() {
		a := byName[w.Name]
		for i, v := range a.Float64() {
			if v-v != 0 { // NaN or infinite
				return nil, fmt.Errorf("train: model %s: weights %q hold %v at place %d: the training diverged: train it again with a smaller learning_rate", path, w.Name, v, i)
			}
		}
		if a.F64 != nil {
			w.Data64 = a.F64
		}
		copy(w.Data, a.F32)
	}
	return m, nil
}

// ReadMatching loads the model at path when its fingerprint is the wanted one;
// a missing file or another fingerprint gives nil.
func ReadMatching(path, fingerprint string) (*Model, error) {
	m, err := Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if m.Card.Fingerprint != fingerprint {
		return nil, nil
	}
	return m, nil
}
