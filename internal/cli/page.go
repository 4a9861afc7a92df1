package cli

import (
	"fmt"

	"abide/method"
	"abide/report"
	"abide/sampler"
)

// newInput is what the page and the figure are made of.
func newInput(st *study, r *report.Report, s *sampler.Samples, trace []float64, m *manifest) *report.Input {
	p := st.problem
	in := &report.Input{
		Report: r, Names: p.Prior.Coordinates.Names, X: s.X, LogW: s.LogW, Data: st.data,
		Rank: st.rank.values(s.X, s.Dim), RankLabel: st.rank.label, Top: st.spec.Report.Int("top"), ESSTrace: trace, Facts: facts(m),
	}
	_, in.Feasible = constraintRows(st, s, nil)
	in.XAxis, in.YAxis = st.x.over(st, s), st.y.over(st, s)
	if st.data == nil && st.exact != nil {
		in.Against = "exact draws"
	}
	in.Region = st.region()
	in.Neighbours = st.neighbours(s)
	in.Images = st.images(s)
	in.Recovered, in.Band = st.recovered(s, r.Columns), st.band(r.Columns)
	in.Fields = st.problem.Law != nil && len(st.measurements()) == 0
	in.References = referenceTexts(m.References)
	return in
}

// referenceTexts are the references for people; keys of a later version are left out.
func referenceTexts(keys []string) []string {
	var out []string
	for _, key := range keys {
		if refs, err := method.Cite([]string{key}); err == nil {
			out = append(out, refs[0].Text())
		}
	}
	return out
}

// facts are what one needs to make the run again.
func facts(m *manifest) []report.Fact {
	short := func(s string) string { return s[:min(16, len(s))] }
	out := []report.Fact{
		{Key: "seed", Value: fmt.Sprint(m.Seed)},
		{Key: "spec", Value: "spec.toml in this folder, sha256 " + short(m.SpecHash)},
	}
	if m.Prior.Fingerprint != "" {
		out = append(out, report.Fact{Key: "prior", Value: m.Prior.Description + ", " + short(m.Prior.Fingerprint)})
	} else {
		out = append(out, report.Fact{Key: "prior", Value: m.Prior.Description})
	}
	return append(out,
		report.Fact{Key: "abide", Value: m.Abide},
		report.Fact{Key: "built with", Value: m.Go + " for " + m.Platform},
		report.Fact{Key: "backend", Value: m.Backend},
		report.Fact{Key: "started", Value: m.Started.Format("2006-01-02 15:04:05 MST")},
	)
}
