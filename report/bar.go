package report

import (
	"math"
	"strings"
)

// A bar stands barGap right of its pictures and is as high as they are within limits.
const barGap, barWide, barLeast, barMost = 10.0, 10.0, 48.0, 240.0

// barHigh is how high the bar of a grid is.
func (g *Images) barHigh() float64 { return min(max(g.tall(), barLeast), barMost) }

// barNumbers are what a bar says, from its top to its bottom: the limits and their middle,
// as they are, with at most four digits of their difference.
func (s scale) barNumbers() []string {
	exponent := int(math.Floor(math.Log10(s.hi-s.lo))) - 3
	unit := scaled(1, exponent)
	k := []float64{math.Round(s.hi / unit), math.Round((s.lo/2 + s.hi/2) / unit), math.Round(s.lo / unit)}
	for math.Mod(k[0], 10) == 0 && math.Mod(k[1], 10) == 0 && math.Mod(k[2], 10) == 0 {
		k[0], k[1], k[2], exponent = k[0]/10, k[1]/10, k[2]/10, exponent+1
	}
	powers := s.size() < 1e-4 || s.size() >= 1e6
	var out []string
	for _, v := range k {
		text := tickLabel(v, exponent, powers)
		if !powers && strings.Contains(text, ".") { // limits are exact: further zeros would be no digits of theirs
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		out = append(out, text)
	}
	return out
}

// barRoom is what a bar takes right of its pictures.
func (s scale) barRoom() float64 {
	longest := 0
	for _, text := range s.barNumbers() {
		longest = max(longest, len([]rune(text)))
	}
	return barGap + barWide + 8 + 7.2*float64(longest)
}

// bar draws the colours of a scale from (x, y) down, with their numbers.
func (d *drawing) bar(x, y, height float64, s scale) {
	const steps = 128
	g := Images{Shape: []int{steps, 1}, Across: 1, Wide: barWide, Pictures: [][]float64{make([]float64, steps)}}
	for i := range g.Pictures[0] {
		t := float64(i) / (steps - 1)
		g.Pictures[0][i] = s.hi*(1-t) + s.lo*t
	}
	d.image(x, y, barWide, height, g.encoded(s))
	d.outline(x, y, barWide, height)
	numbers := s.barNumbers()
	for i, text := range numbers {
		at := y + height*float64(i)/float64(len(numbers)-1)
		d.line(x+barWide, at, x+barWide+4, at, "s-axis", colourMuted, `stroke-width="1"`)
		d.text(x+barWide+7, at+4, text, "s-muted", `font-size="11"`)
	}
}
