package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A tick stands at the middle of the pixel that has its value, in every field of a picture,
// and each field has its name in its middle.
func TestPictureAxisPlaces(t *testing.T) {
	for _, fields := range []int{1, 3} {
		const n, length = 11, 110.0 // of a field: pixel k has the value k, its middle is at 10k + 5
		ticks, names := (&PictureAxis{Name: "x", Lo: 0, Hi: 10, Fields: fields}).places(float64(fields)*length, fields*n)
		if len(names) != fields || len(ticks) != fields*3 { // 0, 5 and 10
			t.Fatalf("%d fields: %d names, ticks %v", fields, len(names), ticks)
		}
		for i, tick := range ticks {
			if last := i%3 == 2 && i < len(ticks)-1; last != (tick.Label == "") { // 0 of the next field stands there
				t.Errorf("%d fields: tick %d says %q", fields, i, tick.Label)
			} else if last {
				tick.Label = "10"
			}
			v, err := strconv.ParseFloat(tick.Label, 64)
			if want := float64(i/3)*length + 10*v + 5; err != nil || math.Abs(tick.Value-want) > 1e-9 {
				t.Errorf("%d fields: %q at %g, want %g (%v)", fields, tick.Label, tick.Value, want, err)
			}
		}
		for f, name := range names {
			want := ""
			if fields > 1 {
				want = "field " + strconv.Itoa(f)
			}
			if name.Label != want || name.Value != (float64(f)+0.5)*length {
				t.Errorf("name %d of %d: %+v", f, fields, name)
			}
		}
	}
}

// Axes of pictures stay inside the drawing, and numbers of one line apart from each other;
// the pictures are as before, with no axes where none are asked for.
func TestPictureAxesFit(t *testing.T) {
	g := Images{Title: "mean", Shape: []int{40, 30}, Pictures: [][]float64{make([]float64, 1200)}, Across: 1, Wide: 118}
	bare := grids("g", scale{levels: levels{0, 1}}, []Images{g})
	if strings.Contains(bare, "<line") {
		t.Error("axes that were not asked for")
	}
	g.Left, g.Below = &PictureAxis{Name: "t", Lo: 0, Hi: 1}, &PictureAxis{Name: "x", Lo: 0.0125, Hi: 0.9875}
	small := g
	small.Wide, small.Left = 57.5, nil
	markup := grids("g", scale{levels: levels{0, 1}}, []Images{g, small})
	size := regexp.MustCompile(`viewBox="0 0 ([\d.]+) ([\d.]+)"`).FindStringSubmatch(markup)
	wide, high := coordinate(t, size[1]), coordinate(t, size[2])
	last := map[string]float64{}
	count := 0
	for _, m := range regexp.MustCompile(`<text class="(s-[a-z]+)" x="(-?[\d.]+)" y="(-?[\d.]+)"[^>]*>([^<]*)<`).FindAllStringSubmatch(markup, -1) {
		x, y := coordinate(t, m[2]), coordinate(t, m[3])
		if x < 8 && m[4] != "mean" || x > wide || y > high {
			t.Errorf("%q at (%g, %g) of %g × %g", m[4], x, y, wide, high)
		}
		if m[1] != "s-muted" || strings.Contains(m[0], `"end"`) {
			continue
		}
		if before, ok := last[m[3]]; ok && x-before < 20 {
			t.Errorf("%q is %g units right of the number before it", m[4], x-before)
		}
		last[m[3]] = x
		count++
	}
	if count < 4 {
		t.Errorf("%d numbers below the pictures", count)
	}
	if strings.Count(markup, ">x</text>") != 2 || strings.Count(markup, ">t</text>") != 1 {
		t.Error("names: want x below both and t left of the first")
	}
}

func coordinate(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
