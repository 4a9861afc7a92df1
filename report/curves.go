package report

import (
	"fmt"
	"math"
	"strings"
)

// lossCurves draws the training loss and the held-out loss over the steps,
// logarithmically where they span more than a factor of two, and rings the step
// whose weights were kept.
func lossCurves(t *Training) string {
	d := newDrawing(860, 330, "training loss and held-out loss over the steps")
	var all []float64
	first, last := math.Inf(1), 0.0
	for _, p := range t.Curve {
		for _, v := range []float64{p.Loss, p.Heldout} {
			if drawable(v) {
				all = append(all, v)
			}
		}
		first, last = math.Min(first, float64(p.Step)), float64(p.Step)
	}
	scale := func(v float64) float64 { return v }
	logarithmic := spansTwo(all)
	if logarithmic {
		scale = math.Log10
	}
	scaled := make([]float64, len(all))
	for i, v := range all {
		scaled[i] = scale(v)
	}
	f := frame{x: interval{0, math.Max(last, 1)}, y: span(scaled), left: 74, top: 40, width: 766, height: 236}
	ticks, label := Ticks(f.y.lo, f.y.hi, max(5, int(f.height/42))), "loss"
	if logarithmic {
		ticks, label = logTicks(f.y), "loss (logarithmic)"
	}
	d.axesAt(f, ticks, "step", label, false)
	var entries []entry
	for _, c := range []struct {
		name, class, colour string
		value               func(TrainingPoint) float64
	}{
		{"training", "s-muted-line", colourData, func(p TrainingPoint) float64 { return p.Loss }},
		{"held-out, averaged weights", "s-line", colourSample, func(p TrainingPoint) float64 { return p.Heldout }},
	} {
		path, n := curvePath(f, t.Curve, func(p TrainingPoint) float64 { return scale(c.value(p)) })
		if n == 0 {
			continue
		}
		d.path(path, c.class, `fill="none" stroke="`+c.colour+`" stroke-width="1.8" stroke-linejoin="round"`)
		entries = append(entries, entry{mark{c.class, c.colour, 6, dash}, c.name})
	}
	for _, p := range t.Curve {
		if p.Step == t.KeptStep && f.contains(float64(p.Step), scale(p.Heldout)) {
			d.points(markBest, [][2]float64{{f.px(float64(p.Step)), f.py(scale(p.Heldout))}})
			entries = append(entries, entry{markBest, "the weights kept, step " + count(p.Step)})
		}
	}
	d.legend(f.left-4, 22, entries)
	return d.String()
}

// curvePath joins the points inside the frame; what is outside or not a number is a gap.
func curvePath(f frame, curve []TrainingPoint, value func(TrainingPoint) float64) (path string, n int) {
	var b strings.Builder
	command := "M"
	for _, p := range curve {
		v := value(p)
		if !f.contains(float64(p.Step), v) {
			command = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%s %s", command, short(f.px(float64(p.Step))), short(f.py(v)))
		command, n = "L", n+1
	}
	return b.String(), n
}

func spansTwo(v []float64) bool {
	lo, hi := math.Inf(1), 0.0
	for _, x := range v {
		lo, hi = math.Min(lo, x), math.Max(hi, x)
	}
	return lo > 1e-300 && hi > 2*lo
}

// logTicks are ticks at 1, 2 and 5 times powers of ten, or at powers alone where
// those are many; s is in powers of ten.
func logTicks(s interval) []Tick {
	factors := []float64{1, 2, 5}
	if s.hi-s.lo > 3 {
		factors = factors[:1]
	} else if s.hi-s.lo < 0.8 {
		factors = []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9}
	}
	every := int(math.Ceil((s.hi - s.lo) / 8))
	var out []Tick
	for e := int(math.Floor(s.lo)); e <= int(math.Ceil(s.hi)); e++ {
		if e%max(every, 1) != 0 {
			continue
		}
		for _, k := range factors {
			if at := math.Log10(k) + float64(e); at >= s.lo && at <= s.hi {
				out = append(out, Tick{at, number(k * math.Pow10(e))})
			}
		}
	}
	return out
}
