package report

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// polygons parses the path data that regionPath writes.
func polygons(t *rapid.T, path string) [][][2]float64 {
	var out [][][2]float64
	for part := range strings.SplitSeq(path, "z") {
		if part == "" {
			continue
		}
		var polygon [][2]float64
		for p := range strings.SplitSeq(strings.ReplaceAll(strings.TrimPrefix(part, "M"), "L", ","), ",") {
			xs, ys, _ := strings.Cut(p, " ")
			x, errX := strconv.ParseFloat(xs, 64)
			y, errY := strconv.ParseFloat(ys, 64)
			if errX != nil || errY != nil {
				t.Fatalf("point %q", p)
			}
			polygon = append(polygon, [2]float64{x, y})
		}
		out = append(out, polygon)
	}
	return out
}

// covered is the even-odd test within one polygon, any of them counting.
func covered(all [][][2]float64, x, y float64) bool {
	for _, p := range all {
		inside := false
		for i, j := 0, len(p)-1; i < len(p); j, i = i, i+1 {
			if (p[i][1] > y) != (p[j][1] > y) && x < (p[j][0]-p[i][0])*(y-p[i][1])/(p[j][1]-p[i][1])+p[i][0] {
				inside = !inside
			}
		}
		if inside {
			return true
		}
	}
	return false
}

// The outline and the set agree at every point farther than two pixels from the
// set's edge (one pixel of line spacing and one of sampling along the line).
func TestRegionMatchesItsSet(t *testing.T) {
	f := frame{x: interval{-2, 2}, y: interval{-2, 2}, left: 30, top: 20, width: 160, height: 160}
	pixel := 4.0 / 160
	rapid.Check(t, func(t *rapid.T) {
		var inside func(x, y float64) bool
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0: // half-spaces
			var planes [][3]float64
			for range rapid.IntRange(0, 4).Draw(t, "count") {
				angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
				planes = append(planes, [3]float64{math.Cos(angle), math.Sin(angle), rapid.Float64Range(-0.5, 1.5).Draw(t, "offset")})
			}
			inside = func(x, y float64) bool {
				for _, p := range planes {
					if p[0]*x+p[1]*y > p[2] {
						return false
					}
				}
				return true
			}
		case 1: // two discs, apart or touching
			x, y, gap := rapid.Float64Range(-1, 1).Draw(t, "x"), rapid.Float64Range(-1, 0).Draw(t, "y"), rapid.Float64Range(0.3, 1.2).Draw(t, "gap")
			inside = func(u, v float64) bool {
				return math.Hypot(u-x, v-y) < 0.4 || math.Hypot(u-x/2, v-y-gap) < 0.4
			}
		case 2: // a ring: holes open and close on the way down
			cx, cy := rapid.Float64Range(-1, 1).Draw(t, "cx"), rapid.Float64Range(-1, 1).Draw(t, "cy")
			r := rapid.Float64Range(0.2, 1).Draw(t, "r")
			inside = func(x, y float64) bool {
				s := math.Hypot(x-cx, y-cy)
				return s > r && s < r+0.4
			}
		}
		all := polygons(t, regionPath(inside, f))
		for range 40 {
			x, y := rapid.Float64Range(-1.9, 1.9).Draw(t, "x"), rapid.Float64Range(-1.9, 1.9).Draw(t, "y")
			want, sure := inside(x, y), true
			for k := range 32 {
				a := 2 * math.Pi * float64(k) / 32
				sure = sure && inside(x+2*pixel*math.Cos(a), y+2*pixel*math.Sin(a)) == want
			}
			if got := covered(all, f.px(x), f.py(y)); sure && got != want {
				t.Fatalf("(%g, %g): outline says %v, set says %v", x, y, got, want)
			}
		}
	})
}

// A triangle is written with a handful of corners, not one per line of pixels.
func TestRegionIsSimple(t *testing.T) {
	f := frame{x: interval{-2, 2}, y: interval{-2, 2}, left: 0, top: 0, width: 400, height: 400}
	path := regionPath(func(x, y float64) bool { return y > -1 && y < 1-x && y < 1+x }, f)
	if n := strings.Count(path, "L"); n > 8 {
		t.Errorf("%d corners: %s", n, path)
	}
	if path := regionPath(func(x, y float64) bool { return false }, f); path != "" {
		t.Errorf("empty set: %q", path)
	}
}
