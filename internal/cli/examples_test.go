package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"abide/diagnose"
	"abide/report"
	"abide/spec"
)

// examples is where they are, wherever a test goes.
var examples, _ = filepath.Abs("../../examples")

// example runs the spec of an example and returns its report.
func example(t *testing.T, folder, name string, overrides ...string) (*report.Report, string) {
	t.Helper()
	path := filepath.Join(examples, name)
	out := regexp.MustCompile(`\W+`).ReplaceAllString(strings.Join(append([]string{filepath.Base(name)}, overrides...), "-"), "-")
	must(t, folder, append([]string{"run", path, "--out", out, "-q"}, overrides...)...)
	r, err := readReport(filepath.Join(folder, out))
	if err != nil {
		t.Fatal(err)
	}
	return r, filepath.Join(folder, out)
}

// asPrinted holds numbers of a run against the row of a page's table that begins with
// the cells. The runs are deterministic on one machine; other processors round
// otherwise, which moves chaotic samples, hence a twentieth.
func asPrinted(t *testing.T, page, cells string, got ...float64) {
	t.Helper()
	for line := range strings.Lines(string(read(t, filepath.Join(examples, page)))) {
		rest, found := strings.CutPrefix(line, cells)
		if !found {
			continue
		}
		for i, cell := range strings.Split(rest, "|")[:len(got)] {
			want, err := strconv.ParseFloat(strings.Trim(cell, " %"), 64)
			if err != nil || !(math.Abs(got[i]-want) <= 0.05*math.Abs(want)) {
				t.Errorf("%s: %s number %d is %.4g, the table has %q", page, cells, i, got[i], cell)
			}
		}
		return
	}
	t.Errorf("%s has no row %q", page, cells)
}

func judged(r *report.Report) (numbers []float64) {
	numbers = []float64{r.Reference.Distance, r.Reference.Sliced.Distance}
	if c := r.Recovery; c != nil {
		numbers = append(numbers, c.RMSE, c.CRPS)
	}
	return numbers
}

// The field from sixteen points: TMPD is exact for Gaussians, so its samples
// are as far from exact draws as these are from each other. The evidence, the posterior's total variance and the error of
// its mean were computed from the dense covariance in another language.
func TestField(t *testing.T) {
	folder := t.TempDir()
	r, _ := example(t, folder, "field/field.toml")
	asPrinted(t, "field/README.md", "| `tmpd` |", judged(r)...)
	if z, p := *r.Reference.LogEvidence, *r.Reference.LogMarginal; math.Abs(z+49.62024739748416) > 1e-7 || math.Abs(p+27.48190244085419) > 1e-7 {
		t.Errorf("log evidence %.9f, log p(y) %.9f", z, p)
	}
	s, err := spec.Load(filepath.Join(examples, "field", "field.toml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newStudy(s, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.refer(); err != nil {
		t.Fatal(err)
	}
	var trace float64
	for _, v := range st.exact.Law.Coordinates.Scale {
		trace += v * v
	}
	if rmse := diagnose.RMSE(st.exact.Law.Coordinates.Shift, st.truth); math.Abs(trace-380.4278109787379) > 1e-6 || math.Abs(rmse-0.47263070322169715) > 1e-5 {
		t.Errorf("trace %.9f, RMSE of the posterior mean %.9f", trace, rmse)
	}
	if got, floor := r.Reference.Distance, r.Reference.Floor; got > 1.2*floor {
		t.Errorf("energy distance %.4f is more than 1.2 times the floor %.4f", got, floor)
	}
}

// The twenty-five modes: evidence in another language, floors and distances as the page
// prints them, and a method that misses the law is seen to miss it.
func TestMixture(t *testing.T) {
	folder := t.TempDir()
	for _, method := range []string{"none", "tmpd"} {
		r, _ := example(t, folder, "mixture/mixture.toml", "method.kind="+method)
		asPrinted(t, "mixture/README.md", fmt.Sprintf("| `%s`%s |", method, map[string]string{"none": " (the prior)"}[method]), judged(r)...)
		if z := *r.Reference.LogEvidence; math.Abs(z+4.069395909139968) > 1e-9 {
			t.Errorf("log evidence %.12f", z)
		}
		if f := r.Reference.Floor; math.Abs(f-0.224) > 5e-4 {
			t.Errorf("floor %.4f, the page has 0.224", f)
		}
		if method == "none" && !(r.Reference.Distance > 10*r.Reference.Floor) {
			t.Errorf("the prior is only %.3g from the posterior", r.Reference.Distance)
		}
	}
}

// Real digits through three instruments: better than the prior by every score, and as
// the page prints.
func TestDigitsMeasured(t *testing.T) {
	folder := t.TempDir()
	blind, _ := example(t, folder, "digits/inpaint.toml", "method.kind=none")
	asPrinted(t, "digits/README.md", "| none: the prior alone | `none` |", blind.Recovery.RMSE, blind.Recovery.CRPS, 100*blind.Recovery.Coverage)
	for _, name := range []string{"inpaint", "superres", "deblur"} {
		r, out := example(t, folder, "digits/"+name+".toml")
		c := r.Recovery
		asPrinted(t, "digits/README.md", "| "+name+" | `pigdm` |", c.RMSE, c.CRPS, 100*c.Coverage)
		if c.RMSE > 0.7*blind.Recovery.RMSE || c.CRPS > 0.7*blind.Recovery.CRPS {
			t.Errorf("%s: error %.3g and score %.3g, the prior's are %.3g and %.3g", name, c.RMSE, c.CRPS, blind.Recovery.RMSE, blind.Recovery.CRPS)
		}
		page := string(read(t, filepath.Join(out, "report.html")))
		for _, part := range []string{"What was measured", ">truth</text>", ">measured</text>", ">mean</text>", ">samples</text>", "PSNR of the mean", "SSIM of the mean"} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %q", name, part)
			}
		}
	}
}

// Physics from blocks of a spec: every row of every law holds for all samples, as far as
// its projection ends.
func TestLawExamples(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		name  string
		rows  int
		bound float64
		axes  []string // below and left of the pictures
	}{
		{"heat", 2, 1e-13, []string{"x", "t"}}, {"burgers", 1, 1e-13, []string{"x", "t"}},
		{"flow", 3, 1e-10, []string{"y", "x", "field 0", "field 1"}},
	} {
		r, out := example(t, folder, c.name+"/"+c.name+".toml", "run.samples=4", "run.chunk=4", "sampler.steps=8")
		if len(r.Constraints) != c.rows || r.FeasibleFraction == nil || *r.FeasibleFraction != 1 {
			t.Fatalf("%s: rows %+v", c.name, r.Constraints)
		}
		for _, row := range r.Constraints {
			if !(row.MaxViolation <= c.bound) || row.Relative == nil {
				t.Errorf("%s: %+v", c.name, row)
			}
		}
		if page := string(read(t, filepath.Join(out, "report.html"))); !strings.Contains(page, "residual / std") || !strings.Contains(page, "The fields: mean, spread and samples") {
			t.Errorf("%s: the page lacks its fields or their residuals", c.name)
		}
		for _, axis := range c.axes {
			if figure := string(read(t, filepath.Join(out, "figure.svg"))); !strings.Contains(figure, ">"+axis+"</text>") {
				t.Errorf("%s: the figure does not name the axis %q", c.name, axis)
			}
		}
	}
}

// A law that no field of the prior comes near is a warning of check and of the report.
func TestLawAgainstPrior(t *testing.T) {
	near := mustStudy(t)
	x, are := near.checkPoints(lawDraws)
	if w := near.lawWarnings(x, are); len(w) != 0 {
		t.Errorf("warnings %q of laws that draws come near", w)
	}
	far := mustStudy(t, "constraint=[{kind=\"mass\", value=3}]")
	if w := far.lawWarnings(x, are); len(w) != 1 || !strings.Contains(w[0], "comes near 48 of its 48") {
		t.Errorf("warnings %q of a mass that no draw has", w)
	}
}

func mustStudy(t *testing.T, overrides ...string) *study {
	t.Helper()
	s, err := spec.Load(filepath.Join(examples, "heat", "heat.toml"), overrides)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newStudy(s, "")
	if err != nil {
		t.Fatal(err)
	}
	return st
}
