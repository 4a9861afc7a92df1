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
	Own       bool        // levels of its own, not those of the whole figure
	Outline   bool        // a line around each picture, which may be white to its edge

	Field  bool // values of fields: in colours, which a bar explains; without, in grey
	Spread bool // of a Field with levels of its Own: standard deviations
	Parts  int  // how many fields stand below each other in a picture; 0 and 1: one

	Below *PictureAxis // what a picture's columns are, said under the lowest row of the grid; nil: nothing
	Left  *PictureAxis // what a picture's rows are, said left of the first grid of a line; nil: nothing
}

// pictures draws samples and real rows as images, with the levels of the real rows.
func (in *Input) pictures() string {
	last := in.Images[len(in.Images)-1]
	return grids(in.Report.Title+": samples and real rows as images", sharedScale(in.Images, last.Pictures), in.Images)
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
	return grids(in.Report.Title+": measurement, mean, standard deviation and samples", sharedScale(in.Recovered, all), in.Recovered)
}

// sharedScale is grey, with the levels of the plain pictures; where grids show fields, it is
// theirs and spans all numbers that are drawn with it.
func sharedScale(all []Images, plain [][]float64) scale {
	var fields [][]float64
	for _, g := range all {
		if g.Field && !g.Own {
			fields = append(fields, g.Pictures...)
		}
	}
	if fields != nil {
		return fieldScale(extent(fields...))
	}
	return scale{levels: levelsOf(plain...)}
}

// scale is what a grid is drawn with where shared is that of the drawing, and whether it is
// of standard deviations that are rounding beside the shared numbers: those are drawn flat.
func (g *Images) scale(shared scale) (s scale, flat bool) {
	switch {
	case !g.Field && g.Own:
		return scale{levels: levelsOf(g.Pictures...)}, false
	case !g.Field:
		return scale{levels: shared.levels}, false
	case g.Own && g.Spread:
		largest := extent(g.Pictures...).hi
		if largest >= 0 && largest <= rounding*shared.size() {
			return scale{levels{0, math.Inf(1)}, sequential}, true
		}
		return spreadScale(largest), false
	case g.Own:
		return fieldScale(extent(g.Pictures...)), false
	}
	return shared, false
}

// side is how many drawing units a picture is wide, where it does not say.
const side, gap = 46.0, 3.0

// grids draws grids of pictures beside each other, all with the same scale but those with
// their own.
func grids(label string, shared scale, all []Images) string {
	places, width, height := layout(shared, all)
	d := newDrawing(max(width, 200), height+2, label)
	for i, g := range all {
		p := &places[i]
		x, y := p.x+g.labelRoom(p.leads), p.y+topRoom
		d.text(x, p.y+16, p.title, "s-ink", `font-weight="600" font-size="13.5"`)
		for r, name := range g.RowLabels {
			d.text(x-8, y+float64(r)*(g.high()+gap)+g.high()/2+4, clipped(name, 12), "s-muted", `text-anchor="end"`)
		}
		across := float64(g.Across)*(g.side()+gap) - gap
		if len(g.Pictures) > 0 {
			d.image(x, y, across, g.tall(), g.encoded(p.scale))
		}
		if g.Outline {
			for i := range g.Pictures {
				d.outline(x+float64(i%g.Across)*(g.side()+gap), y+float64(i/g.Across)*(g.high()+gap), g.side(), g.high())
			}
		}
		g.seams(d, x, y)
		if p.leads {
			g.rows(d, x, y)
		}
		g.columns(d, x, y)
		if p.bar {
			d.bar(x+across+barGap, y, g.barHigh(), p.scale)
		}
	}
	return d.String()
}

// image draws a PNG in base64 over a rectangle, its pixels sharp.
func (d *drawing) image(x, y, width, height float64, encoded string) {
	fmt.Fprintf(&d.b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		short(x), short(y), short(width), short(height), encoded)
}

// outline draws a thin line around a rectangle.
func (d *drawing) outline(x, y, width, height float64) {
	fmt.Fprintf(&d.b, `<rect class="s-axis" x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s" stroke-width="0.7"/>`+"\n",
		short(x), short(y), short(width), short(height), colourMuted)
}

// seams part the fields that stand below each other in one picture.
func (g *Images) seams(d *drawing, x, y float64) {
	for i := range g.Pictures {
		left, top := x+float64(i%g.Across)*(g.side()+gap), y+float64(i/g.Across)*(g.high()+gap)
		for f := 1; f < g.Parts; f++ {
			at := top + g.high()*float64(f)/float64(g.Parts)
			d.line(left, at, left+g.side(), at, "s-axis", colourMuted, `stroke-width="0.7"`)
		}
	}
}

// check finds pictures that do not have the shape.
func (g *Images) check() error {
	if g.Across < 1 || (len(g.Shape) != 2 && !(len(g.Shape) == 3 && g.Shape[2] == 3)) || g.Shape[0] < 1 || g.Shape[1] < 1 {
		return fmt.Errorf("report: images: %d across, shape %v: a shape is [height, width] or [height, width, 3]", g.Across, g.Shape)
	}
	if g.Field && len(g.Shape) != 2 {
		return fmt.Errorf("report: images: fields of shape %v: a field has one number at a place", g.Shape)
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
func (g *Images) encoded(s scale) string {
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
				img.SetNRGBA(x0+x, y0+y, pixel(p, g.Shape, y/k, x/k, s))
			}
		}
	}
	var b bytes.Buffer
	_ = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img) // a buffer does not fail
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func pixel(p []float64, shape []int, y, x int, s scale) color.NRGBA {
	if len(shape) == 3 {
		at := (y*shape[1] + x) * 3
		if !drawable(p[at]) {
			return unseen
		}
		return color.NRGBA{s.byte(p[at]), s.byte(p[at+1]), s.byte(p[at+2]), 255}
	}
	return s.colour(p[y*shape[1]+x])
}
