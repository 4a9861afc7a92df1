package report

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// The palette is that of Okabe and Ito (2008), told apart by people with any
// kind of colour vision; shapes differ as well.
const (
	colourInk       = "#222222"
	colourMuted     = "#666666"
	colourGrid      = "#e4e4e4"
	colourData      = "#9a9a9a"
	colourSample    = "#0072b2"
	colourViolation = "#d55e00"
	colourRegion    = "#dcefe0"
	colourBest      = "#000000"
)

const fontStack = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

// drawing is an SVG document being written. Colours are attributes, so that it
// looks right in any viewer; classes let a page restyle it for dark screens.
type drawing struct {
	b             strings.Builder
	width, height float64
}

// newDrawing opens a document of the given size; label is read out by screen readers.
func newDrawing(width, height float64, label string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(&d.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s" font-family="%s" font-size="12">`+"\n",
		short(width), short(height), short(width), short(height), escaped(label), escaped(fontStack))
	d.b.WriteString(`<rect class="s-bg" width="100%" height="100%" fill="#ffffff"/>` + "\n")
	return d
}

// String closes the document.
func (d *drawing) String() string { return d.b.String() + "</svg>\n" }

// short writes a coordinate with two decimals at most.
func short(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	return strings.TrimPrefix(s, negativeZero(s))
}

// escaped makes text safe inside XML, in content and in attributes; what XML
// does not allow at all becomes U+FFFD.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// text writes s at (x, y); attributes are further SVG attributes.
func (d *drawing) text(x, y float64, s, class, attributes string) {
	fill := colourInk
	if class == "s-muted" {
		fill = colourMuted
	}
	fmt.Fprintf(&d.b, `<text class="%s" x="%s" y="%s" fill="%s" %s>%s</text>`+"\n", class, short(x), short(y), fill, attributes, escaped(s))
}

// note sets a line at the foot of the drawing, where there is one to set.
func (d *drawing) note(x float64, s string) {
	if s != "" {
		d.text(x, d.height-10, s, "s-muted", `font-size="11"`)
	}
}

func (d *drawing) line(x1, y1, x2, y2 float64, class, colour, attributes string) {
	fmt.Fprintf(&d.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" %s/>`+"\n",
		class, short(x1), short(y1), short(x2), short(y2), colour, attributes)
}

func (d *drawing) path(data, class, attributes string) {
	fmt.Fprintf(&d.b, `<path class="%s" %s d="%s"/>`+"\n", class, attributes, data)
}

// mark is the shape and colour of one kind of point.
type mark struct {
	class, colour string
	radius        float64
	shape         shape
}

type shape int

const (
	disc shape = iota
	square
	cross
	ring
	dash
)

var (
	markData      = mark{"s-data", colourData, 1.9, square}
	markSample    = mark{"s-sample", colourSample, 2.8, disc}
	markViolation = mark{"s-violation", colourViolation, 3.2, cross}
	markBest      = mark{"s-best", colourBest, 5.5, ring}
)

// points draws one mark at each place.
func (d *drawing) points(m mark, places [][2]float64) {
	if len(places) == 0 {
		return
	}
	r := m.radius
	switch m.shape {
	case disc: // discs one by one, so that crowding shows through the opacity
		fmt.Fprintf(&d.b, `<g class="%s" fill="%s" fill-opacity="0.55" stroke="#ffffff" stroke-opacity="0.5" stroke-width="0.5">`+"\n", m.class, m.colour)
		for _, p := range places {
			fmt.Fprintf(&d.b, `<circle cx="%s" cy="%s" r="%s"/>`, coarse(p[0]), coarse(p[1]), short(r))
		}
		d.b.WriteString("\n</g>\n")
		return
	case ring:
		fmt.Fprintf(&d.b, `<g class="%s" fill="none" stroke="%s" stroke-width="1.4">`+"\n", m.class, m.colour)
		for _, p := range places {
			fmt.Fprintf(&d.b, `<circle cx="%s" cy="%s" r="%s"/>`, coarse(p[0]), coarse(p[1]), short(r))
		}
		d.b.WriteString("\n</g>\n")
		return
	}
	var b strings.Builder
	side := short(2 * r)
	for _, p := range places {
		switch m.shape {
		case square:
			fmt.Fprintf(&b, "M%s %sh%sv%sh-%sz", coarse(p[0]-r), coarse(p[1]-r), side, side, side)
		case cross:
			fmt.Fprintf(&b, "M%s %sl%s %sm0-%sl-%s %s", coarse(p[0]-r), coarse(p[1]-r), side, side, side, side, side)
		case dash:
			fmt.Fprintf(&b, "M%s %sh%s", coarse(p[0]-r), coarse(p[1]), side)
		}
	}
	if m.shape == square {
		d.path(b.String(), m.class, fmt.Sprintf(`fill="%s" fill-opacity="0.6"`, m.colour))
	} else {
		d.path(b.String(), m.class, fmt.Sprintf(`fill="none" stroke="%s" stroke-width="%s"`, m.colour, short(min(0.45*r, 1.8))))
	}
}

// coarse writes a coordinate with one decimal: a tenth of a pixel is enough for a mark.
func coarse(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// entry is one line of a legend.
type entry struct {
	mark mark
	text string
}

// legend sets entries side by side from (x, y).
func (d *drawing) legend(x, y float64, entries []entry) {
	for _, e := range entries {
		d.points(e.mark, [][2]float64{{x + 6, y - 4}})
		d.text(x+16, y, e.text, "s-ink", "")
		x += 16 + 6.6*float64(len([]rune(e.text))) + 22
	}
}
