package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"image/png"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// fullTraining has every part filled, n samples and m rows in the plane.
func fullTraining(n, m int) *TrainingInput {
	run := fullInput(n, m)
	t := &Training{
		Title: "mixes", Model: "prior.safetensors", Fingerprint: "9f2c64", FittedRows: 80, HeldoutRows: 20, Steps: 300, Batch: 16,
		Network: NetworkSize{Parameters: 12345, FLOPs: 24680, TrainMiB: 1.5}, KeptStep: 200, HeldoutLoss: 0.375, Seconds: 2.5,
		Law:     &Likeness{Samples: n, Rows: m, Heldout: true, Energy: Distance{0.3, 0.2}, Sliced: Distance{0.25, 0.25}},
		Novelty: &Novelty{Median: 0.5, Q10: 0.25, Q90: 1, DataMedian: 0.45, DataP90: 0.75},
		Columns: Summarise(run.Names, run.X, nil, run.Data),
	}
	for k := range 4 {
		t.Curve = append(t.Curve, TrainingPoint{Step: 100 * k, Loss: 1 / float64(k+1), Heldout: 0.5 + 0.1*math.Abs(float64(k)-2), LearningRate: 1e-3, GradientNorm: 2, PerSecond: 1e4, Seconds: float64(k), Time: 1.7e9 + float64(k)})
	}
	return &TrainingInput{Training: t, Names: run.Names, X: run.X, Held: run.Data, Neighbours: run.Neighbours, Facts: run.Facts}
}

func trainingMarkup(t interface{ Fatalf(string, ...any) }, in *TrainingInput) []byte {
	return rendered(t, func(w io.Writer) error { return WriteTraining(w, in) })
}

func TestTrainingPage(t *testing.T) {
	in := fullTraining(50, 40)
	markup := trainingMarkup(t, in)
	alone(t, markup)
	page := html.UnescapeString(string(markup))
	for _, want := range append(TrainingVerdicts(in.Training), "80 rows, 20 held out", "12,345", "24,680", "about 1.5 MiB", "1.50 ×", "1.00 ×", "the weights kept, step 200", "a and b", "9f2c64") {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 4 {
		t.Errorf("%d drawings, want curve, marginals, pair and histogram", n)
	}
	if !bytes.Equal(markup, trainingMarkup(t, in)) {
		t.Error("the same input gives other bytes")
	}
}

// Whatever the numbers and names, the page is well-formed, stands alone and
// draws finite numbers only.
func TestTrainingPageTakesAnything(t *testing.T) {
	number := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e308, 1e-308}))
	rapid.Check(t, func(t *rapid.T) {
		in := fullTraining(rapid.IntRange(1, 6).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "m"))
		for i := range in.X {
			in.X[i] = number.Draw(t, "x")
		}
		for i := range in.Held.Data {
			in.Held.Data[i] = number.Draw(t, "held")
		}
		r := in.Training
		for i := range r.Curve {
			r.Curve[i].Loss, r.Curve[i].Heldout = number.Draw(t, "loss"), number.Draw(t, "held-out")
		}
		r.HeldoutLoss, r.Law.Energy.Floor, r.Law.Sliced.Distance = number.Draw(t, "kept"), number.Draw(t, "floor"), number.Draw(t, "sliced")
		r.Title = rapid.String().Draw(t, "title")
		in.Names[0] = rapid.String().Draw(t, "name")
		if rapid.Bool().Draw(t, "images") {
			in.Images = [][]Images{{{Title: r.Title, Shape: []int{1, 2}, Across: 2, RowLabels: []string{r.Title}}}}
			for i := range len(in.X) / 2 {
				in.Images[0][0].Pictures = append(in.Images[0][0].Pictures, in.X[2*i:2*i+2])
			}
		}
		alone(t, trainingMarkup(t, in))
		for _, s := range TrainingVerdicts(r) {
			if strings.Contains(s, "  ") || !strings.HasSuffix(s, ".") {
				t.Fatalf("sentence %q", s)
			}
		}
	})
}

// The file holds every number, and null where there is none.
func TestTrainingJSON(t *testing.T) {
	want := fullTraining(5, 5).Training
	want.Curve[1].Heldout, want.HeldoutLoss = math.NaN(), math.NaN()
	b := rendered(t, func(w io.Writer) error { return WriteTrainingJSON(w, want) })
	got := &Training{}
	if err := json.Unmarshal(b, got); err != nil {
		t.Fatal(err)
	}
	want.Schema = TrainingSchema
	if d := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if err := json.Unmarshal([]byte(strings.Replace(string(b), "training/1", "training/9", 1)), got); err == nil {
		t.Error("another schema was taken")
	}
}

// The verdict says the worse of the two distances, and warns of a prior that
// repeats its data however near it is to the held-out rows.
func TestTrainingVerdicts(t *testing.T) {
	judge := func(energy, sliced, median float64) (string, string) {
		r := fullTraining(5, 5).Training
		r.Law.Energy, r.Law.Sliced = Distance{energy, 1}, Distance{sliced, 1}
		r.Novelty.Median, r.Novelty.DataMedian = median, 1
		return strings.Join(TrainingVerdicts(r), " "), trainingBanner(r).Class
	}
	for _, c := range []struct {
		energy, sliced, median float64
		says, class            string
	}{
		{1.1, 0.9, 1, "as close to the held-out rows as real rows are", "good"},
		{1.1, 1.5, 1, "nearly as close to the held-out rows", "good"},
		{1.1, 2.5, 1, "can be told from real rows", "care"},
		{6, 1, 1, "are far from the held-out rows", "bad"},
		{1, 1, 0.3, "repeats rows it was fitted to", "care"},
		{1, 1, 0.7, "begins to remember its data", "care"},
		{1, 1, 1.5, "blurred", "care"},
		{math.NaN(), 1, 1, "far from", "bad"},
	} {
		got, class := judge(c.energy, c.sliced, c.median)
		if !strings.Contains(got, c.says) || class != c.class {
			t.Errorf("%+v: %s: %s", c, class, got)
		}
	}
	r := fullTraining(5, 5).Training
	if s := curveVerdict(r); !strings.Contains(s, "the weights of that step were kept") {
		t.Errorf("kept at the lowest: %q", s)
	}
	r.KeptStep = 300
	if s := curveVerdict(r); !strings.Contains(s, "Set patience") {
		t.Errorf("kept at the end, above the lowest: %q", s)
	}
	r.Curve[3].Heldout = r.Curve[2].Heldout
	if s := curveVerdict(r); s != "" {
		t.Errorf("a curve that does not rise: %q", s)
	}
}

// Every pixel of every picture stands where it belongs, in its level.
func TestImageGrid(t *testing.T) {
	g := Images{Title: "g", Shape: []int{2, 3}, Across: 2, Pictures: [][]float64{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {-9, 9, math.NaN(), 2.5, 0, 5}}}
	markup := grids("g", scale{levels: levels{0, 5}}, []Images{g})
	alone(t, []byte(markup))
	encoded := regexp.MustCompile(`base64,([^"]*)"`).FindStringSubmatch(markup)
	raw, err := base64.StdEncoding.DecodeString(encoded[1])
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	size := func(name string) float64 {
		v, err := strconv.ParseFloat(regexp.MustCompile(`<image [^>]*` + name + `="([^"]*)"`).FindStringSubmatch(markup)[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// In drawing units the pictures are side wide and gap apart; the place of a
	// pixel's middle follows from that alone.
	kx, ky := float64(img.Bounds().Dx())/size("width"), float64(img.Bounds().Dy())/size("height")
	pixel := side / 3
	for i, p := range g.Pictures {
		for k, v := range p {
			x := float64(i%2)*(side+gap) + (float64(k%3)+0.5)*pixel
			y := float64(i/2)*(2*pixel+gap) + (float64(k/3)+0.5)*pixel
			want := uint8(math.Round(255 * math.Min(math.Max(v, 0), 5) / 5))
			colour := color.NRGBA{want, want, want, 255}
			if math.IsNaN(v) { // nothing is known there: no grey
				colour = unseen
			}
			if got := img.At(int(x*kx), int(y*ky)); got != colour {
				t.Errorf("picture %d, pixel %d: %v, want %v", i, k, got, colour)
			}
		}
	}
	if _, _, _, a := img.At(int(1.5*side*kx), int(3*pixel*ky+gap*ky)).RGBA(); a != 0 {
		t.Error("a place without a picture is painted")
	}
	for _, bad := range []Images{
		{Shape: []int{2, 2}, Across: 1, Pictures: [][]float64{{1}}}, {Shape: []int{4}, Across: 1}, {Shape: []int{1, 1, 2}, Across: 1}, {Shape: []int{1, 1}},
	} {
		if bad.check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// Ticks of a logarithmic axis stand where their labels say.
func TestLogTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-12, 8).Draw(t, "lo")
		s := interval{lo, lo + rapid.Float64Range(0.31, 14).Draw(t, "width")}
		ticks := logTicks(s)
		if len(ticks) < 1 || len(ticks) > 12 {
			t.Fatalf("%d ticks in %v", len(ticks), s)
		}
		for _, k := range ticks {
			v, err := strconv.ParseFloat(strings.ReplaceAll(k.Label, ",", ""), 64)
			if err != nil || !(math.Abs(math.Log10(v)-k.Value) <= 1e-9) || k.Value < s.lo || k.Value > s.hi {
				t.Fatalf("tick %v in %v: %v", k, s, err)
			}
		}
	})
}

// An ordinary run of images shows them, and no table of their pixels.
func TestPageOfImages(t *testing.T) {
	in := fullInput(6, 4)
	in.XAxis, in.YAxis = Axis{}, Axis{}
	g := Images{Title: "the first samples", Shape: []int{1, 2}, Across: 3}
	for i := range 6 {
		g.Pictures = append(g.Pictures, in.X[2*i:2*i+2])
	}
	in.Images = []Images{g, {Title: "real rows", Shape: []int{1, 2}, Across: 3, Pictures: [][]float64{in.Data.Data[:2]}}}
	page := rendered(t, func(w io.Writer) error { return WriteHTML(w, in) })
	figure := rendered(t, func(w io.Writer) error { return WriteFigure(w, in) })
	for _, markup := range [][]byte{page, figure} {
		alone(t, markup)
		if n := strings.Count(string(markup), "<image "); n != 2 {
			t.Errorf("%d images", n)
		}
	}
	if strings.Contains(string(page), "<h2>Columns</h2>") {
		t.Error("a table of pixels")
	}
	in.Images[1].Shape = []int{2, 2}
	if err := WriteHTML(io.Discard, in); err == nil || !strings.Contains(err.Error(), fmt.Sprint([]int{2, 2})) {
		t.Errorf("a picture of another size: %v", err)
	}
}
