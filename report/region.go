package report

import (
	"math"
	"strings"
)

// regionPath outlines the set {inside} within a frame as SVG path data. It walks
// down the frame one pixel at a time, finds on each line the runs that lie
// inside (edges bisected to 0.01 pixel), and joins runs of neighbouring lines
// into polygons for as long as their number stays the same.
func regionPath(inside func(x, y float64) bool, f frame) string {
	var b strings.Builder
	var open []outline
	flush := func() {
		for _, o := range open {
			o.write(&b)
		}
		open = nil
	}
	for line := 0; line <= int(f.height); line++ {
		y := f.top + float64(line)
		found := runs(inside, f, y)
		if !continues(open, found) {
			started := len(open) == 0
			flush()
			for _, r := range found {
				var o outline
				if !started { // close the gap to the polygons that end above
					o.add(r, y-1)
				}
				o.add(r, y)
				open = append(open, o)
			}
			continue
		}
		for i, r := range found {
			open[i].add(r, y)
		}
	}
	flush()
	return b.String()
}

// outline is a polygon grown downwards: its left side and its right side.
type outline struct{ left, right [][2]float64 }

func (o *outline) add(run [2]float64, y float64) {
	o.left = append(o.left, [2]float64{run[0], y})
	o.right = append(o.right, [2]float64{run[1], y})
}

// continues says whether each run touches the end of the outline it would extend.
func continues(open []outline, found [][2]float64) bool {
	if len(open) != len(found) {
		return false
	}
	for i, r := range found {
		last := len(open[i].left) - 1
		if r[1] < open[i].left[last][0] || r[0] > open[i].right[last][0] {
			return false
		}
	}
	return true
}

func (o outline) write(b *strings.Builder) {
	if len(o.left) < 2 {
		return
	}
	left, right := simplified(o.left), simplified(o.right)
	for i, p := range left {
		b.WriteString([]string{"M", "L"}[min(i, 1)] + short(p[0]) + " " + short(p[1]))
	}
	for i := len(right) - 1; i >= 0; i-- {
		b.WriteString("L" + short(right[i][0]) + " " + short(right[i][1]))
	}
	b.WriteString("z")
}

// runs are the intervals of pixels inside the set on the line at height y.
func runs(inside func(x, y float64) bool, f frame, y float64) [][2]float64 {
	value := f.y.hi - (y-f.top)/f.height*(f.y.hi-f.y.lo)
	at := func(x float64) bool {
		return inside(f.x.lo+(x-f.left)/f.width*(f.x.hi-f.x.lo), value)
	}
	var out [][2]float64
	start, before := f.left, at(f.left)
	for i := 1; i <= int(f.width); i++ {
		x := f.left + float64(i)
		now := at(x)
		if now == before {
			continue
		}
		edge := crossing(at, x-1, x, before)
		if now {
			start = edge
		} else {
			out = append(out, [2]float64{start, edge})
		}
		before = now
	}
	if before {
		out = append(out, [2]float64{start, f.left + f.width})
	}
	return out
}

// crossing bisects the place between a and b where at changes from its value at a.
func crossing(at func(float64) bool, a, b float64, atA bool) float64 {
	for b-a > 0.01 {
		if m := (a + b) / 2; at(m) == atA {
			a = m
		} else {
			b = m
		}
	}
	return (a + b) / 2
}

// simplified drops points that lie within 0.1 pixel of the line through their
// neighbours (Douglas and Peucker 1973).
func simplified(line [][2]float64) [][2]float64 {
	if len(line) < 3 {
		return line
	}
	first, last := line[0], line[len(line)-1]
	dx, dy := last[0]-first[0], last[1]-first[1]
	length := math.Hypot(dx, dy)
	split, farthest := 0, 0.1
	for i, p := range line[1 : len(line)-1] {
		if away := math.Abs(dx*(p[1]-first[1])-dy*(p[0]-first[0])) / length; away > farthest {
			split, farthest = i+1, away
		}
	}
	if split == 0 {
		return [][2]float64{first, last}
	}
	head := simplified(line[:split+1])
	return append(head[:len(head)-1:len(head)-1], simplified(line[split:])...)
}
