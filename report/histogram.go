package report

import (
	"fmt"
	"slices"
	"strings"

	"abide/diagnose"
)

const histogramBins = 32

// histogram draws how far samples (bars) and real rows (outline) lie from the
// nearest real row, as shares on common bins. The last bin holds all that is farther.
func histogram(n *Neighbours) string {
	names, near := n.Names, "fitted"
	if names[0] == "" {
		names, near = [2]string{"proposals", "real rows"}, "real"
	}
	d := newDrawing(620, 240, "distance to the nearest "+near+" row: "+names[0]+" and "+names[1])
	samples, data := usable(n.Samples), usable(n.Data)
	hi := upperEnd(samples, data)
	a, b := shares(samples, hi), shares(data, hi)
	f := frame{
		x: interval{0, hi}, y: interval{0, 1.08 * max(slices.Max(a), slices.Max(b), 1e-9)},
		left: 62, top: 36, width: 540, height: 160,
	}
	d.axes(f, "distance to the nearest "+near+" row (standardised)", "share", false)
	d.bars(f, a)
	d.steps(f, b)
	var entries []entry
	if len(samples) > 0 {
		entries = append(entries, entry{mark{"s-sample", colourSample, 5, square}, names[0] + ", median " + number(diagnose.Quantile(samples, 0.5))})
	}
	if len(data) > 0 {
		entries = append(entries, entry{mark{"s-outline", colourInk, 6, dash}, names[1] + ", median " + number(diagnose.Quantile(data, 0.5))})
	}
	d.legend(f.left-4, 18, entries)
	if over := beyond(samples, hi) + beyond(data, hi); over > 0 {
		d.text(f.left+f.width-4, f.top+12, fmt.Sprintf("last bar: %s and more", number(hi*(1-1.0/histogramBins))), "s-muted", `text-anchor="end" font-size="11"`)
	}
	return d.String()
}

// usable keeps the finite distances, sorted.
func usable(v []float64) []float64 {
	out := slices.DeleteFunc(slices.Clone(v), func(x float64) bool { return !drawable(x) || x < 0 })
	slices.Sort(out)
	return out
}

// upperEnd is the larger 98th percentile, so that a few strays do not squeeze the rest.
func upperEnd(groups ...[]float64) float64 {
	hi := 0.0
	for _, g := range groups {
		if len(g) > 0 {
			hi = max(hi, g[(len(g)-1)*98/100])
		}
	}
	if hi < 1e-200 { // all copies, or nothing
		return 1
	}
	return 1.05 * hi
}

func beyond(v []float64, hi float64) int {
	n := 0
	for _, x := range v {
		if x > hi {
			n++
		}
	}
	return n
}

// shares bins v over [0, hi]; the sum is 1 unless v is empty.
func shares(v []float64, hi float64) []float64 {
	out := make([]float64, histogramBins)
	for _, x := range v {
		out[int(min(x/hi*histogramBins, histogramBins-1))] += 1 / float64(len(v))
	}
	return out
}

func (d *drawing) bars(f frame, heights []float64) {
	var b strings.Builder
	width := f.width / float64(len(heights))
	for i, h := range heights {
		if h > 0 {
			fmt.Fprintf(&b, "M%s %sh%sV%sh-%sz", short(f.left+float64(i)*width+0.5), short(f.top+f.height), short(width-1), short(f.py(h)), short(width-1))
		}
	}
	if b.Len() > 0 {
		d.path(b.String(), "s-sample", `fill="`+colourSample+`" fill-opacity="0.6"`)
	}
}

func (d *drawing) steps(f frame, heights []float64) {
	var b strings.Builder
	width := f.width / float64(len(heights))
	fmt.Fprintf(&b, "M%s %s", short(f.left), short(f.top+f.height))
	for i, h := range heights {
		fmt.Fprintf(&b, "V%sH%s", short(f.py(h)), short(f.left+float64(i+1)*width))
	}
	fmt.Fprintf(&b, "V%s", short(f.top+f.height))
	if slices.Max(heights) > 0 {
		d.path(b.String(), "s-outline", `fill="none" stroke="`+colourInk+`" stroke-width="1.5"`)
	}
}
