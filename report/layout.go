package report

import "math"

// place is where a grid of pictures stands in a drawing, and how it is drawn.
type place struct {
	title string
	scale scale
	bar   bool // the bar of the scale stands right of the pictures
	leads bool // the first in its line: what rows are is said left of it
	x, y  float64
	width float64
}

// Room above pictures for a title, and between grids; lineRoom is how wide a line of fields
// is at most, so that its numbers can be read where the drawing is made to fit a page. Plain
// images stand in one line.
const topRoom, between, lineRoom = 28.0, 40.0, 700.0

// layout places grids beside each other, and in lines below each other where they are fields
// that take more than a line. Of fields, the last grid with the shared scale has its bar, and
// each of the others. It is the size of all as well.
func layout(shared scale, all []Images) (places []place, width, height float64) {
	lastShared, limit := -1, math.Inf(1)
	for i, g := range all {
		if g.Field {
			limit = lineRoom
			if !g.Own {
				lastShared = i
			}
		}
	}
	x, y, bottom := 0.0, 0.0, 0.0
	for i := range all {
		g := &all[i]
		p := place{title: g.Title, leads: i == 0, x: x, y: y}
		flat := false
		if p.scale, flat = g.scale(shared); flat {
			p.title += ", 0 to rounding"
		}
		p.bar = g.Field && !flat && (g.Own || i == lastShared)
		if p.width = g.room(&p); i > 0 {
			p.x += between
		}
		if p.x+p.width > limit && i > 0 {
			p.leads, p.x, p.y = true, 0, bottom+12
			p.width = g.room(&p)
		}
		x, y = p.x+p.width, p.y
		width, bottom = max(width, x), max(bottom, y+topRoom+g.tall()+gap+g.footRoom(&p))
		places = append(places, p)
	}
	return places, width, bottom
}

// room is what a grid takes at its place, from left to right.
func (g *Images) room(p *place) float64 {
	left := g.labelRoom(p.leads)
	width := left + float64(g.Across)*(g.side()+gap)
	if p.bar {
		width += p.scale.barRoom() - gap
	}
	title := titleRoom(p.title)
	if g.Field {
		title *= 1.25 // in wide types as well: a title may be the last in its line
	}
	return max(width, left+title)
}

// footRoom is what stands below the pictures of a grid at its place: the axis, or the end of
// a bar with its number.
func (g *Images) footRoom(p *place) float64 {
	room := 0.0
	if g.Below != nil {
		room = roomBelow
	}
	if p.bar {
		room = max(room, g.barHigh()-g.tall()+4)
	}
	return room
}

// labelRoom is what row labels and, in front of a line, the axis of rows take.
func (g *Images) labelRoom(leads bool) float64 {
	longest := 0
	for _, name := range g.RowLabels {
		longest = max(longest, len([]rune(clipped(name, 12))))
	}
	room := 0.0
	if longest > 0 {
		room = 12 + 7*float64(longest)
	}
	if leads {
		room += g.Left.room()
	}
	return room
}

// titleRoom is about how wide a title is, in the type it is set in.
func titleRoom(title string) float64 { return 7.2 * float64(len([]rune(title))) }

func (g *Images) side() float64 {
	if g.Wide > 0 {
		return g.Wide
	}
	return side
}

func (g *Images) down() int { return (len(g.Pictures) + g.Across - 1) / max(g.Across, 1) }

// high is how many drawing units a picture is high, tall all of the grid.
func (g *Images) high() float64 { return g.side() * float64(g.Shape[0]) / float64(g.Shape[1]) }
func (g *Images) tall() float64 { return float64(g.down())*(g.high()+gap) - gap }
