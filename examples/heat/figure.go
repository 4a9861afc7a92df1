package main

import (
	"fmt"
	"math"
	"strings"
)

// figure are standard deviations over x (across) and t (down), all on one scale, the law's
// first; every second point is drawn.
func figure(law entry, entries []entry) string {
	const wide, high, gap, top, left, foot, columns, every = 190.0, 130.0, 22.0, 58.0, 44.0, 58.0, 4, 2
	var b strings.Builder
	all := append([]entry{law}, entries...)
	var most float64
	for _, e := range all {
		for _, v := range e.std {
			most = max(most, v)
		}
	}
	rows := (len(all) + columns - 1) / columns
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12" fill="#222">`+"\n",
		left+columns*(wide+gap)+60, 30+float64(rows)*(high+foot))
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	fmt.Fprintf(&b, `<text x="%.0f" y="20" font-size="14" font-weight="bold">Standard deviation of the fields that each method makes; all obey both laws</text>`+"\n", left)
	for k, e := range all {
		x, y := left+float64(k%columns)*(wide+gap), top+float64(k/columns)*(high+foot)
		title := "the law"
		if k > 0 {
			title = fmt.Sprintf("%s: %.0f %% off", e.name, 100*e.off)
		}
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f">%s</text>`+"\n", x, y-8, title)
		w, h := wide/points, high/times
		colour := func(i, j int) string { return shade(e.std[i*points+j] / most) }
		for i := 0; i < times; i += every {
			for j := 0; j < points; {
				// One rectangle for neighbours of one colour.
				c, from := colour(i, j), j
				for j += every; j < points && colour(i, j) == c; j += every {
				}
				fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x+float64(from)*w, y+float64(i)*h, float64(j-from)*w+0.3, every*h+0.3, c)
			}
		}
		fmt.Fprintf(&b, "\n"+`<text x="%.0f" y="%.0f">x = 0</text><text x="%.0f" y="%.0f" text-anchor="end">2π</text>`+"\n", x, y+high+16, x+wide, y+high+16)
		if k%columns == 0 {
			fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="end">t = 0</text><text x="%.0f" y="%.0f" text-anchor="end">1</text>`+"\n", x-5, y+10, x-5, y+high)
		}
	}
	x := left + columns*(wide+gap)
	for i := range shades {
		fmt.Fprintf(&b, `<rect x="%.0f" y="%.1f" width="14" height="%.1f" fill="%s"/>`, x, top+float64(shades-1-i)*high/shades, high/shades+0.3, shade(float64(i)/(shades-1)))
	}
	fmt.Fprintf(&b, "\n"+`<text x="%.0f" y="%.0f">%.2f</text><text x="%.0f" y="%.0f">0</text>`+"\n</svg>\n", x+19, top+10, most, x+19, top+high)
	return b.String()
}

// shades are few, so that neighbours share a rectangle.
const shades = 20

// shade goes from white to dark blue.
func shade(t float64) string {
	t = math.Round((shades-1)*min(max(t, 0), 1)) / (shades - 1)
	part := func(full float64) int { return int(255 - t*(255-full)) }
	return fmt.Sprintf("#%02x%02x%02x", part(8), part(48), part(107))
}
