package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Images are rows shown as pictures in a grid, row by row.
type Images struct {
	Title     string
	Shape     []int       // height, width and, for colour, 3
	Pictures  [][]float64 // each of height·width(·3) numbers; nil leaves a place empty
	Across    int         // pictures side by side
	RowLabels []string    // what stands left of each row of the grid; nil: nothing
	Wide      float64     // drawing units a picture is wide; 0 means 46
	Own       bool        // grey levels of its own, not those of the whole figure
	Outline   bool        // a line around each picture, which may be white to its edge

	Below *PictureAxis // what a picture's columns are, said under the lowest row of the grid; nil: nothing
	Left  *PictureAxis // what a picture's rows are, said left of the first column; nil: nothing
}

// PictureAxis is what pixels along one side of a picture stand for: Lo at the middle of the
// first, Hi at that of the last, in the unit of the axis. Where several fields stand below
// each other in a picture, each of Fields equal parts has the axis by itself.
type PictureAxis struct {
	Name   string
	Lo, Hi float64
	Fields int // 0 and 1: one
}

// places are the ticks along a side of length units with n pixels, and where the middle
// of each part is, with its name.
func (a *PictureAxis) places(length float64, n int) (ticks, names []Tick) {
	fields := max(a.Fields, 1)
	part, pixels := length/float64(fields), n/fields
	for f := range fields {
		name := a.Name
		if fields > 1 {
			name = fmt.Sprintf("%s, field %d", a.Name, f)
		}
		names = append(names, Tick{(float64(f) + 0.5) * part, name})
		for _, t := range Ticks(a.Lo, a.Hi, max(2, int(part/tickRoom))) {
			pixel := 0.5 + (t.Value-a.Lo)/(a.Hi-a.Lo)*float64(pixels-1)
			ticks = append(ticks, Tick{float64(f)*part + pixel/float64(pixels)*part, t.Label})
		}
	}
	return ticks, names
}

// tickRoom is what a number on an axis takes, with a space.
const tickRoom = 28.0

// roomLeft and roomBelow are what numbers and name of an axis take.
const roomLeft, roomBelow = 46.0, 32.0

// sides draws the axes of a grid whose first picture begins at (x, y).
func (g *Images) sides(d *drawing, x, y float64) {
	if g.Left != nil {
		ticks, names := g.Left.places(g.high(), g.Shape[0])
		for _, t := range ticks {
			d.line(x-4, y+t.Value, x, y+t.Value, "s-axis", colourMuted, `stroke-width="1"`)
			d.text(x-6, y+t.Value+4, t.Label, "s-muted", `text-anchor="end" font-size="11"`)
		}
		for _, t := range names {
			at, middle := x-36, y+t.Value
			d.text(at, middle, t.Label, "s-ink", `text-anchor="middle" transform="rotate(-90 `+short(at)+" "+short(middle)+`)"`)
		}
	}
	if g.Below != nil {
		bottom := y + float64(g.down())*(g.high()+gap) - gap
		ticks, names := g.Below.places(g.side(), g.Shape[1])
		for _, t := range ticks {
			d.line(x+t.Value, bottom, x+t.Value, bottom+4, "s-axis", colourMuted, `stroke-width="1"`)
			d.text(x+t.Value, bottom+15, t.Label, "s-muted", `text-anchor="middle" font-size="11"`)
		}
		for _, t := range names {
			d.text(x+t.Value, bottom+29, t.Label, "s-ink", `text-anchor="middle"`)
		}
	}
}

// grey range of a picture: lo is black, hi is white, what is beyond is clipped.
type levels struct{ lo, hi float64 }

// levelsOf spans all numbers of the pictures.
func levelsOf(pictures ...[]float64) levels {
	l := levels{math.Inf(1), math.Inf(-1)}
	for _, p := range pictures {
		for _, v := range p {
			if drawable(v) {
				l.lo, l.hi = math.Min(l.lo, v), math.Max(l.hi, v)
			}
		}
	}
	if !(l.lo < l.hi) {
		l = levels{0, 1}
	}
	return l
}

func (l levels) byte(v float64) uint8 {
	if !drawable(v) {
		return 0
	}
	return uint8(math.Round(255 * min(max((v-l.lo)/(l.hi-l.lo), 0), 1)))
}

// pictures draws samples and real rows as images, with the levels of the real rows.
func (in *Input) pictures() string {
	last := in.Images[len(in.Images)-1]
	return grids(in.Report.Title+": samples and real rows as images", levelsOf(last.Pictures...), in.Images)
}

// recovered draws what was measured beside what it tells, with the levels of the real
// rows, or where there are none with levels that all pictures share but those in units
// of their own.
func (in *Input) recovered() string {
	var all [][]float64
	if len(in.Images) > 1 {
		all = in.Images[len(in.Images)-1].Pictures
	}
	for _, g := range in.Recovered {
		if !g.Own && len(in.Images) < 2 {
			all = append(all, g.Pictures...)
		}
	}
	return grids(in.Report.Title+": measurement, mean, standard deviation and samples", levelsOf(all...), in.Recovered)
}

// side is how many drawing units a picture is wide, where it does not say.
const side, gap = 46.0, 3.0

// grids draws grids of pictures beside each other, all with the same levels.
func grids(label string, l levels, all []Images) string {
	const top, between = 28.0, 40.0
	x, height := 0.0, 0.0
	for i, g := range all {
		if i > 0 {
			x += between
		}
		x += max(g.labelRoom()+float64(g.Across)*(g.side()+gap), titleRoom(g.Title))
		below := 0.0
		if g.Below != nil {
			below = roomBelow
		}
		height = max(height, top+float64(g.down())*(g.high()+gap)+below)
	}
	d := newDrawing(max(x, 200), height+2, label)
	x = 0
	for i, g := range all {
		if i > 0 {
			x += between
		}
		left := x
		x += g.labelRoom()
		d.text(x, 16, g.Title, "s-ink", `font-weight="600" font-size="13.5"`)
		for r, name := range g.RowLabels {
			d.text(x-8, top+float64(r)*(g.high()+gap)+g.high()/2+4, clipped(name, 12), "s-muted", `text-anchor="end"`)
		}
		if len(g.Pictures) > 0 {
			fmt.Fprintf(&d.b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
				short(x), short(top), short(float64(g.Across)*(g.side()+gap)-gap), short(float64(g.down())*(g.high()+gap)-gap), g.encoded(l))
		}
		if g.Outline {
			for i := range g.Pictures {
				fmt.Fprintf(&d.b, `<rect class="s-axis" x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s" stroke-width="0.7"/>`+"\n",
					short(x+float64(i%g.Across)*(g.side()+gap)), short(top+float64(i/g.Across)*(g.high()+gap)), short(g.side()), short(g.high()), colourMuted)
			}
		}
		g.sides(d, x, top)
		x = max(x+float64(g.Across)*(g.side()+gap), left+titleRoom(g.Title))
	}
	return d.String()
}

// titleRoom is about how wide a title is, in the type it is set in.
func titleRoom(title string) float64 { return 7.2 * float64(len([]rune(title))) }

func (g *Images) side() float64 {
	if g.Wide > 0 {
		return g.Wide
	}
	return side
}

func (g *Images) labelRoom() float64 {
	longest := 0
	for _, name := range g.RowLabels {
		longest = max(longest, len([]rune(clipped(name, 12))))
	}
	room := 0.0
	if longest > 0 {
		room = 12 + 7*float64(longest)
	}
	if g.Left != nil {
		room += roomLeft
	}
	return room
}

func (g *Images) down() int { return (len(g.Pictures) + g.Across - 1) / max(g.Across, 1) }

// high is how many drawing units a picture is high.
func (g *Images) high() float64 { return g.side() * float64(g.Shape[0]) / float64(g.Shape[1]) }

// check finds pictures that do not have the shape.
func (g *Images) check() error {
	if g.Across < 1 || (len(g.Shape) != 2 && !(len(g.Shape) == 3 && g.Shape[2] == 3)) || g.Shape[0] < 1 || g.Shape[1] < 1 {
		return fmt.Errorf("report: images: %d across, shape %v: a shape is [height, width] or [height, width, 3]", g.Across, g.Shape)
	}
	n := 1
	for _, s := range g.Shape {
		n *= s
	}
	for i, p := range g.Pictures {
		if p != nil && len(p) != n {
			return fmt.Errorf("report: images: picture %d has %d numbers, shape %v has %d", i, len(p), g.Shape, n)
		}
	}
	return nil
}

// encoded is the whole grid as one PNG, in base64. Pixels are enlarged by a whole
// number, so that viewers that smooth show them sharp as well; gaps stay clear.
func (g *Images) encoded(l levels) string {
	if g.Own {
		l = levelsOf(g.Pictures...)
	}
	h, w := g.Shape[0], g.Shape[1]
	k := max(1, int(2*g.side())/w)
	space := int(math.Round(gap / g.side() * float64(w*k)))
	tall := int(math.Round(g.high() / g.side() * float64(w*k)))
	img := image.NewNRGBA(image.Rect(0, 0, g.Across*(w*k+space)-space, g.down()*(tall+space)-space))
	for i, p := range g.Pictures {
		if p == nil {
			continue
		}
		x0, y0 := i%g.Across*(w*k+space), i/g.Across*(tall+space)
		for y := range h * k {
			for x := range w * k {
				img.SetNRGBA(x0+x, y0+y, pixel(p, g.Shape, y/k, x/k, l))
			}
		}
	}
	var b bytes.Buffer
	_ = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img) // a buffer does not fail
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// unseen is the colour of a pixel without a number: no grey.
var unseen = color.NRGBA{0x56, 0xb4, 0xe9, 0x60}

func pixel(p []float64, shape []int, y, x int, l levels) color.NRGBA {
	if len(shape) == 3 {
		at := (y*shape[1] + x) * 3
		if !drawable(p[at]) {
			return unseen
		}
		return color.NRGBA{l.byte(p[at]), l.byte(p[at+1]), l.byte(p[at+2]), 255}
	}
	if v := p[y*shape[1]+x]; !drawable(v) {
		return unseen
	}
	v := l.byte(p[y*shape[1]+x])
	return color.NRGBA{v, v, v, 255}
}
