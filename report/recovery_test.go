package report

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// Three points of weights ½, ¼, ¼ in two columns, worked out by hand.
func TestRecoveryByHand(t *testing.T) {
	x, truth := []float64{0, 4, 2, 0, 6, 0}, []float64{2, 2}
	logw := []float64{0, -math.Ln2, -math.Ln2}
	columns := Summarise([]string{"a", "b"}, x, logw, nil)
	r := NewRecovery(columns, x, logw, truth, 20, nil)
	// Means are 2 and 2. CRPS = E|X−y| − ½E|X−X′|: 2 − ½·(2·(¼·½·2 + ¼·½·6 + 1/16·4)) = 0.75 and
	// 2 − ½·(2·½·½·4) = 1.
	if r.RMSE != 0 || r.PSNR != nil || r.Error != 0 || math.Abs(r.CRPS-0.875) > 1e-12 || r.Coverage != 1 || r.Level != 0.9 {
		t.Errorf("%+v", r)
	}
	r = NewRecovery(columns, x, logw, []float64{4, -4}, 20, nil)
	if want := math.Sqrt((4 + 36) / 2.); math.Abs(r.RMSE-want) > 1e-12 || math.Abs(*r.PSNR-20*math.Log10(20/want)) > 1e-12 || r.Error != 4 || r.Coverage != 0.5 {
		t.Errorf("%+v, PSNR %v", r, *r.PSNR)
	}
	if facts := fmt.Sprint(recoveryFacts(r)); !strings.Contains(facts, "13.0 dB, peak 20") || !strings.Contains(facts, "{coverage of 90 % intervals 50.0 %}") {
		t.Error(facts)
	}
}

// Every number of the band stands where the axes say: mean, truth, both bounds and
// the measured columns lie on one affine map.
func TestBandStandsInItsAxes(t *testing.T) {
	b := &Band{Label: "column", Mean: []float64{0, 1, 3}, Low: []float64{-1, 0, 1}, Top: []float64{1, 2, 5}, Truth: []float64{0.5, 2, 4}, Seen: []int{2, 0}, SeenValue: []float64{4.5, 0.25}}
	in := fullInput(20, 10)
	in.XAxis, in.YAxis, in.Band = Axis{}, Axis{}, b
	var figure bytes.Buffer
	must(t, WriteFigure(&figure, in))
	alone(t, figure.Bytes())
	pattern := regexp.MustCompile(`d="([^"]*)"`)
	paths := pattern.FindAllStringSubmatch(figure.String(), -1)
	places := func(path string) (out [][2]float64) {
		for _, m := range regexp.MustCompile(`[ML](-?[\d.]+) (-?[\d.]+)`).FindAllStringSubmatch(path, -1) {
			var p [2]float64
			fmt.Sscan(m[1], &p[0])
			fmt.Sscan(m[2], &p[1])
			out = append(out, p)
		}
		return out
	}
	area, mean, truth := places(paths[0][1]), places(paths[1][1]), places(paths[2][1])
	x0, dx := mean[0][0], mean[1][0]-mean[0][0]
	y0, dy := mean[0][1], mean[1][1]-mean[0][1]
	check := func(what string, got [2]float64, column int, value float64) {
		t.Helper()
		if math.Abs(got[0]-x0-dx*float64(column)) > 0.03 || math.Abs(got[1]-y0-dy*value) > 0.06 {
			t.Errorf("%s %g of column %d stands at %v, want %.2f, %.2f", what, value, column, got, x0+dx*float64(column), y0+dy*value)
		}
	}
	if dx <= 0 || dy >= 0 {
		t.Fatalf("columns go by %g, values by %g", dx, dy)
	}
	for j := range 3 {
		check("mean", mean[j], j, b.Mean[j])
		check("truth", truth[j], j, b.Truth[j])
		check("upper bound", area[j], j, b.Top[j])
		check("lower bound", area[5-j], j, b.Low[j])
	}
	var page bytes.Buffer
	must(t, WriteHTML(&page, in))
	if !strings.Contains(page.String(), "What was measured, and what it tells") || !strings.Contains(page.String(), "truth</text>") {
		t.Error("the page lacks the curve")
	}
	b.SeenValue = nil
	if WriteHTML(&page, in) == nil {
		t.Error("a measured column without a value is accepted")
	}
}

// Pictures of an inverse problem stand on the page and in the figure, those in units
// of their own with levels of their own.
func TestRecoveredPictures(t *testing.T) {
	in := fullInput(20, 10)
	in.XAxis, in.YAxis = Axis{}, Axis{}
	in.Recovered = []Images{
		{Title: "truth", Shape: []int{1, 2}, Across: 1, Wide: 118, Pictures: [][]float64{{0, 4}}},
		{Title: "measured", Shape: []int{1, 1}, Across: 1, Wide: 118, Pictures: [][]float64{{2}}},
		{Title: "std, up to 0.5", Shape: []int{1, 2}, Across: 1, Wide: 118, Own: true, Pictures: [][]float64{{0.25, 0.5}}},
	}
	shared := levels{0, 4}
	var figure, page bytes.Buffer
	must(t, WriteFigure(&figure, in))
	must(t, WriteHTML(&page, in))
	for i, l := range []levels{shared, shared, {0.25, 0.5}} {
		g := in.Recovered[i]
		if !strings.Contains(figure.String(), g.encoded(scale{levels: l})) || !strings.Contains(page.String(), g.Title) {
			t.Errorf("%s is missing, or not in its levels", g.Title)
		}
	}
}
