package report

import "fmt"

// PictureAxis is what pixels along one side of a picture stand for: Lo at the middle of the
// first, Hi at that of the last, in the unit of the axis. Where several fields stand below
// each other in a picture, each of Fields equal parts has the axis by itself.
type PictureAxis struct {
	Name   string
	Lo, Hi float64
	Fields int      // 0 and 1: one
	Of     []string // names of the fields; nil: field 0, field 1, …
}

// places are the ticks along a side of length units with n pixels, and where the middle
// of each part is, with the name of its field where there are several. A number that would
// stand on the first of the next field is left out; its tick stays.
func (a *PictureAxis) places(length float64, n int) (ticks, names []Tick) {
	fields := max(a.Fields, 1)
	part, pixels := length/float64(fields), n/fields
	for f := range fields {
		names = append(names, Tick{(float64(f) + 0.5) * part, a.fieldName(f)})
		for k, t := range Ticks(a.Lo, a.Hi, max(2, int(part/tickRoom))) {
			pixel := 0.5 + (t.Value-a.Lo)/(a.Hi-a.Lo)*float64(pixels-1)
			at := float64(f)*part + pixel/float64(pixels)*part
			if n := len(ticks); f > 0 && k == 0 && at-ticks[n-1].Value < numberHigh {
				ticks[n-1].Label = ""
			}
			ticks = append(ticks, Tick{at, t.Label})
		}
	}
	return ticks, names
}

// fieldName is that of field f; empty where there is one field, which needs none.
func (a *PictureAxis) fieldName(f int) string {
	switch {
	case a.Fields < 2:
		return ""
	case f < len(a.Of):
		return a.Of[f]
	}
	return fmt.Sprintf("field %d", f)
}

// tickRoom is what a number on an axis takes, with a space, numberHigh how far apart the lines
// of two are at least.
const tickRoom, numberHigh = 28.0, 12.0

// roomLeft and roomBelow are what numbers and name of an axis take, roomField what the names
// of several fields take left of that.
const roomLeft, roomBelow, roomField = 46.0, 32.0, 20.0

// room is what the axis takes left of pictures.
func (a *PictureAxis) room() float64 {
	switch {
	case a == nil:
		return 0
	case a.Fields > 1:
		return roomLeft + roomField
	}
	return roomLeft
}

// rows draws what rows are, left of a grid whose first picture begins at (x, y).
func (g *Images) rows(d *drawing, x, y float64) {
	if g.Left == nil {
		return
	}
	upright := func(at, middle float64, text, attributes string) {
		d.text(at, middle, text, "s-ink", `text-anchor="middle"`+attributes+` transform="rotate(-90 `+short(at)+" "+short(middle)+`)"`)
	}
	ticks, names := g.Left.places(g.high(), g.Shape[0])
	for _, t := range ticks {
		d.line(x-4, y+t.Value, x, y+t.Value, "s-axis", colourMuted, `stroke-width="1"`)
		if t.Label != "" {
			d.text(x-6, y+t.Value+4, t.Label, "s-muted", `text-anchor="end" font-size="11"`)
		}
	}
	for _, t := range names {
		upright(x-36, y+t.Value, g.Left.Name, "")
		if t.Label != "" {
			upright(x-36-roomField, y+t.Value, clipped(t.Label, int(g.high()/float64(len(names))/7)), ` font-weight="600"`)
		}
	}
}

// columns draws what columns are, below a grid whose first picture begins at (x, y).
func (g *Images) columns(d *drawing, x, y float64) {
	if g.Below == nil {
		return
	}
	bottom := y + g.tall()
	ticks, names := g.Below.places(g.side(), g.Shape[1])
	for _, t := range ticks {
		d.line(x+t.Value, bottom, x+t.Value, bottom+4, "s-axis", colourMuted, `stroke-width="1"`)
		d.text(x+t.Value, bottom+15, t.Label, "s-muted", `text-anchor="middle" font-size="11"`)
	}
	for _, t := range names {
		d.text(x+t.Value, bottom+29, g.Below.Name, "s-ink", `text-anchor="middle"`)
	}
}
