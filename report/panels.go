package report

import (
	"fmt"
	"io"
	"strings"
)

// Panel is one method's picture in a comparison.
type Panel struct {
	Title    string // the method
	Subtitle string // two numbers, such as "96.4 % feasible · distance 0.755"
	X, Y     []float64
	Feasible []bool // nil = not known
}

// PanelFigure is a row of panels on one scale.
type PanelFigure struct {
	Title          string // read out by screen readers
	Panels         []Panel
	XLabel, YLabel string
	Region         func(x, y float64) bool // feasible region; nil = not drawn
	MaxPoints      int                     // per panel; 0 means 1000
	Units          bool                    // the axes have units of their own: each is filled
}

const (
	panelSize   = 212.0
	panelGap    = 16.0
	panelLeft   = 62.0
	panelTop    = 74.0
	panelPoints = 1000
)

// WritePanels writes the figure as an SVG document.
func WritePanels(w io.Writer, fig *PanelFigure) error {
	if err := checkPanels(fig.Panels); err != nil {
		return err
	}
	if _, err := io.WriteString(w, panels(fig)); err != nil {
		return fmt.Errorf("report: figure: %w", err)
	}
	return nil
}

func panels(fig *PanelFigure) string {
	limit := fig.MaxPoints
	if limit <= 0 {
		limit = panelPoints
	}
	f := commonFrame(fig.Panels, fig.Units)
	note := panelNote(fig.Panels, limit, f)
	n := float64(len(fig.Panels))
	d := newDrawing(panelLeft+n*panelSize+(n-1)*panelGap+14, panelTop+panelSize+withNote(44, note), fig.Title)
	region := ""
	if fig.Region != nil && n > 0 {
		region = regionPath(fig.Region, f)
	}

	d.legend(f.left-4, 20, panelLegend(fig))
	for i, p := range fig.Panels {
		f.left = panelLeft + float64(i)*(panelSize+panelGap)
		if region != "" {
			// The outline was traced in the first panel's place.
			d.path(region, "s-region", `fill="`+colourRegion+`" transform="translate(`+short(f.left-panelLeft)+` 0)"`)
		}
		d.axes(f, fig.XLabel, fig.YLabel, i > 0)
		good, bad := p.placed(limit, f)
		d.points(small(markSample), good.places)
		d.points(small(markViolation), bad.places)
		d.text(f.left, panelTop-24, clipped(p.Title, 26), "s-ink", `font-weight="600" font-size="13.5"`)
		d.text(f.left, panelTop-9, clipped(p.Subtitle, 42), "s-muted", `font-size="11"`)
	}
	d.note(panelLeft, note)
	return d.String()
}

// placed are the panel's drawn points: those that obey and those that do not.
func (p Panel) placed(limit int, f frame) (good, bad drawn) {
	indices := chosen(len(p.X), limit, nil)
	good = placed(p.X, p.Y, indices, f, func(i int) bool { return p.Feasible == nil || p.Feasible[i] })
	bad = placed(p.X, p.Y, indices, f, func(i int) bool { return p.Feasible != nil && !p.Feasible[i] })
	return good, bad
}

func panelLegend(fig *PanelFigure) []entry {
	obeys, breaks, known := false, false, false
	for _, p := range fig.Panels {
		known = known || p.Feasible != nil
		for i := range p.X {
			ok := p.Feasible == nil || p.Feasible[i]
			obeys, breaks = obeys || ok, breaks || !ok
		}
	}
	var out []entry
	if obeys && known {
		out = append(out, entry{markSample, "obeys every constraint"})
	}
	if breaks {
		out = append(out, entry{markViolation, "breaks a constraint"})
	}
	if fig.Region != nil {
		out = append(out, entry{mark{"s-region", colourRegion, 6, square}, "feasible region"})
	}
	return out
}

// panelNote says what the panels leave out.
func panelNote(all []Panel, limit int, f frame) string {
	var notes []string
	largest, outside, lost := 0, 0, 0
	for _, p := range all {
		good, bad := p.placed(limit, f)
		largest = max(largest, len(p.X))
		outside += good.outside + bad.outside
		lost += good.lost + bad.lost
	}
	if largest > limit {
		notes = append(notes, fmt.Sprintf("%s of %s points drawn in each panel, evenly chosen", count(limit), count(largest)))
	}
	if outside > 0 {
		notes = append(notes, countOf(outside, "point")+" outside the frame")
	}
	if lost > 0 {
		notes = append(notes, countOf(lost, "point")+" not finite and not drawn")
	}
	return strings.Join(notes, " · ")
}

// small is the mark for a crowded panel.
func small(m mark) mark {
	m.radius *= 0.72
	return m
}

// commonFrame is the place of the first panel, with one unit equally long in
// both directions unless the two have units of their own, or ranges that have
// nothing to do with each other.
func commonFrame(all []Panel, units bool) frame {
	var xs, ys [][]float64
	for _, p := range all {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	x, y := span(xs...), span(ys...)
	wide, narrow := max(x.hi-x.lo, y.hi-y.lo), min(x.hi-x.lo, y.hi-y.lo)
	if !units && wide < 5*narrow {
		x, y = x.widened(wide), y.widened(wide)
	}
	return frame{
		x: x, y: y,
		left: panelLeft, top: panelTop, width: panelSize, height: panelSize,
	}
}
