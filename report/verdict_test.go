package report

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Two to five sentences, and no feasibility figure without a word on the law.
func TestVerdictsKeepTheRuleOfTheHouse(t *testing.T) {
	feasible := regexp.MustCompile(`obeys? every constraint|has no constraints`)
	law := regexp.MustCompile(`distance to the exact law is .* apart|smallest effective sample size was .* of |is not known`)
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		got := Verdicts(r)
		if len(got) < 2 || len(got) > 5 {
			t.Fatalf("%d sentences: %q", len(got), got)
		}
		said := false
		for _, s := range got {
			if r.Status == StatusInfeasible && strings.HasPrefix(s, "For some samples") {
				continue // no figure
			}
			if feasible.MatchString(s) {
				said = true
				if !law.MatchString(s) {
					t.Fatalf("alone: %q", s)
				}
			}
		}
		if !said && r.Samples > 0 {
			t.Fatalf("nothing on feasibility: %q", got)
		}
		all := strings.Join(got, " ")
		if r.Samples > 0 && r.Unreliable() != strings.Contains(all, "Unreliable: ") {
			t.Fatalf("unreliable %v: %q", r.Unreliable(), got)
		}
		if r.Samples > 0 && strings.HasPrefix(r.Exactness, "biased") != strings.Contains(all, " is biased: ") {
			t.Fatalf("%s: %q", r.Exactness, got)
		}
	})
}

func TestVerdicts(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Report)
		want   []string
	}{
		"as it should be": {func(r *Report) {}, []string{
			"All 40 samples obey every constraint (worst: a + b <= 1 by 2e-9 kg, tolerance 1e-6 kg); the distance to the exact law is 0.03, where two exact sets are 0.02 apart, and the smallest effective sample size was 64 of 160.",
			"as close to the exact law as their number lets one see (1.5 times",
			"new but lie near real rows",
		}},
		"wrong law": {func(r *Report) { r.Reference.Distance = 0.2 }, []string{"All 40", "wrong law (10.0 times", "new"}},
		"off":       {func(r *Report) { r.Reference.Distance = 0.06 }, []string{"All 40", "near the exact law but not there (3.0 times", "new"}},
		"low ess":   {func(r *Report) { r.ESS.Min = 4 }, []string{"All 40", "Unreliable: at its worst step the population was worth 4 of 160 independent points. Raise [method] particles", "new"}},
		"low ess of many": {func(r *Report) { r.Population, r.ESS.Min = 8192, 300 },
			[]string{"All 40", "Unreliable: at its worst step the population was worth 300 of 8192", "new"}},
		"low ess with advice": {func(r *Report) { r.Status, r.Message, r.ESS.Min = StatusLowESS, "loosen volume", 2 },
			[]string{"All 40", "independent points. Loosen volume.", "new"}},
		"biased": {func(r *Report) {
			r.Method, r.Exactness, r.ESS, r.Reference = "project", "biased: mass piles up on the boundary", nil, nil
		},
			[]string{"how far they are from the law they should have is not known", "project carries no weights and no exact law is known", "project is biased: mass piles up on the boundary.", "new"}},
		"nothing to obey": {func(r *Report) { r.Constraints, r.FeasibleFraction, r.ESS, r.Reference = nil, nil, nil, nil },
			[]string{"The run has no constraints; how far the samples are from the law they should have is not known.", "no exact law is known", "new"}},
		"infeasible": {func(r *Report) {
			r.Status, r.Message, r.FeasibleFraction = StatusInfeasible, "row volume cannot be met", ptr(0.9999)
			r.Constraints[1].MaxViolation = 3
		},
			[]string{"no point was found that obeys every constraint. Row volume cannot be met.", "Only > 99.9 % of the samples obey every constraint (worst: volume by 3, tolerance 1e-6)", "law", "new"}},
		"bound only": {func(r *Report) {
			r.FeasibleFraction, r.Constraints[0].FeasibleFraction, r.Constraints[1].FeasibleFraction = nil, 0.5, 0.75
		},
			[]string{"At most 50.0 %", "law", "new"}},
		"copies":  {func(r *Report) { r.Novelty.Copies = 3 }, []string{"All", "law", "3 of 40 samples copy a real row"}},
		"close":   {func(r *Report) { r.Novelty.Median = 0.1 }, []string{"All", "law", "close to copies"}},
		"far":     {func(r *Report) { r.Novelty.Median = 1.2 }, []string{"All", "law", "the prior extrapolates there"}},
		"stopped": {func(r *Report) { r.Status, r.Samples, r.Message = StatusCancelled, 0, "continue with --resume" }, []string{"The run was stopped before its end: these samples are not finished. Continue with --resume.", "Nothing can be said"}},
		"no weights lost": {func(r *Report) { r.Reference = nil }, []string{"All",
			"The weights stayed healthy (at least 40.2 % of the population), which is needed for the right law but does not prove it: compare a second seed.", "new"}},
		"nan violation": {func(r *Report) { r.Constraints[0].MaxViolation = math.NaN(); r.FeasibleFraction = ptr(0.5) }, []string{"worst: a + b <= 1 by NaN", "law", "new"}},
	} {
		r := fullReport()
		test.change(r)
		got := Verdicts(r)
		if len(got) != len(test.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], test.want[i]) {
				t.Errorf("%s: sentence %d is %q, want %q in it", name, i+1, got[i], test.want[i])
			}
		}
	}
}

func TestDemoVerdicts(t *testing.T) {
	nan := math.NaN()
	rows := []DemoRow{
		{Method: "none", Feasible: 0.251, Worst: 3.1384, Distance: 1.16, MinESS: nan},
		{Method: "project", Feasible: 0.964, Worst: 0.0028, Distance: 0.755, MinESS: nan},
		{Method: "guided", Feasible: 0.748, Worst: 0.1781, Distance: 0.531, MinESS: nan},
		{Method: "twisted-smc", Feasible: 1, Distance: 0.031, MinESS: 1149, Population: 2000, Seconds: 0.3},
		{Method: "exact", Feasible: 1, Distance: 0.024, MinESS: nan, Reference: true},
	}
	want := []string{
		"project (96.4 % feasible, 31.5 times the floor) is feasible or nearly so, but has the wrong law: feasible is not right.",
		"none (25.1 % feasible, 48.3 times the floor) and guided (74.8 % feasible, 22.1 times the floor) neither obey the constraints nor have the right law.",
		"twisted-smc (100.0 % feasible, 1.3 times the floor, min ESS 1149 of 2000) obeys every constraint and cannot be told from exact samples. Check another seed with --seed.",
	}
	if got := DemoVerdicts(rows, 0.024); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	rows[3].MinESS, rows[3].Distance = 4, 0.026 // right by luck, weights gone
	got := DemoVerdicts(rows, 0.024)
	if last := got[len(got)-1]; !strings.HasPrefix(last, "twisted-smc (") || !strings.Contains(last, "is unreliable: its weights collapsed") {
		t.Errorf("a collapse passes: %q", got)
	}
	rows[3].MinESS, rows[3].Distance = 1149, 0.06
	if got := DemoVerdicts(rows, 0.024); !strings.Contains(strings.Join(got, " "), "2.5 times the floor, min ESS 1149 of 2000) comes close without being right") {
		t.Errorf("near: %q", got)
	}
}
