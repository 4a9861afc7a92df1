package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// TrainingSchema names the format of training.json.
const TrainingSchema = "abide.training/1"

// Training is training.json: what `abide train` did and how good the prior is.
// Numbers that are not finite are null.
type Training struct {
	Schema string `json:"schema"` // empty means TrainingSchema
	Title  string `json:"title"`

	Model       string      `json:"model"` // the file
	Fingerprint string      `json:"fingerprint"`
	Network     NetworkSize `json:"network"`

	FittedRows  int     `json:"fitted_rows"`
	HeldoutRows int     `json:"heldout_rows"`
	Steps       int     `json:"steps"`        // planned
	Batch       int     `json:"batch"`        // rows per step
	KeptStep    int     `json:"kept_step"`    // the step the kept weights are of
	HeldoutLoss float64 `json:"heldout_loss"` // of the kept weights; NaN where no row was held out
	Seconds     float64 `json:"seconds"`      // of training, over all parts of a resumed one

	Law     *Likeness       `json:"law"`     // nil where nothing was sampled
	Novelty *Novelty        `json:"novelty"` // samples to fitted rows, beside held-out rows to fitted rows
	Columns []ColumnSummary `json:"columns"` // samples beside held-out rows
	Curve   []TrainingPoint `json:"curve"`
	Notes   []string        `json:"notes"`
}

// NetworkSize is what a network asks for.
type NetworkSize struct {
	Parameters int     `json:"parameters"`
	FLOPs      int     `json:"flops_per_sample"` // of one forward pass
	TrainMiB   float64 `json:"training_mebibytes"`
}

// Likeness says how far samples of the prior lie from real rows, with the floor:
// the distance between two sets of real rows of the same sizes. Units are
// standardised.
type Likeness struct {
	Samples  int      `json:"samples"`
	Rows     int      `json:"rows"`
	Heldout  bool     `json:"heldout"` // the rows were held out; else they were fitted
	Energy   Distance `json:"energy_distance"`
	Sliced   Distance `json:"sliced_wasserstein"` // SW₂, the root of the mean square over directions
	Sampling Cost     `json:"sampling"`
}

// TrainingPoint is one point of the curve of a training.
type TrainingPoint struct {
	Step         int     `json:"step"`
	Loss         float64 `json:"loss"`          // mean over the steps since the last point
	Heldout      float64 `json:"heldout_loss"`  // NaN where no row is held out
	LearningRate float64 `json:"learning_rate"` // at this step
	GradientNorm float64 `json:"gradient_norm"` // before clipping
	PerSecond    float64 `json:"examples_per_second"`
	Seconds      float64 `json:"seconds"` // of training, over all parts of a resumed one
	Time         float64 `json:"time"`    // seconds since 1970
}

// MarshalJSON writes numbers that are not finite as null.
func (p TrainingPoint) MarshalJSON() ([]byte, error) { return marshal(p) }

// UnmarshalJSON reads null as NaN.
func (p *TrainingPoint) UnmarshalJSON(b []byte) error {
	type plainly TrainingPoint
	return unmarshal(b, (*plainly)(p))
}

// MarshalJSON writes numbers that are not finite as null.
func (t Training) MarshalJSON() ([]byte, error) {
	t.Schema = TrainingSchema
	return marshal(t)
}

// UnmarshalJSON reads null as NaN.
func (t *Training) UnmarshalJSON(b []byte) error {
	type plainly Training
	if err := unmarshal(b, (*plainly)(t)); err != nil {
		return err
	}
	if t.Schema != TrainingSchema {
		return fmt.Errorf("report: training: schema %q is not %q: train again with this version", t.Schema, TrainingSchema)
	}
	return nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := encode(&b, reflect.ValueOf(v))
	return b.Bytes(), err
}

func unmarshal(b []byte, to any) error {
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return fmt.Errorf("report: training: %w", err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("report: training: %w", err)
	}
	restore(reflect.ValueOf(to).Elem(), tree)
	return nil
}

// WriteTrainingJSON writes training.json, two spaces of indent.
func WriteTrainingJSON(w io.Writer, t *Training) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("report: training: %w", err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("report: training: %w", err)
	}
	return nil
}
