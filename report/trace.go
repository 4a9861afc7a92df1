package report

import (
	"fmt"
	"strings"
)

// trace draws the ESS over the steps, with the line below which a run is called unreliable.
func trace(ess []float64, population int) string {
	d := newDrawing(620, 230, "effective sample size over the steps")
	top := float64(population)
	for _, v := range ess {
		if drawable(v) {
			top = max(top, v)
		}
	}
	f := frame{
		x: interval{0, max(float64(len(ess)-1), 1)}, y: interval{0, 1.05 * max(top, 1)},
		left: 74, top: 30, width: 530, height: 146,
	}
	d.axes(f, "step", "ESS", false)
	if low := max(lowESSCount, lowESSFraction*float64(population)); f.contains(0, low) {
		d.line(f.left, f.py(low), f.left+f.width, f.py(low), "s-violation", colourViolation, `stroke-width="1.2" stroke-dasharray="5 4"`)
		d.text(f.left+f.width, f.py(low)-5, "unreliable below", "s-muted", `text-anchor="end" font-size="11"`)
	}
	var b strings.Builder
	command := "M"
	for i, v := range ess {
		if !drawable(v) { // a gap
			command = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%s %s", command, short(f.px(float64(i))), short(f.py(v)))
		command = "L"
	}
	if b.Len() > 0 {
		d.path(b.String(), "s-line", `fill="none" stroke="`+colourSample+`" stroke-width="1.8" stroke-linejoin="round"`)
	}
	d.text(f.left, 18, fmt.Sprintf("effective sample size of a population of %s", count(population)), "s-ink", "")
	return d.String()
}
