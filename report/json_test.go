package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files again")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run go test -update:\n%s", path, d)
	}
}

// The format is public: a change of key or order shows here.
func TestJSONSchema(t *testing.T) {
	var b bytes.Buffer
	must(t, WriteJSON(&b, fullReport()))
	golden(t, "testdata/report.json", b.Bytes())
	b.Reset()
	must(t, WriteJSON(&b, &Report{}))
	golden(t, "testdata/empty.json", b.Bytes())
}

// What is read is what was written, numbers that are not finite apart: they
// come back as NaN, absent where the whole quantity is a pointer to a number.
func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyReport(t)
		var b bytes.Buffer
		if err := WriteJSON(&b, want); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b.Bytes()) {
			t.Fatalf("not JSON: %s", b.Bytes())
		}
		got, err := ReadJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		lost := len(got.Warnings) - len(want.Warnings)
		ignore := cmpopts.IgnoreFields(Report{}, "Warnings")
		lossy := cmp.Options{ // and invalid UTF-8 is replaced, byte by byte
			cmp.FilterValues(func(a, b float64) bool { return !finite(a) || !finite(b) },
				cmp.Comparer(func(a, b float64) bool { return !finite(a) && !finite(b) })),
			cmp.FilterValues(func(a, b string) bool { return true },
				cmp.Comparer(func(a, b string) bool { return string([]rune(a)) == string([]rune(b)) }))}
		if d := cmp.Diff(want, got, ignore, lossy); d != "" {
			t.Fatal(d)
		}
		if nulls := countNonFinite(want); lost != nulls {
			t.Fatalf("%d numbers are not finite, %d warnings", nulls, lost)
		}
	})
}

// countNonFinite counts by hand, field by field, what WriteJSON finds by reflection.
func countNonFinite(r *Report) int {
	values := []float64{r.Cost.Seconds, r.Cost.SetupSeconds}
	if r.ESS != nil {
		values = append(values, r.ESS.Final, r.ESS.Min, r.ESS.Fraction)
	}
	if r.Reference != nil {
		values = append(values, r.Reference.Distance, r.Reference.Floor)
		if s := r.Reference.Sliced; s != nil {
			values = append(values, s.Distance, s.Floor)
		}
	}
	if c := r.Recovery; c != nil {
		values = append(values, c.RMSE, c.Range, c.CRPS, c.Error, c.Coverage, c.Level)
	}
	if n := r.Novelty; n != nil {
		values = append(values, n.Median, n.Q10, n.Q90, n.DataMedian, n.DataP90)
	}
	if r.LogEvidence != nil {
		values = append(values, r.LogEvidence.Value, r.LogEvidence.StdErr)
	}
	for _, c := range r.Constraints {
		values = append(values, c.FeasibleFraction, c.MaxViolation, c.Tolerance)
	}
	for _, p := range r.Potentials {
		values = append(values, p.Mean, p.Min)
	}
	for _, c := range r.Columns {
		s := c.Samples
		values = append(values, s.Mean, s.Std, s.Min, s.Q05, s.Q50, s.Q95, s.Max)
	}
	n := 0
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			n++
		}
	}
	return n
}

func TestJSONNamesWhatIsNotFinite(t *testing.T) {
	r := fullReport()
	r.LogEvidence.Value = math.Inf(-1)
	r.Constraints[1].MaxViolation = math.NaN()
	var b bytes.Buffer
	must(t, WriteJSON(&b, r))
	for _, want := range []string{"log_evidence.value is -Inf, written as null", "constraints[1].max_violation is NaN, written as null"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if len(r.Warnings) != 1 {
		t.Errorf("the caller's report was changed: %q", r.Warnings)
	}
}

func TestReadJSONErrors(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"empty":        {"", "unexpected end"},
		"not json":     {"status: ok", "invalid character"},
		"other schema": {`{"schema":"abide.report/9"}`, `"abide.report/9" is not "abide.report/1"`},
		"wrong type":   {`{"schema":"abide.report/1","samples":"many"}`, "samples"},
	} {
		_, err := ReadJSON(strings.NewReader(test.in))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "report: json: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	seed, err := os.ReadFile("testdata/report.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"schema":"abide.report/1","constraints":[null,{"max_violation":null}],"ess":{},"columns":[{"data":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		must(t, WriteJSON(&first, r))
		again, err := ReadJSON(bytes.NewReader(first.Bytes()))
		must(t, err)
		again.Warnings = r.Warnings
		must(t, WriteJSON(&second, again))
		if first.String() != second.String() {
			t.Errorf("second writing differs:\n%s\n%s", first.String(), second.String())
		}
	})
}

func TestWriteErrorsAreReturned(t *testing.T) {
	in := fullInput(3, 3)
	for name, err := range map[string]error{
		"json":   WriteJSON(failing{}, in.Report),
		"html":   WriteHTML(failing{}, in),
		"figure": WriteFigure(failing{}, in),
		"panels": WritePanels(failing{}, &PanelFigure{}),
		"table":  Table(failing{}, in.Report, false),
		"demo":   DemoTable(failing{}, nil, 1, false),
	} {
		if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "report: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
