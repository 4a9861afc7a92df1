package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// parsed reads markup strictly and hands each token to visit.
func parsed(t interface{ Fatalf(string, ...any) }, markup []byte, visit func(xml.Token)) {
	d := xml.NewDecoder(bytes.NewReader(markup))
	d.Strict = true
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, markup)
		}
		visit(token)
	}
}

// alone checks that a document is well-formed, needs nothing from outside and
// runs nothing, and that its drawings hold only finite numbers.
func alone(t interface{ Fatalf(string, ...any) }, markup []byte) {
	elements := strings.Fields("html head meta title style body main header section div p h1 h2 ul li strong figure " +
		"table thead tbody tr th td dl dt dd wbr svg g rect line path circle text image")
	attributes := strings.Fields("lang charset name content class role aria-label xmlns viewBox width height font-family font-size font-weight " +
		"fill fill-opacity stroke stroke-opacity stroke-width stroke-dasharray stroke-linejoin x y x1 y1 x2 y2 cx cy r d text-anchor transform preserveAspectRatio style href")
	geometry := strings.Fields("x y x1 y1 x2 y2 cx cy r d viewBox transform width height")
	bad := regexp.MustCompile(`NaN|Inf|e[+-]?\d`)
	parsed(t, markup, func(token xml.Token) {
		switch v := token.(type) {
		case xml.StartElement:
			if !slices.Contains(elements, v.Name.Local) {
				t.Fatalf("element <%s>", v.Name.Local)
			}
			for _, a := range v.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Fatalf("attribute %s=%q", a.Name.Local, a.Value)
				}
				// The one thing that may be referred to is a picture in the page itself.
				if inside := v.Name.Local == "image" && strings.HasPrefix(a.Value, "data:image/png;base64,"); a.Name.Local == "href" && !inside {
					t.Fatalf("href=%q", a.Value)
				}
				if a.Name.Local == "style" && a.Value != "image-rendering:pixelated" {
					t.Fatalf("style=%q", a.Value)
				}
				if slices.Contains(geometry, a.Name.Local) && bad.MatchString(a.Value) {
					t.Fatalf("%s=%q", a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			if s := string(v); strings.Contains(s, "@import") || strings.Contains(s, "url(") {
				t.Fatalf("style reaches outside: %s", s)
			}
		}
	})
}

func rendered(t interface{ Fatalf(string, ...any) }, write func(io.Writer) error) []byte {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatalf("%v", err)
	}
	return b.Bytes()
}

// The element and attribute lists of alone are the whole of what a page may
// use: no script, link, image or href among them.
func TestPageStandsAlone(t *testing.T) {
	in := fullInput(50, 80)
	in.Panels = []Panel{{"none", "25 %", []float64{0, 1}, []float64{1, 2}, []bool{true, false}}, {Title: "exact", X: []float64{0.5}, Y: []float64{0.5}}}
	in.Comparison = []DemoRow{{Method: "none", Feasible: 0.25, Distance: 1, MinESS: math.NaN()}}
	in.Floor = 0.02
	page := rendered(t, func(w io.Writer) error { return WriteHTML(w, in) })
	alone(t, page)
	alone(t, rendered(t, func(w io.Writer) error { return WriteFigure(w, in) }))
	alone(t, rendered(t, func(w io.Writer) error {
		return WritePanels(w, &PanelFigure{Title: "p", Panels: in.Panels, XLabel: "x", YLabel: "y", Region: in.Region})
	}))
	if s := strings.ReplaceAll(string(page), "http://www.w3.org/2000/svg", ""); strings.Contains(s, "://") {
		t.Error("the page holds an address")
	}
}

func TestPageShowsEverything(t *testing.T) {
	in := fullInput(50, 80)
	page := html.UnescapeString(string(rendered(t, func(w io.Writer) error { return WriteHTML(w, in) })))
	for _, want := range []string{
		"mixes", "twisted-smc", "50 samples from a population of 160", "finished", "one thing", "another",
		"a + b <= 1", "2e-9 kg", "1e-6 kg", "smallest ESS", "64 of 160 (40.2 %)", "-3.5", "± 0.125",
		"distance to exact law", "0.03", "two exact sets: 0.02", "nearest real row", "0.375",
		"a (kg)", "b (kg)", "proposals that obey", "real rows", "The 10 best proposals by cost", "the 10 best",
		"1.750", "3.000", "2.5", "1.25", "exact as the population grows", "Wu et al. (2023), equation 9",
		"1.5 s", "0.2 s", "spec hash", "9f2c64", "prefers-color-scheme: dark", "@media print",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, v := range Verdicts(in.Report) {
		if !strings.Contains(page, v) {
			t.Errorf("verdict missing: %s", v)
		}
	}
	if n := strings.Count(page, "<svg"); n != 3 {
		t.Errorf("%d drawings, want scatter, histogram and trace", n)
	}
}

func TestHostileNamesAreEscaped(t *testing.T) {
	const hostile = "</title></style><script>alert('1')</script>\"><img src=x onerror=alert(1)>&amp;]]>\x00\x1b[31m\xff\uFFFE"
	in := fullInput(5, 5)
	r := in.Report
	for _, s := range []*string{&r.Title, &r.Message, &r.Method, &r.MethodSummary, &r.Exactness, &r.Status, &r.Warnings[0], &r.Notes[0],
		&r.Constraints[0].Name, &r.Constraints[0].Kind, &r.Constraints[0].Unit, &r.Potentials[0].Name, &r.Columns[0].Name,
		&in.Names[0], &in.XAxis.Label, &in.YAxis.Label, &in.RankLabel, &in.References[0], &in.Facts[0].Key, &in.Facts[0].Value} {
		*s = hostile
	}
	in.Panels = []Panel{{Title: hostile, Subtitle: hostile, X: []float64{1}, Y: []float64{1}}}
	in.Comparison = []DemoRow{{Method: hostile}}
	alone(t, rendered(t, func(w io.Writer) error { return WriteHTML(w, in) }))
	alone(t, rendered(t, func(w io.Writer) error { return WriteFigure(w, in) }))

	text := string(rendered(t, func(w io.Writer) error { return Table(w, r, false) })) +
		string(rendered(t, func(w io.Writer) error { return DemoTable(w, in.Comparison, 1, false) }))
	if strings.ContainsAny(text, "\x00\x1b") || !utf8.ValidString(text) {
		t.Error("control characters reach the terminal")
	}
}

// Whatever the numbers, the documents are well-formed and their coordinates finite.
func TestAnyNumbersAreDrawable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(0, 30).Draw(t, "n"), rapid.IntRange(0, 30).Draw(t, "m")
		floats := func(k int, name string) []float64 { return rapid.SliceOfN(anyFloat(), k, k).Draw(t, name) }
		in := &Input{
			Report: anyReport(t), Names: []string{"a"}, X: floats(n, "x"),
			XAxis:      Axis{"x", floats(n, "xs"), floats(m, "xd")},
			YAxis:      Axis{"y", floats(n, "ys"), floats(m, "yd")},
			Neighbours: &Neighbours{Samples: floats(n, "ns"), Data: floats(m, "nd")}, ESSTrace: floats(m, "trace"),
			Region: func(x, y float64) bool { return x*x+y > 0 },
		}
		if rapid.Bool().Draw(t, "weights") {
			in.LogW, in.Rank = floats(n, "logw"), floats(n, "rank")
		}
		in.Panels = []Panel{{"p", "q", in.XAxis.Samples, in.YAxis.Samples, nil}, {"d", "", in.XAxis.Data, in.YAxis.Data, make([]bool, m)}}
		alone(t, rendered(t, func(w io.Writer) error { return WriteHTML(w, in) }))
		alone(t, rendered(t, func(w io.Writer) error { return WriteFigure(w, in) }))
	})
}

func TestSameInputSameBytes(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"html":   func(w io.Writer) error { return WriteHTML(w, fullInput(400, 300)) },
		"figure": func(w io.Writer) error { return WriteFigure(w, fullInput(400, 300)) },
		"json":   func(w io.Writer) error { return WriteJSON(w, fullReport()) },
	} {
		if !bytes.Equal(rendered(t, write), rendered(t, write)) {
			t.Errorf("%s differs between two calls", name)
		}
	}
}

// Points that obey are discs and points that do not are crosses, in every panel.
func TestPanelsTellApart(t *testing.T) {
	fig := &PanelFigure{MaxPoints: 5}
	for k := range 5 {
		p := Panel{Title: "m"}
		for i := range 7 {
			p.X, p.Y, p.Feasible = append(p.X, float64(i)), append(p.Y, float64(k)), append(p.Feasible, i%2 == 0)
		}
		fig.Panels = append(fig.Panels, p)
	}
	s := string(rendered(t, func(w io.Writer) error { return WritePanels(w, fig) }))
	// Five of seven are drawn: indices 0, 2, 3, 4, 6, of which only 3 is odd; one more of each in the legend.
	crosses := 0
	for path := range strings.SplitSeq(s, `<path class="s-violation"`) {
		path, _, _ = strings.Cut(path, "/>")
		crosses += strings.Count(path, "m0-")
	}
	if discs := strings.Count(s, "<circle"); discs != 5*4+1 || crosses != 5*1+1 {
		t.Errorf("%d discs and %d crosses", discs, crosses)
	}
	if !strings.Contains(s, "5 of 7 points drawn in each panel, evenly chosen") {
		t.Error("the figure does not say what it leaves out")
	}
}

func TestInputErrors(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Input)
		want  string
	}{
		"no report":  {func(in *Input) { in.Report = nil }, "Report is nil"},
		"ragged X":   {func(in *Input) { in.X = in.X[:5] }, "X has 5 numbers"},
		"logw":       {func(in *Input) { in.LogW = []float64{1} }, "LogW has 1 entries for 4 samples"},
		"rank":       {func(in *Input) { in.Rank = in.Rank[:2] }, "Rank has 2 entries for 4"},
		"feasible":   {func(in *Input) { in.Feasible = in.Feasible[:2] }, "Feasible has 2 entries for 4"},
		"one axis":   {func(in *Input) { in.YAxis.Samples = nil }, "4 samples on the x axis, 0 on the y axis"},
		"short axis": {func(in *Input) { in.XAxis.Samples = in.XAxis.Samples[:3] }, "XAxis.Samples has 3"},
		"data axis":  {func(in *Input) { in.XAxis.Data = nil }, "0 real rows on the x axis, 3"},
		"table":      {func(in *Input) { in.Data.Rows = 9 }, "9 rows of 2 columns"},
		"panel":      {func(in *Input) { in.Panels = []Panel{{Title: "p", X: []float64{1}}} }, `panel "p"`},
	} {
		in := fullInput(4, 3)
		test.spoil(in)
		for _, write := range []func(io.Writer, *Input) error{WriteHTML, WriteFigure} {
			var b bytes.Buffer
			if err := write(&b, in); err == nil || !strings.Contains(err.Error(), test.want) || b.Len() > 0 {
				t.Errorf("%s: error %v, %d bytes written", name, err, b.Len())
			}
		}
	}
}
