package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteFigure writes the scatter of the run as an SVG document: the feasible
// region and the real rows behind, the samples in front, the best ones ringed. Rows
// that are images, and have no axes, are shown as such; so are curves, and what an
// inverse problem measured.
func WriteFigure(w io.Writer, in *Input) error {
	if err := in.check(); err != nil {
		return err
	}
	figure := in.pictures
	switch {
	case in.hasFigure() || len(in.Images)+len(in.Recovered) == 0 && in.Band == nil:
		figure = func() string { return scatter(in) }
	case len(in.Recovered) > 0:
		figure = in.recovered
	case in.Band != nil:
		figure = in.Band.draw
	}
	if _, err := io.WriteString(w, figure()); err != nil {
		return fmt.Errorf("report: figure: %w", err)
	}
	return nil
}

// hasFigure says whether there is anything to draw.
func (in *Input) hasFigure() bool { return len(in.XAxis.Samples)+len(in.XAxis.Data) > 0 }

func scatter(in *Input) string {
	f := frame{
		x: span(in.XAxis.Samples, in.XAxis.Data), y: span(in.YAxis.Samples, in.YAxis.Data),
		left: 74, top: 40, width: 766, height: 402,
	}
	data := placed(in.XAxis.Data, in.YAxis.Data, chosen(len(in.XAxis.Data), in.limit(), nil), f, nil)
	indices := chosen(len(in.XAxis.Samples), in.limit(), in.LogW)
	good := placed(in.XAxis.Samples, in.YAxis.Samples, indices, f, func(i int) bool { return in.Feasible == nil || in.Feasible[i] })
	bad := placed(in.XAxis.Samples, in.YAxis.Samples, indices, f, func(i int) bool { return in.Feasible != nil && !in.Feasible[i] })
	var rings drawn
	if in.Rank != nil && len(in.XAxis.Samples) > 0 {
		rings = placed(in.XAxis.Samples, in.YAxis.Samples, in.best(), f, nil)
	}
	notes := strings.Join(scatterNotes(in, data, good, bad, len(indices)), " · ")

	d := newDrawing(860, f.top+f.height+withNote(44, notes), in.Report.Title+": "+in.YAxis.Label+" against "+in.XAxis.Label)
	if in.Region != nil {
		d.path(regionPath(in.Region, f), "s-region", `fill="`+colourRegion+`"`)
	}
	d.axes(f, in.XAxis.Label, in.YAxis.Label, false)
	d.points(markData, data.places)
	d.points(markViolation, bad.places)
	d.points(markSample, good.places)
	d.points(markBest, rings.places)

	d.legend(f.left-4, 22, scatterLegend(in, data, good, bad, rings))
	d.note(f.left, notes)
	return d.String()
}

// withNote leaves room for a line below the axis label, where there is a note.
func withNote(room float64, note string) float64 {
	if note == "" {
		return room
	}
	return room + 24
}

func scatterLegend(in *Input, data, good, bad, rings drawn) []entry {
	var out []entry
	if good.total > 0 {
		name := "proposals"
		if in.Feasible != nil {
			name = "proposals that obey"
		}
		out = append(out, entry{markSample, name})
	}
	if bad.total > 0 {
		out = append(out, entry{markViolation, "proposals that break a constraint"})
	}
	if data.total > 0 {
		out = append(out, entry{markData, in.against()})
	}
	if len(rings.places) > 0 {
		out = append(out, entry{markBest, fmt.Sprintf("the %d best", len(rings.places))})
	}
	return out
}

// scatterNotes say what the picture leaves out.
func scatterNotes(in *Input, data, good, bad drawn, picked int) []string {
	var notes []string
	n, rows := len(in.XAxis.Samples), len(in.XAxis.Data)
	switch {
	case relative(in.LogW) != nil:
		notes = append(notes, fmt.Sprintf("%s of %s proposals drawn, in proportion to their weights", count(picked), count(n)))
	case picked < n:
		notes = append(notes, fmt.Sprintf("%s of %s proposals drawn, evenly chosen", count(picked), count(n)))
	}
	if data.total < rows {
		notes = append(notes, fmt.Sprintf("%s of %s %s drawn", count(data.total), count(rows), in.against()))
	}
	if k := data.outside + good.outside + bad.outside; k > 0 {
		notes = append(notes, fmt.Sprintf("%s outside the frame", countOf(k, "point")))
	}
	if k := data.lost + good.lost + bad.lost; k > 0 {
		notes = append(notes, fmt.Sprintf("%s not finite and not drawn", countOf(k, "point")))
	}
	return notes
}

// drawn are points ready to draw and what became of the rest.
type drawn struct {
	places               [][2]float64
	total, outside, lost int
}

// placed maps the chosen points that pass the filter into the frame.
func placed(x, y []float64, indices []int, f frame, keep func(int) bool) drawn {
	var out drawn
	for _, i := range indices {
		if keep != nil && !keep(i) {
			continue
		}
		out.total++
		switch {
		case !drawable(x[i]) || !drawable(y[i]):
			out.lost++
		case !f.contains(x[i], y[i]):
			out.outside++
		default:
			out.places = append(out.places, [2]float64{f.px(x[i]), f.py(y[i])})
		}
	}
	return out
}
