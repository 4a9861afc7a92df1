package particle

import (
	"context"
	"fmt"
	"math"

	"abide/constraint"
	"abide/diagnose"
	"abide/internal/keyed"
	"abide/sampler"
)

// projectors prepares the projections of the end: onto the equations alone, and
// onto everything.
func (k *SMC) projectors() (err error) {
	p := k.problem
	if len(p.Constraints) == 0 {
		return nil
	}
	scale := p.Prior.Coordinates.Scale
	if k.all, err = constraint.NewProjector(p.Constraints, scale); err != nil {
		return err
	}
	var eq []constraint.Constraint
	for _, c := range p.Constraints {
		for _, r := range c.Rows() {
			if r.Kind == constraint.Equality {
				eq = append(eq, c)
				break
			}
		}
	}
	if len(eq) > 0 {
		k.equality, err = constraint.NewProjector(eq, scale)
	}
	return err
}

// last takes the population from the lowest noise level to clean points: the
// denoiser's mean, projected onto the equations, weighed by the constraints and
// potentials themselves instead of by ψ. From here s.Z holds u.
//
// An equation is the limit of a Gaussian of width ρ (the prior's resolution, at
// least the lowest noise level), whose density stays in the weight; the
// projection then moves a point by about ρ. With an exact denoiser a point outside
// an inequality has weight zero. A network cannot tell points closer than ρ apart:
// there the indicator is the limit of Φ(·/ρ) in the same way, and what is left
// outside is projected.
func (k *SMC) last(ctx context.Context, s *sampler.State) error {
	d := k.d
	next := make([]float64, len(s.Z))
	moved := make([]float64, s.N)
	err := k.each(ctx, s, "end", func(i int, e eye) error {
		psi := e.psi(i, s.Adapted[0])
		logw, by := e.end(next[i*d : (i+1)*d])
		s.LogW[i] += logw - psi
		if math.IsNaN(s.LogW[i]) {
			s.LogW[i] = math.Inf(-1)
		}
		moved[i] = by
		return nil
	})
	s.Z, s.Memory = next, moved
	s.Step++
	s.ESS = append(s.ESS, diagnose.ESS(s.LogW))
	return err
}

// kept is the part of log ψ at the lowest noise level that stays in the weight.
func (k *SMC) kept(w *look) float64 {
	if k.problem.Prior.Resolution > 0 {
		return w.logEq + w.logHard
	}
	return w.logEq
}

// clean puts x on the equations and returns log of exp(−E)·1[g ≤ 0] and how far
// x was moved, in standard deviations.
func (k *SMC) clean(x []float64) (logG, moved float64) {
	start := append([]float64(nil), x...)
	if k.equality != nil {
		if o := k.equality.Project(x); o.Infeasible {
			return math.Inf(-1), 0
		}
	}
	if k.all != nil {
		before := append([]float64(nil), x...)
		if o := k.all.Project(x); o.Infeasible || k.distance(before, x) > k.repair*math.Sqrt(float64(k.d)) {
			copy(x, before)
			return math.Inf(-1), k.distance(start, x)
		}
	}
	return -k.problem.Energy(x), k.distance(start, x)
}

// distance between two points x, in standard deviations of the columns.
func (k *SMC) distance(a, b []float64) float64 {
	var s float64
	for j, scale := range k.problem.Prior.Coordinates.Scale {
		r := (a[j] - b[j]) / scale
		s += r * r
	}
	return math.Sqrt(s)
}

// Finish turns the final population into samples.
func (k *SMC) Finish(ctx context.Context, s *sampler.State) (*sampler.Samples, error) {
	d, at := k.d, k.problem.Prior.Coordinates
	ess := diagnose.ESS(s.LogW)
	if !(ess > 0) {
		return nil, fmt.Errorf("particle: twisted-smc: no particle of %d obeys the constraints at the end: loosen them, raise particles or steps, or use method project to see how far away they are", s.N)
	}
	out := &sampler.Samples{
		Dim: d, HasEvidence: true, HasESS: true, Population: s.N, ESSFinal: ess, ESSMin: ess,
		LogEvidence: s.LogEvidence + diagnose.LogMeanExp(s.LogW), EvidenceStd: evidenceStd(s.LogW, s.Ancestor),
	}
	for _, e := range s.ESS {
		out.ESSMin = math.Min(out.ESSMin, e)
	}
	index := make([]int, s.N)
	for i := range index {
		index[i] = i
	}
	out.LogW = make([]float64, k.Samples)
	if k.Samples < s.N {
		index, _ = Systematic(s.LogW, k.Samples, keyed.New(k.Seed, "draw", 0, 0).Uniform())
		for i := range out.LogW {
			out.LogW[i] = out.LogEvidence
		}
	} else {
		for i := range out.LogW {
			out.LogW[i] = s.LogEvidence + s.LogW[i]
		}
	}
	u := gather(s.Z, index, d)
	if k.Samples < s.N {
		accepted := 0.0
		if !k.KeepCopies {
			var err error
			if accepted, err = k.rejuvenate(ctx, u, s.Adapted[0], rejuvenationLevel); err != nil {
				return nil, err
			}
		}
		out.Notes = append(out.Notes, fmt.Sprintf("%d points were drawn systematically from a weighted population of %d and are equally weighted; %.0f %% of them were moved by a rejuvenation step that leaves the law unchanged", k.Samples, s.N, 100*accepted))
	}
	out.Notes = append(out.Notes, k.form.note())
	if w := k.grid.TerminalWarning(); w != "" {
		out.Warnings = append(out.Warnings, w)
	}
	out.N = len(index)
	out.Ancestor = make([]int64, out.N)
	for i, a := range index {
		out.Ancestor[i] = s.Ancestor[a]
	}
	out.X = make([]float64, len(u))
	at.ToX(out.X, u)
	k.snap(out.X)
	if k.equality != nil || k.all != nil && k.repair > 0 {
		out.Notes = append(out.Notes, k.shiftNote(s))
	}
	return out, nil
}

// snap undoes the rounding that the way through sampler coordinates adds to the rows.
func (k *SMC) snap(x []float64) {
	if k.all == nil {
		return
	}
	for i := 0; i < len(x); i += k.d {
		k.all.Project(x[i : i+k.d])
	}
}

func (k *SMC) shiftNote(s *sampler.State) string {
	var mean float64
	for i, w := range diagnose.Weights(s.LogW) {
		mean += w * s.Memory[i]
	}
	return fmt.Sprintf("the final projection moved a point by %.2g standard deviations in the mean: that is the bias in position that projected rows can have", mean)
}

// evidenceStd is the standard error of the log evidence from one run (Chan and
// Lai 2013, section 2; Lee and Whiteley 2018): √Σₐ (Wₐ − 1/N)², with Wₐ the
// final weight of all descendants of starting particle a.
func evidenceStd(logw []float64, ancestor []int64) float64 {
	family := make([]float64, len(logw))
	for i, w := range diagnose.Weights(logw) {
		family[ancestor[i]] += w
	}
	var s float64
	for _, f := range family {
		r := f - 1/float64(len(logw))
		s += r * r
	}
	return math.Sqrt(s)
}
