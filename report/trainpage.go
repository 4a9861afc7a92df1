package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"abide/dataio"
)

//go:embed training.html
var trainingSource string

// TrainingInput is what the page of a training is made of.
type TrainingInput struct {
	Training *Training

	Names      []string      // d columns
	X          []float64     // samples, N×d; none where nothing was sampled
	Held       *dataio.Table // the rows they are compared with
	Neighbours *Neighbours   // distances to the nearest fitted row, of samples and of held-out rows
	Images     [][]Images    // lines of grids; nil where rows are no images
	Facts      []Fact
}

// trainingPage is what the template shows.
type trainingPage struct {
	*Training
	Style     template.CSS
	Subject   string
	Banner    banner
	Verdicts  []string
	Cards     []card
	Curves    template.HTML
	Images    []template.HTML
	Marginals template.HTML
	Pair      template.HTML
	PairHead  string
	Histogram template.HTML
	Law       [][]string
	Against   string
	Grid      *grid
	Network   []Fact
	Facts     []Fact
}

// WriteTraining writes the page of a training, as self-contained as that of a run.
func WriteTraining(w io.Writer, in *TrainingInput) error {
	p, err := newTrainingPage(in)
	if err != nil {
		return err
	}
	return writePage(w, "training", trainingSource, p)
}

func newTrainingPage(in *TrainingInput) (*trainingPage, error) {
	t := in.Training
	p := &trainingPage{
		Training: t, Style: template.CSS(pageStyle), Verdicts: TrainingVerdicts(t), Facts: in.Facts,
		Subject: fmt.Sprintf("prior trained on %s, %s held out", countOf(t.FittedRows, "row"), count(t.HeldoutRows)),
		Banner:  trainingBanner(t), Cards: trainingCards(t),
		Network: []Fact{
			{"parameters", count(t.Network.Parameters)},
			{"FLOPs per sample", count(t.Network.FLOPs)},
			{"memory to train", fmt.Sprintf("about %.3g MiB", t.Network.TrainMiB)},
			{"steps", fmt.Sprintf("%s of %s", lastStep(t), count(t.Steps))},
			{"rows per step", count(t.Batch)},
			{"time", duration(t.Seconds)},
		},
	}
	if len(t.Curve) > 1 {
		p.Curves = template.HTML(lossCurves(t))
	}
	if t.Law != nil {
		p.Against = fmt.Sprintf("%s against %s", countOf(t.Law.Samples, "sample"), countOf(t.Law.Rows, whose(t.Law)))
		p.Law = [][]string{
			{"energy distance", number(t.Law.Energy.Distance), number(t.Law.Energy.Floor), times(t.Law.Energy)},
			{"sliced Wasserstein distance", number(t.Law.Sliced.Distance), number(t.Law.Sliced.Floor), times(t.Law.Sliced)},
		}
	}
	if in.Neighbours != nil {
		n := *in.Neighbours
		n.Names = [2]string{"samples", "held-out rows"}
		if t.HeldoutRows == 0 {
			n.Names[1] = "fitted rows among themselves"
		}
		p.Histogram = template.HTML(histogram(&n))
	}
	var all [][]float64
	for _, line := range in.Images {
		for _, g := range line {
			if err := g.check(); err != nil {
				return nil, err
			}
		}
	}
	if in.Held != nil {
		all = append(all, in.Held.Data)
	}
	for _, line := range in.Images {
		p.Images = append(p.Images, template.HTML(grids("samples and real rows as images", scale{levels: levelsOf(all...)}, line)))
	}
	if len(in.Images) == 0 && in.Held != nil && len(in.X) > 0 {
		p.Marginals = template.HTML(marginals(in))
		if d := len(in.Names); d > 1 {
			i, j := strongest(in.Held)
			p.PairHead = fmt.Sprintf("The pair of columns that depend on each other most: %s and %s", in.Names[i], in.Names[j])
			p.Pair = template.HTML(panels(&PanelFigure{
				Title: p.PairHead, XLabel: in.Names[i], YLabel: in.Names[j], Units: true,
				Panels: []Panel{
					{Title: "samples", Subtitle: countOf(len(in.X)/d, "sample"), X: column(in.X, d, i), Y: column(in.X, d, j)},
					{Title: "rows not fitted", Subtitle: countOf(in.Held.Rows, "row"), X: column(in.Held.Data, d, i), Y: column(in.Held.Data, d, j)},
				},
			}))
		}
		p.Grid = columnGrid(&Report{Columns: t.Columns})
		for i := range p.Grid.Rows {
			p.Grid.Rows[i][1] = strings.NewReplacer("proposals", "samples", "real rows", "not fitted").Replace(p.Grid.Rows[i][1])
		}
	}
	return p, nil
}

func lastStep(t *Training) string {
	if n := len(t.Curve); n > 0 {
		return count(t.Curve[n-1].Step)
	}
	return "0"
}

func whose(l *Likeness) string {
	if l.Heldout {
		return "held-out row"
	}
	return "fitted row"
}

func trainingBanner(t *Training) banner {
	switch {
	case t.Law == nil:
		return banner{Class: "care", Word: "! trained, but not judged: nothing was sampled"}
	case !(t.Law.worst() <= wrongFloors):
		return banner{Class: "bad", Word: "✗ trained, but far from the data"}
	case !(t.Law.worst() <= closeFloors) || t.Novelty != nil && !t.Novelty.likeNew():
		return banner{Class: "care", Word: "! trained; read this before you rely on the prior"}
	}
	return banner{Class: "good", Word: "✓ trained"}
}

func trainingCards(t *Training) []card {
	var out []card
	if l := t.Law; l != nil {
		out = append(out,
			card{"energy distance", times(l.Energy) + " ×", number(l.Energy.Distance) + "; two sets of real rows: " + number(l.Energy.Floor)},
			card{"sliced Wasserstein", times(l.Sliced) + " ×", number(l.Sliced.Distance) + "; two sets of real rows: " + number(l.Sliced.Floor)})
	}
	if n := t.Novelty; n != nil {
		out = append(out, card{"nearest fitted row, median", number(n.Median), "of new real rows " + number(n.DataMedian) + "; " + copies(n.Copies)})
	}
	loss := "not measured"
	if !math.IsNaN(t.HeldoutLoss) {
		loss = number(t.HeldoutLoss)
	}
	return append(out,
		card{"held-out loss", loss, "of the weights kept, step " + count(t.KeptStep)},
		card{"time", duration(t.Seconds), lastStep(t) + " steps"})
}

// strongest is the pair of columns of largest absolute correlation.
func strongest(t *dataio.Table) (i, j int) {
	d, best := len(t.Names), -1.0
	j = 1
	stats := make([]Stats, d)
	for k := range d {
		stats[k] = describe(column(t.Data, d, k), nil)
	}
	for a := range d {
		for b := a + 1; b < d; b++ {
			sum := 0.0
			for r := range t.Rows {
				sum += (t.Data[r*d+a] - stats[a].Mean) * (t.Data[r*d+b] - stats[b].Mean)
			}
			if c := math.Abs(sum / (stats[a].Std * stats[b].Std)); c > best {
				best, i, j = c, a, b
			}
		}
	}
	return i, j
}

// TrainingTable writes the judgement of a training for a terminal.
func TrainingTable(w io.Writer, t *Training) error {
	var rows [][]string
	if l := t.Law; l != nil {
		for _, v := range []struct {
			name string
			Distance
		}{{"energy distance", l.Energy}, {"sliced Wasserstein", l.Sliced}} {
			rows = append(rows, []string{v.name, fmt.Sprintf("%s; two sets of real rows %s (%s times)", number(v.Distance.Distance), number(v.Floor), times(v.Distance))})
		}
	}
	if n := t.Novelty; n != nil {
		rows = append(rows, []string{"nearest fitted row", fmt.Sprintf("median %s; of new real rows %s; %s", number(n.Median), number(n.DataMedian), copies(n.Copies))})
	}
	var b strings.Builder
	b.WriteString(align(rows, "ll", "  "))
	for i, s := range TrainingVerdicts(t) {
		if i == 0 {
			b.WriteByte('\n')
		}
		for _, line := range wrapped(plain(s), 96) {
			b.WriteString("  " + line + "\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("report: table: %w", err)
	}
	return nil
}
