package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// WriteHTML writes the run as one page that needs nothing else: no scripts, no
// network, inline figures, light and dark, and it prints. The markup is
// well-formed XML as well.
func WriteHTML(w io.Writer, in *Input) error {
	if err := in.check(); err != nil {
		return err
	}
	return writePage(w, "page", pageSource, newPage(in))
}

// writePage fills a template.
func writePage(w io.Writer, name, source string, p any) error {
	t, err := template.New(name).Funcs(template.FuncMap{"pieces": pieces}).Parse(source)
	if err != nil {
		return fmt.Errorf("report: page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("report: page: %w", err)
	}
	// Names may hold characters that no page may; line ends are the template's own.
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	if _, err := io.WriteString(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("report: page: %w", err)
	}
	return nil
}

// pieces are the parts of a column name between which a narrow table may break the line.
func pieces(name string) []string { return strings.SplitAfter(name, "_") }

// page is what the template shows: text and drawings, nothing left to compute.
type page struct {
	*Report
	Style      template.CSS
	Headline   string
	Subject    string
	Banner     banner
	Verdicts   []string
	Cards      []card
	Panels     template.HTML
	Comparison [][]string
	FloorLine  string
	Recovered  template.HTML

	RecoveredHead string
	Recovery      []Fact
	Images        template.HTML
	Figure        template.HTML
	FigureHead    string
	Rows          []constraintCells
	ByWeight      bool // some row has a share by weight
	Relative      bool // some row is a law of whole fields
	Nearness      []Fact
	Histogram     template.HTML
	ESSFacts      []Fact
	Trace         template.HTML
	Columns       *grid
	Best          *grid
	Potentials    [][]string
	CostFacts     []Fact
	References    []string
	Facts         []Fact
}

type banner struct{ Class, Word, Message string }

type card struct{ Name, Value, Note string }

type constraintCells struct {
	OK                                                      bool
	Name, Kind, Feasible, Weighted, Worst, Allows, Relative string
}

// grid is a table of numbers with a caption and a header.
type grid struct {
	Caption string
	Head    []string
	Rows    [][]string
}

func newPage(in *Input) *page {
	r := in.Report
	p := &page{
		Report: r, Style: template.CSS(pageStyle),
		Headline: headline(r), Subject: subject(r),
		Banner: bannerOf(r), Verdicts: Verdicts(r), Cards: cards(r),
		Rows: constraintRows(r), Columns: columnGrid(r), Best: bestGrid(in),
		CostFacts: costFacts(r), References: in.References, Facts: in.Facts,
	}
	if in.hasFigure() {
		p.Figure, p.FigureHead = template.HTML(scatter(in)), "Proposals"
		if len(in.XAxis.Data) > 0 {
			p.FigureHead = "Proposals against " + in.against()
		}
	}
	p.RecoveredHead = "What was measured, and what it tells"
	if in.Fields {
		p.RecoveredHead = "The fields: mean, spread and samples"
	}
	if len(in.Recovered) > 0 {
		p.Recovered = template.HTML(in.recovered())
	} else if in.Band != nil {
		p.Recovered, p.Best = template.HTML(in.Band.draw()), nil
		if len(in.Names) > curveColumns {
			p.Columns = nil
		}
	}
	if r.Recovery != nil {
		p.Recovery = recoveryFacts(r.Recovery)
	}
	if len(in.Images) > 0 {
		p.Images, p.Columns, p.Best = template.HTML(in.pictures()), nil, nil
	}
	if len(in.Panels) > 0 {
		p.Panels = template.HTML(panels(&PanelFigure{
			Title: r.Title, Panels: in.Panels, XLabel: in.XAxis.Label, YLabel: in.YAxis.Label, Region: in.Region,
		}))
	}
	if len(in.Comparison) > 0 {
		p.Comparison, p.FloorLine = demoCells(in.Comparison), floorLine(in.Floor)
		p.Verdicts = DemoVerdicts(in.Comparison, in.Floor)
	}
	if r.Novelty != nil {
		p.Nearness = nearnessFacts(r.Novelty)
	}
	if in.Neighbours != nil {
		p.Histogram = template.HTML(histogram(in.Neighbours))
	}
	if r.ESS != nil {
		p.ESSFacts = essFacts(r)
	}
	if len(in.ESSTrace) > 1 {
		p.Trace = template.HTML(trace(in.ESSTrace, r.population()))
	}
	for _, c := range r.Constraints {
		p.ByWeight = p.ByWeight || c.WeightedFraction != nil
		p.Relative = p.Relative || c.Relative != nil
	}
	for _, e := range r.Potentials {
		p.Potentials = append(p.Potentials, []string{e.Name, number(e.Mean), number(e.Min)})
	}
	return p
}

func bannerOf(r *Report) banner {
	b := banner{Class: "good", Word: "✓ finished", Message: r.Message}
	if r.status() != StatusOK {
		b.Message = "" // the verdicts carry it
	}
	switch r.status() {
	case StatusLowESS:
		b.Class, b.Word = "care", "! unreliable: effective sample size too low"
	case StatusInfeasible:
		b.Class, b.Word = "bad", "✗ some samples are infeasible"
	case StatusNonFinite:
		b.Class, b.Word = "bad", "✗ numbers that are not finite"
	case StatusCancelled:
		b.Class, b.Word = "care", "! stopped before its end"
	case StatusOK:
		if share, _ := r.feasible(); r.Unreliable() || share != 1 || r.wrongLaw() {
			b.Class, b.Word = "care", "! finished; read this before you use the samples"
		}
	default:
		b.Class, b.Word = "care", "! "+r.status()
	}
	return b
}

// cards are the key numbers. Feasibility stands beside what is known of the law.
func cards(r *Report) []card {
	var out []card
	if worst, any := r.worstRow(); any {
		share, exact := r.feasible()
		name := "obey every constraint"
		if !exact {
			name = "obey every constraint, at most"
		}
		out = append(out, card{name, percent(share), "worst violation " + withUnit(number(worst.MaxViolation), worst.Unit) + ", tolerance " + withUnit(number(worst.Tolerance), worst.Unit)})
	}
	if r.ESS != nil {
		out = append(out, card{"smallest ESS", whole(r.ESS.Min), "of " + count(r.population()) + ", " + whole(r.ESS.Final) + " at the end"})
	}
	if r.Reference != nil {
		out = append(out, card{"distance to exact law", number(r.Reference.Distance), "two exact sets: " + number(r.Reference.Floor)})
		if s := r.Reference.Sliced; s != nil {
			out = append(out, card{"sliced W₁ to exact law", number(s.Distance), "two exact sets: " + number(s.Floor)})
		}
	}
	if r.ESS == nil && r.Reference == nil {
		out = append(out, card{"distance to the law", "unknown", "no weights, no exact law"})
	}
	if c := r.Recovery; c != nil {
		note := "CRPS " + number(c.CRPS)
		if c.PSNR != nil {
			note = "PSNR of the mean " + fixed(*c.PSNR, 1) + " dB, " + note
		}
		out = append(out, card{"truth in " + percentWhole(c.Level) + " intervals", percent(c.Coverage), note})
	}
	if n := r.Novelty; n != nil {
		out = append(out, card{"nearest real row, median", number(n.Median), "among real rows " + number(n.DataMedian) + "; " + copies(n.Copies)})
	}
	if r.LogEvidence != nil {
		note := "± " + number(r.LogEvidence.StdErr)
		if z, ok := r.exactEvidence(); ok {
			note += ", exact " + number(z)
		}
		out = append(out, card{"log evidence", number(r.LogEvidence.Value), note})
	}
	return append(out, card{"time", duration(r.Cost.Seconds), grouped(fmt.Sprint(r.Cost.DenoiserCalls)) + " denoiser calls per sample"})
}

func constraintRows(r *Report) []constraintCells {
	var out []constraintCells
	for _, c := range r.Constraints {
		cells := constraintCells{
			OK:   c.FeasibleFraction == 1 && c.MaxViolation <= c.Tolerance,
			Name: c.Name, Kind: c.Kind, Feasible: percent(c.FeasibleFraction), Weighted: "",
			Worst: withUnit(number(c.MaxViolation), c.Unit), Allows: withUnit(number(c.Tolerance), c.Unit),
		}
		if c.WeightedFraction != nil {
			cells.Weighted = percent(*c.WeightedFraction)
		}
		if c.Relative != nil {
			cells.Relative = number(*c.Relative)
		}
		out = append(out, cells)
	}
	return out
}

func nearnessFacts(n *Novelty) []Fact {
	return []Fact{
		{"proposals, median", number(n.Median)},
		{"proposals, 10 % to 90 %", number(n.Q10) + " to " + number(n.Q90)},
		{"real rows, median", number(n.DataMedian)},
		{"real rows, 90 % below", number(n.DataP90)},
		{"copies of a real row", count(n.Copies)},
	}
}

func essFacts(r *Report) []Fact {
	return []Fact{
		{"smallest", whole(r.ESS.Min) + " of " + count(r.population()) + " (" + percent(r.ESS.Min/float64(max(r.population(), 1))) + ")"},
		{"at the end", whole(r.ESS.Final)},
	}
}

func costFacts(r *Report) []Fact {
	return []Fact{
		{"denoiser calls per sample", grouped(fmt.Sprint(r.Cost.DenoiserCalls))},
		{"VJP calls per sample", grouped(fmt.Sprint(r.Cost.VJPCalls))},
		{"time", duration(r.Cost.Seconds)},
		{"setting up", duration(r.Cost.SetupSeconds)},
	}
}
