package report

import (
	"fmt"
	"slices"
)

// mostMarginals is how many columns the page shows one by one.
const mostMarginals = 12

// marginals draws, for each of the first columns, the histogram of the samples
// (bars) and of the rows they are compared with (outline).
func marginals(in *TrainingInput) string {
	const across, width, height, top = 4, 206.0, 150.0, 34.0
	d := len(in.Names)
	n := min(d, mostMarginals)
	down := (n + across - 1) / across
	note := ""
	if n < d {
		note = fmt.Sprintf("the first %d of %d columns", n, d)
	}
	g := newDrawing(across*width+16, top+float64(down)*height+withNote(8, note), "histograms of the columns: samples and rows not fitted")
	g.legend(4, 18, []entry{
		{mark{"s-sample", colourSample, 5, square}, "samples"},
		{mark{"s-outline", colourInk, 6, dash}, "rows not fitted"},
	})
	for k := range n {
		x, held := finiteOf(column(in.X, d, k)), finiteOf(column(in.Held.Data, d, k))
		f := frame{
			x: span(x, held), left: 12 + float64(k%across)*width, top: top + 22 + float64(k/across)*height, width: width - 26, height: height - 58,
		}
		a, b := sharesIn(x, f.x), sharesIn(held, f.x)
		f.y = interval{0, 1.08 * max(slices.Max(a), slices.Max(b), 1e-9)}
		bottom := f.top + f.height
		for _, t := range Ticks(f.x.lo, f.x.hi, 4) {
			px := f.px(t.Value)
			g.line(px, f.top, px, bottom, "s-grid", colourGrid, `stroke-width="1"`)
			g.text(px, bottom+14, t.Label, "s-muted", `text-anchor="middle" font-size="10.5"`)
		}
		g.line(f.left, bottom, f.left+f.width, bottom, "s-axis", colourMuted, `stroke-width="1"`)
		g.bars(f, a)
		g.steps(f, b)
		g.text(f.left, f.top-6, clipped(in.Names[k], 26), "s-ink", "")
	}
	g.note(12, note)
	return g.String()
}

func finiteOf(v []float64) []float64 {
	return slices.DeleteFunc(v, func(x float64) bool { return !drawable(x) })
}

// sharesIn bins v over an interval; what lies outside counts at its ends.
func sharesIn(v []float64, s interval) []float64 {
	out := make([]float64, histogramBins)
	for _, x := range v {
		at := (x - s.lo) / (s.hi - s.lo) * histogramBins
		out[int(min(max(at, 0), histogramBins-1))] += 1 / float64(len(v))
	}
	return out
}
