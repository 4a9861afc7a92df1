package report

import (
	"fmt"
	"math"
)

// A bar stands barGap right of its pictures; least is how high it is at least.
const barGap, barWide, barLeast = 10.0, 10.0, 48.0

// barNumbers are what a bar says, from its top to its bottom: the limits and their middle,
// with as many decimals as say them as they are, at most four digits of their difference.
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
		out = append(out, tickLabel(v, exponent, powers))
	}
	return out
}

// barRoom is what a bar takes right of its pictures.
func (s scale) barRoom() float64 {
	longest := 0
	for _, text := range s.barNumbers() {
		longest = max(longest, len([]rune(text)))
	}
	return barGap + barWide + 8 + 6.6*float64(longest)
}

// bar draws the colours of a scale from (x, y) down, with their numbers.
func (d *drawing) bar(x, y, height float64, s scale) {
	const steps = 128
	g := Images{Shape: []int{steps, 1}, Across: 1, Wide: barWide, Pictures: [][]float64{make([]float64, steps)}}
	for i := range g.Pictures[0] {
		t := float64(i) / (steps - 1)
		g.Pictures[0][i] = s.hi*(1-t) + s.lo*t
	}
	fmt.Fprintf(&d.b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		short(x), short(y), short(barWide), short(height), g.encoded(s))
	fmt.Fprintf(&d.b, `<rect class="s-axis" x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s" stroke-width="0.7"/>`+"\n",
		short(x), short(y), short(barWide), short(height), colourMuted)
	numbers := s.barNumbers()
	for i, text := range numbers {
		at := y + height*float64(i)/float64(len(numbers)-1)
		d.line(x+barWide, at, x+barWide+4, at, "s-axis", colourMuted, `stroke-width="1"`)
		d.text(x+barWide+7, at+4, text, "s-muted", `font-size="11"`)
	}
}
