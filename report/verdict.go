package report

import (
	"fmt"
	"strings"
)

// Thresholds of the verdicts.
const (
	// An ESS below a twentieth of the population, or below 30 points whatever
	// the population, does not carry quantiles: the run is called unreliable.
	lowESSFraction = 1.0 / 20
	lowESSCount    = 30

	// Two exact sets lie Floor apart on average and seldom twice that.
	closeFloors = 2
	wrongFloors = 5

	// Median distance to the nearest real row, in units of the real rows' own
	// 90th percentile: below are near-copies, above is extrapolation.
	nearP90 = 0.15
	farP90  = 1.5
)

// Unreliable says whether the effective sample size is too low for the samples to be trusted.
func (r *Report) Unreliable() bool {
	if r.status() == StatusLowESS {
		return true
	}
	if r.ESS == nil {
		return false
	}
	return !(r.ESS.Min >= max(lowESSCount, lowESSFraction*float64(r.population())))
}

// Biased says whether the method declares that its law is not the target's, in any limit.
func (r *Report) Biased() bool { return strings.HasPrefix(r.Exactness, "biased") }

// wrongLaw says whether the samples are known to be far from the exact law.
func (r *Report) wrongLaw() bool {
	return r.Reference != nil && !(r.Reference.Distance <= wrongFloors*r.Reference.Floor)
}

// Verdicts are two to five plain sentences in which the tool judges the run.
// Feasibility never stands alone: the same sentence gives a distance to the law
// or an ESS, or says that neither is known.
func Verdicts(r *Report) []string {
	var out []string
	if s := statusVerdict(r); s != "" {
		out = append(out, s)
	}
	if r.Samples == 0 {
		if len(out) == 0 {
			out = append(out, "The run gave no samples.")
		}
		return append(out, "Nothing can be said about constraints or about the law.")
	}
	out = append(out, feasibilityVerdict(r), lawVerdict(r))
	if r.Biased() {
		out = append(out, biasVerdict(r))
	}
	if r.Novelty != nil {
		out = append(out, noveltyVerdict(r))
	}
	return out
}

// statusVerdict covers what the other sentences do not.
func statusVerdict(r *Report) string {
	var s string
	switch r.status() {
	case StatusCancelled:
		s = "The run was stopped before its end: these samples are not finished."
	case StatusNonFinite:
		s = "Numbers became infinite or undefined: do not use these samples."
	case StatusInfeasible:
		s = "For some samples no point was found that obeys every constraint."
	default:
		return ""
	}
	return strings.TrimSpace(s + " " + sentence(r.Message))
}

// sentence gives a message a capital letter and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(plain(s))
	if s == "" {
		return ""
	}
	runes := []rune(s)
	s = strings.ToUpper(string(runes[0])) + string(runes[1:])
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

func feasibilityVerdict(r *Report) string {
	worst, any := r.worstRow()
	if !any {
		return "The run has no constraints; " + companion(r, "the samples are") + "."
	}
	share, exact := r.feasible()
	bound := "exactly"
	if worst.MaxViolation != 0 {
		bound = fmt.Sprintf("(worst: %s by %s, tolerance %s)", plain(worst.Name),
			withUnit(number(worst.MaxViolation), worst.Unit), withUnit(number(worst.Tolerance), worst.Unit))
	}
	switch {
	case share == 1 && r.Samples == 1:
		return fmt.Sprintf("The one sample obeys every constraint %s; %s.", bound, companion(r, "they are"))
	case share == 1:
		return fmt.Sprintf("All %s samples obey every constraint %s; %s.", count(r.Samples), bound, companion(r, "they are"))
	case exact:
		return fmt.Sprintf("Only %s of the samples obey every constraint %s; %s.", percent(share), bound, companion(r, "they are"))
	}
	return fmt.Sprintf("At most %s of the samples obey every constraint %s; %s.", percent(share), bound, companion(r, "they are"))
}

// companion is the distance or the ESS that goes with a feasibility figure, or what
// is not known of the samples.
func companion(r *Report, they string) string {
	var parts []string
	if r.Reference != nil {
		parts = append(parts, fmt.Sprintf("the distance to the exact law is %s, where two exact sets are %s apart",
			number(r.Reference.Distance), number(r.Reference.Floor)))
	}
	if r.ESS != nil {
		parts = append(parts, fmt.Sprintf("the smallest effective sample size was %s of %s", whole(r.ESS.Min), count(r.population())))
	}
	if len(parts) == 0 {
		return "how far " + they + " from the law they should have is not known"
	}
	return strings.Join(parts, ", and ")
}

func lawVerdict(r *Report) string {
	if r.Unreliable() {
		advice := sentence(r.Message)
		if r.status() != StatusLowESS || advice == "" {
			advice = "Raise [method] particles or [sampler] steps, or loosen the tightest constraint, and compare a second seed."
		}
		if r.ESS == nil {
			return "Unreliable: the effective sample size collapsed. " + advice
		}
		return fmt.Sprintf("Unreliable: at its worst step the population was worth %s of %s independent points. %s",
			whole(r.ESS.Min), count(r.population()), advice)
	}
	if r.Reference != nil {
		return distanceVerdict(r.Reference)
	}
	if r.ESS != nil {
		return fmt.Sprintf("The weights stayed healthy (at least %s of the population), which is needed for the right law but does not prove it: compare a second seed.",
			percent(r.ESS.Min/float64(r.population())))
	}
	return fmt.Sprintf("%s carries no weights and no exact law is known here, so nothing tells whether the samples have the right law.", methodName(r.Method))
}

func distanceVerdict(d *Reference) string {
	ratio := d.Distance / d.Floor
	times := number(ratio)
	if ratio >= 0.1 && ratio < 1000 {
		times = fixed(ratio, 1)
	}
	switch {
	case ratio <= closeFloors:
		return fmt.Sprintf("The samples are as close to the exact law as their number lets one see (%s times the distance between two exact sets).", times)
	case ratio <= wrongFloors:
		return fmt.Sprintf("The samples are near the exact law but not there (%s times the distance between two exact sets).", times)
	}
	return fmt.Sprintf("The samples have the wrong law (%s times the distance between two exact sets), feasible or not.", times)
}

func biasVerdict(r *Report) string {
	rest := strings.TrimLeft(strings.TrimPrefix(r.Exactness, "biased"), ": ")
	if rest == "" {
		return methodName(r.Method) + " is biased: its samples do not have the target law, however many are drawn."
	}
	return methodName(r.Method) + " is biased: " + strings.TrimRight(plain(rest), ". ") + "."
}

func methodName(s string) string {
	if s == "" {
		return "The method"
	}
	return plain(s)
}

func noveltyVerdict(r *Report) string {
	n := r.Novelty
	figures := fmt.Sprintf("median distance to the nearest real row %s; among real rows %s, and 90 %% below %s", number(n.Median), number(n.DataMedian), number(n.DataP90))
	switch ratio := n.Median / n.DataP90; {
	case !finite(n.Median) || !finite(n.DataP90):
		return "How near the samples lie to real rows could not be measured (" + figures + ")."
	case n.Copies > 0:
		return fmt.Sprintf("%s of %s samples copy a real row (%s).", count(n.Copies), count(r.Samples), figures)
	case ratio < nearP90:
		return "The samples are close to copies of real rows (" + figures + ")."
	case ratio > farP90:
		return "The samples lie far from anything in the data (" + figures + "): the prior extrapolates there, so check them before use."
	}
	return "The samples are new but lie near real rows (" + figures + ")."
}
