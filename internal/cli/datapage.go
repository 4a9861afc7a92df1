package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"abide/dataio"
	"abide/pde"
	"abide/report"
)

// writeDataPage shows the first samples; no path, no page.
func writeDataPage(path string, family pde.Family, d *dataSummary, samples []pde.Sample) error {
	if path == "" {
		return nil
	}
	in := &report.DataInput{
		Title:   d.Family,
		Subject: fmt.Sprintf("%s; samples in %s: %d", d.Equation, filepath.Base(d.File), d.Samples),
		First:   d.First,
		Facts: []report.Fact{
			{Key: "scheme", Value: d.Scheme},
			{Key: "source", Value: d.Source},
			{Key: "seed", Value: fmt.Sprintf("%d, samples from number %d", d.Seed, d.First)},
		},
	}
	for k, a := range family.Arrays() {
		if !slices.ContainsFunc(d.Arrays, func(kept dataArray) bool { return kept.Name == a.Name }) {
			continue
		}
		shown := report.DataArray{Name: a.Name, Doc: a.Doc, Shape: a.Shape}
		for _, s := range samples[:min(len(samples), report.MaxDataSamples)] {
			shown.Samples = append(shown.Samples, s[k])
		}
		in.Arrays = append(in.Arrays, shown)
	}
	for _, r := range d.Rows {
		worst := "not checked"
		if r.Worst != nil {
			worst = fmt.Sprintf("%.2g", float64(*r.Worst))
		}
		in.Rows = append(in.Rows, []string{r.Name, r.Doc, worst, fmt.Sprintf("%.3g", r.Unit)})
	}
	for _, name := range sortedNames(d.Parameters) {
		in.Facts = append(in.Facts, report.Fact{Key: name, Value: fmt.Sprint(d.Parameters[name])})
	}
	return dataio.WriteFile(path, func(w io.Writer) error { return report.WriteData(w, in) })
}

func sortedNames(v pde.Values) []string {
	var out []string
	for name := range v {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
