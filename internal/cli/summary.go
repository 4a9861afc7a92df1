package cli

import (
	"fmt"
	"math"
	"strings"

	"abide/constraint"
	"abide/diagnose"
	"abide/method"
	"abide/report"
	"abide/run"
	"abide/sampler"
)

// newReport is report.json of a finished run.
func newReport(st *study, m method.Method, o *run.Outcome, setup float64) *report.Report {
	s := o.Samples
	r := &report.Report{
		Status: o.Status, Message: o.Message, Title: st.title(),
		Method: m.Name, MethodSummary: m.Summary, Exactness: m.Exact,
		Samples: s.N, Population: s.Population, Notes: s.Notes, Warnings: s.Warnings,
		Cost: report.Cost{DenoiserCalls: o.DenoiserCalls, VJPCalls: o.VJPCalls, Seconds: o.Seconds, SetupSeconds: setup},
	}
	r.Warnings = append(r.Warnings, samplerWarnings(st.spec, m, st.problem.Prior)...)
	if s.HasESS {
		r.ESS = &report.ESS{Final: s.ESSFinal, Min: s.ESSMin, Fraction: s.ESSMin / float64(s.Population)}
	}
	if s.HasEvidence {
		r.LogEvidence = &report.Estimate{Value: s.LogEvidence, StdErr: s.EvidenceStd}
	}
	x, are := st.checkPoints(lawDraws)
	r.Warnings = append(r.Warnings, st.lawWarnings(x, are)...)
	w := normalised(s.LogW)
	if dead := s.N - living(w, s.N); dead > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d of the %d points have weight zero: they are no samples of the law and count in no figure", dead, s.N))
	}
	rows, obeys := constraintRows(st, s, w)
	r.Constraints, r.FeasibleFraction = rows, feasibleShare(obeys, w)
	for _, p := range st.problem.Potentials {
		row := report.PotentialRow{Name: oneLine(p.Name()), Min: math.Inf(1)}
		for i := range s.N {
			if m := weight(w, i, s.N); m > 0 {
				e := p.EnergyAt(s.X[i*s.Dim : (i+1)*s.Dim])
				row.Mean += e * m
				row.Min = math.Min(row.Min, e)
			}
		}
		r.Potentials = append(r.Potentials, row)
	}
	r.Columns = report.Summarise(st.problem.Prior.Coordinates.Names, s.X, s.LogW, st.data)
	r.Recovery = st.recovery(s, r.Columns)
	r.Reference = st.distance(s, w)
	r.Novelty = report.NewNovelty(st.neighbours(s))
	return r
}

// constraintRows says how each row was obeyed, and which points obey all of
// them; nil where there are no rows. Points of weight zero are not counted.
func constraintRows(st *study, s *sampler.Samples, w []float64) (rows []report.ConstraintRow, obeys []bool) {
	if st.problem.Law != nil {
		return st.lawSummary(s.X, w)
	}
	cs, n := st.problem.Constraints, living(w, s.N)
	violations := constraint.Violations(cs, s.X, s.Dim)
	if len(cs) > 0 {
		obeys = allTrue(s.N)
	}
	for k, c := range cs {
		m := len(c.Rows())
		for j, row := range c.Rows() {
			out := report.ConstraintRow{Name: st.rowName(k, j), Kind: "inequality", Tolerance: row.Tolerance}
			if row.Kind == constraint.Equality {
				out.Kind = "equality"
			}
			count, weighted := 0, 0.0
			for i := range s.N {
				v, mass := violations[k][i*m+j], weight(w, i, s.N)
				obeys[i] = obeys[i] && v <= row.Tolerance
				if mass == 0 {
					continue
				}
				out.MaxViolation = math.Max(out.MaxViolation, v)
				if v <= row.Tolerance {
					count++
					weighted += mass
				}
			}
			out.FeasibleFraction = float64(count) / float64(n)
			if w != nil {
				if count == n {
					weighted = 1 // not the sum of rounded weights
				}
				out.WeightedFraction = &weighted
			}
			rows = append(rows, out)
		}
	}
	return rows, obeys
}

// feasibleShare is the share of points of some weight that obey every row; nil
// where there are no rows.
func feasibleShare(obeys []bool, w []float64) *float64 {
	if obeys == nil {
		return nil
	}
	count, n := 0, len(obeys)
	for i, ok := range obeys {
		if ok && weight(w, i, n) > 0 {
			count++
		}
	}
	share := float64(count) / float64(living(w, n))
	return &share
}

// rowName is what a row is called in tables: the name its block was given, or
// the row's own text.
func (st *study) rowName(k, j int) string {
	c := st.problem.Constraints[k]
	if len(c.Rows()) == 1 && st.spec.Constraints[k].Given("name") {
		return oneLine(c.Name())
	}
	return oneLine(c.Rows()[j].Name)
}

// oneLine joins the lines of a formula.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// neighbours are the distances of samples, and of real rows, to the nearest real
// row; nil where there are no data.
func (st *study) neighbours(s *sampler.Samples) *report.Neighbours {
	if st.data == nil {
		return nil
	}
	scale := st.problem.Prior.Coordinates.Scale
	return &report.Neighbours{
		Samples: diagnose.NearestNeighbour(s.X, st.data.Data, s.Dim, scale),
		Data:    diagnose.LeaveOneOut(st.data.Data, s.Dim, scale),
	}
}

// normalised turns log-weights into weights that sum to 1; nil where they are equal.
func normalised(logw []float64) []float64 {
	top, low := math.Inf(-1), math.Inf(1)
	for _, l := range logw {
		top, low = math.Max(top, l), math.Min(low, l)
	}
	if top == low || math.IsInf(top, -1) {
		return nil
	}
	w, total := make([]float64, len(logw)), 0.0
	for i, l := range logw {
		w[i] = math.Exp(l - top)
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
	return w
}

// living counts the points of some weight.
func living(w []float64, n int) int {
	if w == nil {
		return n
	}
	count := 0
	for _, v := range w {
		if v > 0 {
			count++
		}
	}
	return count
}

func weight(w []float64, i, n int) float64 {
	if w == nil {
		return 1 / float64(n)
	}
	return w[i]
}

func allTrue(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}
