package report

import (
	"fmt"
	"math"
)

// Thresholds of the verdicts on a training.
const (
	// Held-out losses are measured with the same noise each time, so that two
	// per cent between two of them are a change and no chance.
	risen = 1.02

	// Distances between two sets of real rows vary by about this much around their floor.
	alike = 1.25

	// Medians of the distance to the nearest fitted row, of samples over that of
	// held-out rows, which are new by construction: 1 for the law itself.
	repeats = 0.5
	nearer  = 0.8
	farther = 1.25
)

// TrainingVerdicts are sentences in which the tool judges a prior it has trained.
func TrainingVerdicts(t *Training) []string {
	var out []string
	if t.Law != nil {
		out = append(out, likenessVerdict(t.Law))
	}
	if t.Novelty != nil {
		out = append(out, memoryVerdict(t))
	}
	if s := curveVerdict(t); s != "" {
		out = append(out, s)
	}
	return out
}

// worst is the larger of the two distances, in floors.
func (l *Likeness) worst() float64 {
	return math.Max(l.Energy.Distance/l.Energy.Floor, l.Sliced.Distance/l.Sliced.Floor)
}

func times(d Distance) string {
	ratio := d.Distance / d.Floor
	if !finite(ratio) {
		return "an unknown number of"
	}
	if ratio >= 100 {
		return number(ratio)
	}
	return fixed(ratio, 2)
}

func likenessVerdict(l *Likeness) string {
	whom := "held-out rows"
	if !l.Heldout {
		whom = "fitted rows"
	}
	figures := fmt.Sprintf("energy distance %s times, sliced Wasserstein distance %s times that between two sets of real rows of these sizes", times(l.Energy), times(l.Sliced))
	var s string
	switch ratio := l.worst(); {
	case ratio <= alike:
		s = fmt.Sprintf("The samples are as close to the %s as real rows are: %s.", whom, figures)
	case ratio <= closeFloors:
		s = fmt.Sprintf("The samples are nearly as close to the %s as real rows are: %s.", whom, figures)
	case ratio <= wrongFloors:
		s = fmt.Sprintf("The samples are near the %s but can be told from real rows: %s. More steps, a wider network or more sampling steps may help.", whom, figures)
	default:
		s = fmt.Sprintf("The samples are far from the %s: %s. Do not rely on this prior: train longer, widen the network, or look at the columns that differ most.", whom, figures)
	}
	if !l.Heldout {
		s += " No row was held out, so that a prior that only repeats its data would pass as well: set holdout."
	}
	return s
}

// likeNew says whether samples lie as far from fitted rows as new rows do.
func (n *Novelty) likeNew() bool {
	return n.Copies == 0 && n.Median >= nearer*n.DataMedian && n.Median <= farther*n.DataMedian
}

func memoryVerdict(t *Training) string {
	n := t.Novelty
	whose := "held-out rows"
	if t.HeldoutRows == 0 {
		whose = "fitted rows among themselves"
	}
	figures := fmt.Sprintf("median distance to the nearest fitted row %s; of %s %s", number(n.Median), whose, number(n.DataMedian))
	switch ratio := n.Median / n.DataMedian; {
	case !finite(ratio):
		return "How near the samples lie to fitted rows could not be compared (" + figures + ")."
	case n.Copies > 0:
		return fmt.Sprintf("%s a fitted row (%s).", copying(n.Copies), figures)
	case ratio < repeats:
		return "The prior repeats rows it was fitted to (" + figures + "): hold out rows and set patience, or take a smaller network."
	case ratio < nearer:
		return "The samples lie nearer to fitted rows than new rows would (" + figures + "): the prior begins to remember its data."
	case ratio > farther:
		return "The samples lie farther from fitted rows than new rows would (" + figures + "): the prior is blurred; train longer or take more sampling steps."
	}
	return "The prior does not repeat its data: samples are as new as rows it has not seen (" + figures + ")."
}

func copying(n int) string {
	if n == 1 {
		return "1 sample copies"
	}
	return count(n) + " samples copy"
}

// curveVerdict speaks of a held-out loss that rose again.
func curveVerdict(t *Training) string {
	best, last := math.NaN(), math.NaN()
	at := 0
	for _, p := range t.Curve {
		if last = p.Heldout; !(p.Heldout >= best) {
			best, at = p.Heldout, p.Step
		}
	}
	if !(last > best+(risen-1)*math.Abs(best)) {
		return ""
	}
	if t.KeptStep == at {
		return fmt.Sprintf("The held-out loss was lowest at step %s and rose afterwards; the weights of that step were kept.", count(at))
	}
	return fmt.Sprintf("The held-out loss was lowest at step %s (%s) and rose to %s: the network fits noise of the data. Set patience to stop there, hold more rows out, or take a smaller network.",
		count(at), number(best), number(last))
}
