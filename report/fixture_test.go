package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"abide/dataio"

	"pgregory.net/rapid"
)

func ptr(v float64) *float64 { return &v }

// fullReport has every part filled.
func fullReport() *Report {
	return &Report{
		Status: StatusOK, Title: "mixes", Method: "twisted-smc",
		MethodSummary: "particles weighted and resampled", Exactness: "exact as the population grows",
		Samples: 40, Population: 160, FeasibleFraction: ptr(1),
		ESS:         &ESS{Final: 120.5, Min: 64.25, Fraction: 64.25 / 160},
		LogEvidence: &Estimate{Value: -3.5, StdErr: 0.125},
		Constraints: []ConstraintRow{
			{Name: "a + b <= 1", Kind: "inequality", Unit: "kg", FeasibleFraction: 1, WeightedFraction: ptr(1), MaxViolation: 2e-9, Tolerance: 1e-6},
			{Name: "volume", Kind: "equality", FeasibleFraction: 1, MaxViolation: 0, Tolerance: 1e-6},
		},
		Potentials: []PotentialRow{{Name: "cost", Mean: 2.5, Min: 1.25}},
		Reference: &Reference{
			Distance: 0.03, Floor: 0.02, Sliced: &Sliced{0.25, 0.125}, Unit: "unit of the columns", Points: 40,
			LogEvidence: ptr(-3.25), LogMarginal: ptr(-4.5),
		},
		Recovery: &Recovery{RMSE: 0.5, PSNR: ptr(24.5), SSIM: ptr(0.75), Range: 8, CRPS: 0.25, Error: 0.375, Coverage: 0.875, Level: 0.9},
		Novelty:  &Novelty{Median: 0.5, Q10: 0.25, Q90: 1, DataMedian: 0.375, DataP90: 0.75},
		Cost:     Cost{DenoiserCalls: 64, VJPCalls: 32, Seconds: 1.5, SetupSeconds: 0.25},
		Columns: []ColumnSummary{{Name: "a", Samples: Stats{1, 0.5, 0, 0.125, 1, 1.75, 2},
			Data: &Stats{1.5, 1, 0, 0.25, 1.5, 3, 4}}, {Name: "b", Samples: Stats{}}},
		Warnings: []string{"one thing"}, Notes: []string{"another"},
	}
}

// fullInput is a page with every section, n samples in the plane and m real rows.
func fullInput(n, m int) *Input {
	rng := rand.New(rand.NewPCG(7, 7))
	r := fullReport()
	r.Samples = n
	in := &Input{
		Report: r, Names: []string{"a", "b"},
		XAxis: Axis{Label: "a (kg)"}, YAxis: Axis{Label: "b (kg)"},
		Region: func(x, y float64) bool { return x+y <= 1 },
		Rank:   make([]float64, n), RankLabel: "cost", Feasible: make([]bool, n),
		Neighbours: &Neighbours{}, ESSTrace: []float64{160, 100, 64.25, 120.5},
		References: []string{"Wu et al. (2023), equation 9"},
		Facts:      []Fact{{"seed", "0"}, {"spec hash", "9f2c64"}},
	}
	for i := range n {
		x, y := rng.NormFloat64(), rng.NormFloat64()
		in.X = append(in.X, x, y)
		in.XAxis.Samples, in.YAxis.Samples = append(in.XAxis.Samples, x), append(in.YAxis.Samples, y)
		in.Rank[i], in.Feasible[i] = x-y, x+y <= 1
		in.Neighbours.Samples = append(in.Neighbours.Samples, math.Abs(x))
	}
	table := &dataio.Table{Names: in.Names, Rows: m}
	for range m {
		x, y := 2*rng.NormFloat64(), 2*rng.NormFloat64()
		table.Data = append(table.Data, x, y)
		in.XAxis.Data, in.YAxis.Data = append(in.XAxis.Data, x), append(in.YAxis.Data, y)
		in.Neighbours.Data = append(in.Neighbours.Data, math.Abs(y))
	}
	in.Data = table
	return in
}

// anyFloat favours the numbers that break things.
func anyFloat() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.SampledFrom([]float64{0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e-300, 1e300, 0.1}),
		rapid.Float64(),
	)
}

// anyReport draws reports with every part present or absent.
func anyReport(t *rapid.T) *Report {
	f := func(name string) float64 { return anyFloat().Draw(t, name) }
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "x <= 1", "</script><b>&amp;\"'", "\x00\x1b[31m\xff"}), rapid.String())
	r := &Report{
		Schema:  Schema,
		Status:  rapid.SampledFrom([]string{StatusOK, StatusLowESS, StatusInfeasible, StatusNonFinite, StatusCancelled}).Draw(t, "status"),
		Message: text.Draw(t, "message"), Title: text.Draw(t, "title"), Method: text.Draw(t, "method"),
		Exactness: rapid.SampledFrom([]string{"", "exact as N grows", "biased: crust", "biased"}).Draw(t, "exactness"),
		Samples:   rapid.IntRange(0, 1000).Draw(t, "samples"), Population: rapid.IntRange(1, 5000).Draw(t, "population"),
		Constraints: []ConstraintRow{}, Potentials: []PotentialRow{}, Columns: []ColumnSummary{}, Warnings: []string{}, Notes: []string{},
		Cost: Cost{DenoiserCalls: 3, Seconds: f("seconds")},
	}
	if rapid.Bool().Draw(t, "has ess") {
		r.ESS = &ESS{f("final"), f("min"), f("fraction")}
	}
	if rapid.Bool().Draw(t, "has reference") {
		z, p := rapid.Float64Range(-1e6, 1e6).Draw(t, "exact evidence"), -3.5
		r.Reference = &Reference{Distance: f("distance"), Floor: f("floor"), Unit: "unit", Points: 4, LogEvidence: &z, LogMarginal: &p}
		if rapid.Bool().Draw(t, "has sliced") {
			r.Reference.Sliced = &Sliced{f("sliced"), f("sliced floor")}
		}
	}
	if rapid.Bool().Draw(t, "has recovery") {
		r.Recovery = &Recovery{RMSE: f("rmse"), Range: f("range"), CRPS: f("crps"), Error: f("error"), Coverage: f("coverage"), Level: f("level")}
	}
	if rapid.Bool().Draw(t, "has novelty") {
		r.Novelty = &Novelty{f("m"), f("q10"), f("q90"), f("dm"), f("dp"), rapid.IntRange(0, 3).Draw(t, "copies")}
	}
	if rapid.Bool().Draw(t, "has evidence") {
		r.LogEvidence = &Estimate{f("value"), f("stderr")}
	}
	for range rapid.IntRange(0, 3).Draw(t, "rows") {
		r.Constraints = append(r.Constraints, ConstraintRow{text.Draw(t, "name"), "equality", text.Draw(t, "unit"), f("share"), nil, f("violation"), f("tolerance"), nil})
		r.Potentials = append(r.Potentials, PotentialRow{text.Draw(t, "name"), f("mean"), f("min")})
		r.Columns = append(r.Columns, ColumnSummary{text.Draw(t, "name"), Stats{f("a"), f("b"), f("c"), f("d"), f("e"), f("f"), f("g")}, nil})
	}
	return r
}

// failing is a writer that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

type fullError struct{}

func (fullError) Error() string { return "disk full" }

var errFull = fullError{}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
