package report

import "strings"

// axes draws the grid, the ticks and the labels of a frame. Empty labels leave
// their side out: no numbers on the y side where yLabel is hidden.
func (d *drawing) axes(f frame, xLabel, yLabel string, hideY bool) {
	d.axesAt(f, Ticks(f.y.lo, f.y.hi, max(5, int(f.height/42))), xLabel, yLabel, hideY)
}

// axesAt is axes with the given ticks on the y axis.
func (d *drawing) axesAt(f frame, yTicks []Tick, xLabel, yLabel string, hideY bool) {
	bottom := f.top + f.height
	for _, t := range Ticks(f.x.lo, f.x.hi, max(5, int(f.width/70))) {
		x := f.px(t.Value)
		d.line(x, f.top, x, bottom, "s-grid", colourGrid, `stroke-width="1"`)
		d.text(x, bottom+16, t.Label, "s-muted", `text-anchor="middle" font-size="11"`)
	}
	for _, t := range yTicks {
		y := f.py(t.Value)
		d.line(f.left, y, f.left+f.width, y, "s-grid", colourGrid, `stroke-width="1"`)
		if !hideY {
			d.text(f.left-6, y+4, t.Label, "s-muted", `text-anchor="end" font-size="11"`)
		}
	}
	d.line(f.left, bottom, f.left+f.width, bottom, "s-axis", colourMuted, `stroke-width="1"`)
	d.line(f.left, f.top, f.left, bottom, "s-axis", colourMuted, `stroke-width="1"`)
	if xLabel != "" {
		d.text(f.left+f.width/2, bottom+36, clipped(xLabel, int(f.width/6)), "s-ink", `text-anchor="middle"`)
	}
	if yLabel != "" && !hideY {
		x, y := f.left-50, f.top+f.height/2
		d.text(x, y, clipped(yLabel, int(f.height/6)), "s-ink", `text-anchor="middle" transform="rotate(-90 `+short(x)+" "+short(y)+`)"`)
	}
}

// clipped shortens a text that would run out of its place.
func clipped(s string, limit int) string {
	runes := []rune(strings.TrimSpace(s))
	if len(runes) <= limit || limit < 2 {
		return string(runes)
	}
	return string(runes[:limit-1]) + "…"
}
