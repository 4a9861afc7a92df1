package main

import (
	"fmt"
	"math"
	"strings"
)

// figure are four maps side by side: truth and mean on one scale, the standard deviation,
// and where the 90 % interval misses the truth. Crosses are wells.
func figure(n int, r *posterior, wells [][]float64) string {
	const side, gap, top = 240.0, 20.0, 30.0
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="13">`+"\n", 4*side+5*gap, side+top+gap)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	limit := 0.0
	for _, v := range r.truth {
		limit = math.Max(limit, math.Abs(v))
	}
	most := 0.0
	for _, v := range r.std {
		most = math.Max(most, v)
	}
	panels := []struct {
		title  string
		colour func(j int) string
	}{
		{fmt.Sprintf("log-permeability, −%.1f to %.1f", limit, limit), func(j int) string { return diverging(r.truth[j] / limit) }},
		{"mean of the draws, same scale", func(j int) string { return diverging(r.mean[j] / limit) }},
		{fmt.Sprintf("standard deviation, 0 to %.2f", most), func(j int) string { return grey(1 - r.std[j]/most) }},
		{fmt.Sprintf("inside the 90 %% interval: %.1f %%", 100*r.coverage), func(j int) string {
			if r.inside[j] {
				return "#e8e8e8"
			}
			return "#b2182b"
		}},
	}
	h := side / float64(n)
	for k, p := range panels {
		x := gap + float64(k)*(side+gap)
		fmt.Fprintf(&b, `<text x="%g" y="20">%s</text>`+"\n", x, p.title)
		for i := range n {
			for j := 0; j < n; {
				// One rectangle for neighbours of one colour.
				c, from := p.colour(i*n+j), j
				for j++; j < n && p.colour(i*n+j) == c; j++ {
				}
				fmt.Fprintf(&b, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`, x+float64(from)*h, top+float64(i)*h, float64(j-from)*h+0.3, h+0.3, c)
			}
		}
		b.WriteByte('\n')
		for _, w := range wells {
			cx, cy := x+w[1]*side, top+w[0]*side
			fmt.Fprintf(&b, `<path d="M%.1f %.1fh6m-3 -3v6" stroke="black" fill="none"/>`, cx-3, cy)
		}
		b.WriteByte('\n')
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// diverging goes from blue over white to red in 32 steps, so that neighbours share a rectangle.
func diverging(t float64) string {
	t = math.Round(16*math.Max(-1, math.Min(1, t))) / 16
	fade := func(full float64) int { return int(255 - math.Abs(t)*(255-full)) }
	if t < 0 {
		return fmt.Sprintf("#%02x%02x%02x", fade(33), fade(102), fade(172))
	}
	return fmt.Sprintf("#%02x%02x%02x", fade(178), fade(24), fade(43))
}

func grey(t float64) string {
	v := int(255 * math.Round(16*t) / 16)
	return fmt.Sprintf("#%02x%02x%02x", v, v, v)
}
