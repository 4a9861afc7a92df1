package report

import (
	"fmt"
	"math"
	"strings"
)

// Band is a curve over the columns: the mean of the samples inside their central
// interval of 90 %, with the truth and the measured columns where they are known.
type Band struct {
	Label          string // of the horizontal axis
	Mean, Low, Top []float64
	Truth          []float64 // nil where it is not known
	Seen           []int     // measured columns
	SeenValue      []float64
}

// curveColumns is how many columns a curve has at most whose table is still of use.
const curveColumns = 20

func (b *Band) check() error {
	if b == nil {
		return nil
	}
	n := len(b.Mean)
	if n < 2 || len(b.Low) != n || len(b.Top) != n || (b.Truth != nil && len(b.Truth) != n) || len(b.Seen) != len(b.SeenValue) {
		return fmt.Errorf("report: band: %d means, %d and %d bounds, %d of the truth, %d measured columns with %d values: lengths differ", n, len(b.Low), len(b.Top), len(b.Truth), len(b.Seen), len(b.SeenValue))
	}
	return nil
}

// draw is the SVG document.
func (b *Band) draw() string {
	d := newDrawing(860, 330, "mean and central 90 % interval over the columns")
	n := float64(len(b.Mean))
	f := frame{x: interval{0, n - 1}.padded(0.01), y: span(b.Low, b.Top, b.Truth, b.SeenValue), left: 74, top: 40, width: 766, height: 236}
	d.axesAt(f, Ticks(f.y.lo, f.y.hi, 6), b.Label, "", false)
	var area strings.Builder
	for i, v := range b.Top {
		fmt.Fprintf(&area, "%s%s %s", []string{"M", "L"}[min(i, 1)], short(f.px(float64(i))), short(f.py(v)))
	}
	for i := len(b.Low) - 1; i >= 0; i-- {
		fmt.Fprintf(&area, "L%s %s", short(f.px(float64(i))), short(f.py(b.Low[i])))
	}
	d.path(area.String()+"z", "s-band", `fill="`+colourSample+`" fill-opacity="0.22"`)
	entries := []entry{{mark{"s-line", colourSample, 6, dash}, "mean of the samples, central 90 % shaded"}}
	line := func(v []float64, class, colour, more string) {
		var p strings.Builder
		command := "M"
		for i, y := range v {
			if math.IsNaN(y) {
				command = "M"
				continue
			}
			fmt.Fprintf(&p, "%s%s %s", command, short(f.px(float64(i))), short(f.py(y)))
			command = "L"
		}
		d.path(p.String(), class, `fill="none" stroke="`+colour+`" stroke-width="1.8" stroke-linejoin="round"`+more)
	}
	line(b.Mean, "s-line", colourSample, "")
	if b.Truth != nil {
		line(b.Truth, "s-outline", colourBest, ` stroke-dasharray="5 3"`)
		entries = append(entries, entry{mark{"s-outline", colourBest, 6, dash}, "truth"})
	}
	if len(b.Seen) > 0 {
		var places [][2]float64
		for i, j := range b.Seen {
			places = append(places, [2]float64{f.px(float64(j)), f.py(b.SeenValue[i])})
		}
		d.points(markViolation, places)
		entries = append(entries, entry{markViolation, "measured"})
	}
	d.legend(f.left-4, 22, entries)
	return d.String()
}
