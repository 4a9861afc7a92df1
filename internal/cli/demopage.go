package cli

import (
	"io"
	"math"
	"slices"
	"time"

	"abide/dataio"
	"abide/method"
	"abide/report"
	"abide/run"
)

// write puts figure, page, spec and manifest into the folder in the making.
func (c *comparison) write(folder *run.Folder) error {
	c.manifest = newManifest()
	m := c.manifest
	m.Backend, m.BackendIs, m.Seed = c.engine.Name(), c.engine.Description(), c.spec.Run.Int("seed")
	m.Spec, m.SpecHash, m.Overrides = "abide demo", c.spec.Hash(), []string{}
	m.Prior = manifestPrior{Kind: c.study.problem.Prior.Kind, Description: c.study.problem.Prior.Describe}
	m.Method, m.Started = c.judged.Method, c.started.UTC().Truncate(time.Second)
	m.Seconds.Total = time.Since(c.started).Seconds()
	for _, name := range demoMethods {
		row, err := method.Find(name)
		if err != nil {
			return err
		}
		m.References = append(m.References, row.References...)
	}
	slices.Sort(m.References)
	m.References = slices.Compact(m.References)

	figure := &report.PanelFigure{Title: c.study.title(), Panels: c.panels, XLabel: c.study.x.label, YLabel: c.study.y.label, Region: c.study.region()}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"spec.toml", func(w io.Writer) error { _, err := w.Write(c.spec.Resolved()); return err }},
		{"figure.svg", func(w io.Writer) error { return report.WritePanels(w, figure) }},
		{"report.html", func(w io.Writer) error { return report.WriteHTML(w, c.page()) }},
		{"manifest.json", m.write},
	} {
		if err := dataio.WriteFile(folder.Path(file.name), file.write); err != nil {
			return err
		}
	}
	return nil
}

// page is the comparison, with the figures of the last method below it.
func (c *comparison) page() *report.Input {
	return &report.Input{
		Report: c.judged, Names: c.study.problem.Prior.Coordinates.Names,
		XAxis: report.Axis{Label: c.study.x.label}, YAxis: report.Axis{Label: c.study.y.label}, Region: c.study.region(),
		Panels: c.panels, Comparison: c.rows, Floor: c.floor, ESSTrace: c.trace,
		References: referenceTexts(c.manifest.References), Facts: facts(c.manifest),
	}
}

// demoDocument is what `abide demo --json` prints; null stands for what does not apply.
type demoDocument struct {
	Folder string        `json:"folder"`
	Share  float64       `json:"feasible_share_of_prior"`
	Floor  float64       `json:"floor"`
	Rows   []demoJSONRow `json:"methods"`
	Says   []string      `json:"verdicts"`
}

type demoJSONRow struct {
	Method     string   `json:"method"`
	Feasible   float64  `json:"feasible"`
	Worst      float64  `json:"worst_violation"`
	Distance   float64  `json:"distance"`
	MinESS     *float64 `json:"ess_min"`
	Population int      `json:"population"`
	Seconds    float64  `json:"seconds"`
}

func (c *comparison) document(folder string) demoDocument {
	out := demoDocument{Folder: folder, Share: float64(c.exact.drawn) / float64(c.exact.tried), Floor: c.floor, Says: report.DemoVerdicts(c.rows, c.floor)}
	for _, r := range c.rows {
		row := demoJSONRow{Method: r.Method, Feasible: r.Feasible, Worst: r.Worst, Distance: r.Distance, Population: r.Population, Seconds: r.Seconds}
		if !math.IsNaN(r.MinESS) {
			row.MinESS = &r.MinESS
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
