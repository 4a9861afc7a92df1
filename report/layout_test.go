package report

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Grids stand in their order, none over another, inside the drawing; a line of fields is no
// wider than it may be unless it has one grid, and a grid that would still fit is in the line.
// Plain images stand in one line.
func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.Bool().Draw(t, "field")
		axis := &PictureAxis{Name: "x", Hi: 1, Fields: rapid.IntRange(1, 2).Draw(t, "fields")}
		all := make([]Images, rapid.IntRange(1, 7).Draw(t, "grids"))
		for i := range all {
			n := rapid.IntRange(1, 6).Draw(t, "pictures")
			all[i] = Images{Title: "title", Shape: []int{2, 3}, Across: (n + 1) / 2, Wide: rapid.Float64Range(3, 300).Draw(t, "wide"), Field: field, Own: rapid.Bool().Draw(t, "own"), Left: axis, Below: axis}
			for range n {
				all[i].Pictures = append(all[i].Pictures, []float64{0, 1, 2, 3, 4, 5})
			}
		}
		places, width, height := layout(fieldScale(levels{0, 5}), all)
		lineEnd, bottom := 0.0, 0.0
		for i, p := range places {
			g := &all[i]
			if p.leads != (p.x == 0) || p.leads != (i == 0 || p.y != places[i-1].y) {
				t.Fatalf("grid %d at (%g, %g) leads: %v", i, p.x, p.y, p.leads)
			}
			switch {
			case p.leads && p.y < bottom, !p.leads && p.x < lineEnd+between-1e-9:
				t.Fatalf("grid %d at (%g, %g) stands over another", i, p.x, p.y)
			case p.x+p.width > width+1e-9, p.y+topRoom+g.tall()+roomBelow > height+1e-9, p.bar && p.y+topRoom+g.barHigh() > height:
				t.Fatalf("grid %d leaves the drawing of %g × %g", i, width, height)
			case field && !p.leads && p.x+p.width > lineRoom, !field && p.y != 0:
				t.Fatalf("grid %d ends at %g of its line, at %g", i, p.x+p.width, p.y)
			}
			if q := p; field && p.leads && i > 0 {
				if q.leads = false; lineEnd+between+g.room(&q) <= lineRoom {
					t.Fatalf("grid %d would fit behind %g", i, lineEnd)
				}
			}
			lineEnd, bottom = p.x+p.width, max(bottom, p.y+topRoom+g.tall()+roomBelow)
		}
	})
}

// Where lines break, each says at its front what rows are, with the names of the fields.
func TestLinesNameTheirRows(t *testing.T) {
	g := Images{Title: "mean", Shape: []int{4, 2}, Pictures: [][]float64{make([]float64, 8)}, Across: 1, Wide: 290, Field: true, Parts: 2,
		Left: &PictureAxis{Name: "x", Hi: 1, Fields: 2, Of: []string{"u", "v"}}}
	markup := grids("g", fieldScale(levels{0, 1}), []Images{g, g, g})
	for _, name := range []string{"u", "v"} {
		if n := strings.Count(markup, ">"+name+"</text>"); n != 2 { // the third grid is in a second line
			t.Errorf("%s is there %d times", name, n)
		}
	}
}
