// Package report turns a finished run into things people and programs read:
// report.json, a self-contained report.html, figure.svg and terminal tables.
//
// It holds pure functions over data: it opens no files, reads no clock, and the
// same input always gives the same bytes. One rule of the house is built in: a
// feasibility figure never stands without a distance to the law or, where no
// law is known, an effective sample size (ESS) beside it.
package report

// Schema names the format of report.json.
const Schema = "abide.report/1"

// The outcomes of a run.
const (
	StatusOK         = "ok"
	StatusLowESS     = "low-ess"
	StatusInfeasible = "infeasible"
	StatusNonFinite  = "non-finite"
	StatusCancelled  = "cancelled"
)

// Report is report.json. Pointers are nil, and null in the file, where a
// quantity does not exist for the run; numbers that are not finite are written
// as null as well, with a warning that names them.
type Report struct {
	Schema  string `json:"schema"`  // empty means Schema
	Status  string `json:"status"`  // one of the Status constants; empty means ok
	Message string `json:"message"` // what to change, for any status but ok
	Title   string `json:"title"`

	Method        string `json:"method"`         // the row of the method table, such as "twisted-smc"
	MethodSummary string `json:"method_summary"` // one sentence
	Exactness     string `json:"exactness"`      // "exact as …" or "biased: …"; the first word is read by Verdicts

	Samples    int `json:"samples"`
	Population int `json:"population"` // particles carried; 0 means the same as Samples

	FeasibleFraction *float64        `json:"feasible_fraction"` // share of samples that obey every row at once
	ESS              *ESS            `json:"ess"`               // nil where the method has no weights
	LogEvidence      *Estimate       `json:"log_evidence"`
	Constraints      []ConstraintRow `json:"constraints"`
	Potentials       []PotentialRow  `json:"potentials"`
	Reference        *Reference      `json:"reference"` // nil where the exact law is unknown
	Recovery         *Recovery       `json:"recovery"`  // nil where the true point is unknown
	Novelty          *Novelty        `json:"novelty"`   // nil where there is no data
	Cost             Cost            `json:"cost"`
	Columns          []ColumnSummary `json:"columns"`
	Warnings         []string        `json:"warnings"`
	Notes            []string        `json:"notes"`
}

// ESS is the effective sample size (Σw)²/Σw² of the population.
type ESS struct {
	Final    float64 `json:"final"`    // at the end
	Min      float64 `json:"min"`      // the smallest over all steps
	Fraction float64 `json:"fraction"` // Min / Population
}

// Estimate is a number with its standard error.
type Estimate struct {
	Value  float64 `json:"value"`
	StdErr float64 `json:"stderr"`
}

// ConstraintRow says how one row of a constraint was obeyed.
type ConstraintRow struct {
	Name             string   `json:"name"`
	Kind             string   `json:"kind"`              // "inequality" or "equality"
	Unit             string   `json:"unit"`              // may be empty
	FeasibleFraction float64  `json:"feasible_fraction"` // share of samples with violation ≤ Tolerance
	WeightedFraction *float64 `json:"weighted_fraction"` // the same share by weight; nil where weights are equal
	MaxViolation     float64  `json:"max_violation"`     // in Unit
	Tolerance        float64  `json:"tolerance"`         // in Unit
	// Relative is of laws of whole fields: root mean square of the residual over the
	// standard deviation of the field, whatever its amplitude.
	Relative *float64 `json:"relative"`
}

// PotentialRow summarises the energy of one potential over the samples.
type PotentialRow struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
}

// Distance is an energy distance √(2E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖) to a law.
type Distance struct {
	Distance float64 `json:"distance"`
	Floor    float64 `json:"floor"` // mean distance between two exact sets of this size
}

// Reference is the energy distance to the exact law, with what else is known of it.
type Reference struct {
	Distance    float64  `json:"distance"`
	Floor       float64  `json:"floor"`        // mean distance between two exact sets of this size
	Sliced      *Sliced  `json:"sliced"`       // nil where it was not measured
	Unit        string   `json:"unit"`         // of all distances
	Points      int      `json:"points"`       // in each set; 0: as many as samples
	LogEvidence *float64 `json:"log_evidence"` // log ∫ p(x) exp(−E(x)) dx in closed form, what log_evidence of the report estimates
	LogMarginal *float64 `json:"log_p_y"`      // log p(y), with the constants of the noise that energies leave out
}

// Sliced is a sliced 1-Wasserstein distance: the mean over directions of the
// distance between projections.
type Sliced struct {
	Distance float64 `json:"distance"`
	Floor    float64 `json:"floor"`
}

// Novelty compares how far samples lie from the nearest real row with how far
// real rows lie from each other, in standardised units.
type Novelty struct {
	Median     float64 `json:"median"`
	Q10        float64 `json:"q10"`
	Q90        float64 `json:"q90"`
	DataMedian float64 `json:"data_median"` // real rows to their nearest other row
	DataP90    float64 `json:"data_p90"`
	Copies     int     `json:"copies"` // samples closer than CopyDistance to a real row
}

// Cost is what the run took.
type Cost struct {
	DenoiserCalls int64   `json:"denoiser_calls"` // per sample of the population
	VJPCalls      int64   `json:"vjp_calls"`      // per sample of the population
	Seconds       float64 `json:"seconds"`
	SetupSeconds  float64 `json:"setup_seconds"`
}

// ColumnSummary describes one column of the samples and, where known, of the data.
type ColumnSummary struct {
	Name    string `json:"name"`
	Samples Stats  `json:"samples"` // by weight
	Data    *Stats `json:"data"`
}

// Stats are the usual summaries of one column.
type Stats struct {
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
	Min  float64 `json:"min"`
	Q05  float64 `json:"q05"`
	Q50  float64 `json:"q50"`
	Q95  float64 `json:"q95"`
	Max  float64 `json:"max"`
}

// status is Status with its default.
func (r *Report) status() string {
	if r.Status == "" {
		return StatusOK
	}
	return r.Status
}

// population is Population with its default.
func (r *Report) population() int {
	if r.Population <= 0 {
		return r.Samples
	}
	return r.Population
}

// worstRow is the row whose violation is largest in units of its tolerance.
func (r *Report) worstRow() (ConstraintRow, bool) {
	if len(r.Constraints) == 0 {
		return ConstraintRow{}, false
	}
	worst, ratio := r.Constraints[0], -1.0
	for _, row := range r.Constraints {
		// A violation that is not finite is the worst there is.
		if q := row.MaxViolation / max(row.Tolerance, 1e-300); !(q <= ratio) {
			worst, ratio = row, q
		}
		if !finite(row.MaxViolation) {
			return row, true
		}
	}
	return worst, true
}

// feasible is the share of samples that obey all rows; where only the rows'
// shares are known it is the smallest of them, an upper bound (exact is false).
func (r *Report) feasible() (share float64, exact bool) {
	if r.FeasibleFraction != nil {
		return *r.FeasibleFraction, true
	}
	share = 1
	for _, row := range r.Constraints {
		if !(row.FeasibleFraction >= share) {
			share = row.FeasibleFraction
		}
	}
	// Where every row is obeyed by all, or only one row exists, the bound is the share.
	return share, share == 1 || len(r.Constraints) == 1
}
