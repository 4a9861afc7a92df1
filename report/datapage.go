package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed data.html
var dataSource string

// DataInput is what the page of a data set is made of.
type DataInput struct {
	Title, Subject string
	First          int // index of the first sample shown
	Arrays         []DataArray
	Rows           [][]string // residuals: name, formula, largest, unit
	Facts          []Fact
}

// DataArray is one array of the samples shown.
type DataArray struct {
	Name, Doc string
	Shape     []int       // of a sample
	Samples   [][]float64 // the first samples, row-major
}

// dataSheet is how many samples stand side by side, and how many of those whose
// pictures are films; frames is how many pictures a film has at most.
const dataSheet, films, frames = 8, 4, 8

// MaxDataSamples is how many samples a page shows at most.
const MaxDataSamples = dataSheet

// WriteData writes the first samples of a data set as a page that needs nothing else:
// arrays of two axes as pictures, of more as films, of one axis as curves, single
// numbers as they are.
func WriteData(w io.Writer, in *DataInput) error {
	type section struct {
		Head, Caption string
		Drawing       template.HTML
	}
	p := struct {
		*DataInput
		Style  template.CSS
		Arrays []section
	}{DataInput: in, Style: template.CSS(pageStyle)}
	for _, a := range in.Arrays {
		if err := a.check(); err != nil {
			return err
		}
		s := section{Head: a.Name, Caption: a.Doc}
		switch len(a.Shape) {
		case 0:
			s.Caption += ": " + a.numbers()
		case 1:
			s.Drawing = template.HTML(a.curves(in.First))
		default:
			l, clipped := a.levels()
			s.Caption += ". The last axis goes to the right, the one before it down."
			if clipped {
				s.Caption += " Numbers beyond the bar have the colour of its end."
			}
			for _, g := range a.pictures(in.First) {
				s.Drawing += template.HTML(grids(a.Name+": the first samples", fieldScale(l), []Images{g}))
			}
		}
		p.Arrays = append(p.Arrays, s)
	}
	return writePage(w, "data", dataSource, p)
}

func (a *DataArray) check() error {
	n := 1
	for _, k := range a.Shape {
		n *= k
	}
	for i, x := range a.Samples {
		if len(x) != n || n == 0 {
			return fmt.Errorf("report: data: sample %d of %q has %d numbers, shape %v has %d", i, a.Name, len(x), a.Shape, n)
		}
	}
	if len(a.Samples) == 0 {
		return fmt.Errorf("report: data: %q has no samples", a.Name)
	}
	return nil
}

func (a *DataArray) numbers() string {
	var out []string
	for _, x := range a.Samples[:min(len(a.Samples), dataSheet)] {
		out = append(out, number(x[0]))
	}
	return strings.Join(out, ", ")
}

// levels span all numbers; where the central 98 % need less than half of that, as noise
// does before it is smoothed, those and a quarter more.
func (a *DataArray) levels() (l levels, clipped bool) {
	l = extent(a.Samples...)
	var some []float64
	for _, x := range a.Samples {
		for i := 0; i < len(x); i += 1 + len(x)/100_000 {
			if drawable(x[i]) {
				some = append(some, x[i])
			}
		}
	}
	if len(some) == 0 {
		return l, false
	}
	slices.Sort(some)
	lo, hi := some[len(some)/100], some[len(some)-1-len(some)/100]
	if hi == lo || l.hi-l.lo < 2*(hi-lo) {
		return l, false
	}
	return levels{max(l.lo, lo-(hi-lo)/8), min(l.hi, hi+(hi-lo)/8)}, true
}

// pictures are one row of samples side by side, or, where there are more axes than
// two, a grid for each place on the axes between the first and the last two: a sample
// in each row, moments along the first axis side by side.
func (a *DataArray) pictures(first int) []Images {
	axes := len(a.Shape)
	h, w := a.Shape[axes-2], a.Shape[axes-1]
	step := max(1, (max(h, w)+pictureSide-1)/pictureSide)
	shape := []int{(h + step - 1) / step, (w + step - 1) / step}
	picture := func(x []float64, at int) []float64 {
		out := make([]float64, 0, shape[0]*shape[1])
		for i := 0; i < h; i += step {
			for j := 0; j < w; j += step {
				out = append(out, x[at+i*w+j])
			}
		}
		return out
	}
	if axes == 2 {
		g := Images{Title: a.which(first, dataSheet), Shape: shape, Across: min(len(a.Samples), 4), Wide: wide(shape, 230), Outline: true, Field: true}
		for _, x := range a.Samples[:min(len(a.Samples), dataSheet)] {
			g.Pictures = append(g.Pictures, picture(x, 0))
		}
		return []Images{g}
	}
	times, parts := a.Shape[0], 1
	for _, k := range a.Shape[1 : axes-2] {
		parts *= k
	}
	across := min(times, frames)
	var out []Images
	for part := range parts {
		g := Images{Shape: shape, Across: across, Wide: wide(shape, 110), Outline: true, Field: true}
		var shown []string
		for k := range across {
			shown = append(shown, strconv.Itoa(frame0(k, across, times)))
		}
		g.Title = "places on the first axis: " + strings.Join(shown, ", ")
		if parts > 1 {
			g.Title = fmt.Sprintf("[:, %d]; %s", part, g.Title)
		}
		for i, x := range a.Samples[:min(len(a.Samples), films)] {
			g.RowLabels = append(g.RowLabels, "sample "+strconv.Itoa(first+i))
			for k := range across {
				g.Pictures = append(g.Pictures, picture(x, (frame0(k, across, times)*parts+part)*h*w))
			}
		}
		out = append(out, g)
	}
	return out
}

// pictureSide is how many pixels the longer side of a picture has at most.
const pictureSide = 256

// frame0 is the index of picture k of a film: the first and the last are its ends.
func frame0(k, across, times int) int { return k * (times - 1) / max(across-1, 1) }

// wide is the width of a picture whose sides are at most room.
func wide(shape []int, room float64) float64 {
	return min(room, room*float64(shape[1])/float64(shape[0]))
}

func (a *DataArray) which(first, most int) string {
	if n := min(len(a.Samples), most); n > 1 {
		return fmt.Sprintf("samples %d to %d", first, first+n-1)
	}
	return fmt.Sprintf("sample %d", first)
}

// sampleColours tell curves apart (Okabe and Ito 2008).
var sampleColours = []string{colourSample, colourViolation, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", colourData, colourMuted}

// curves draws the samples of an array of one axis over its index.
func (a *DataArray) curves(first int) string {
	d := newDrawing(860, 330, a.Name+": the first samples")
	shown := a.Samples[:min(len(a.Samples), dataSheet)]
	all := slices.Concat(shown...)
	f := frame{x: interval{0, math.Max(float64(a.Shape[0]-1), 1)}.padded(0.01), y: span(all), left: 74, top: 40, width: 766, height: 236}
	d.axesAt(f, Ticks(f.y.lo, f.y.hi, 6), "index", a.Name, false)
	var entries []entry
	for i, x := range shown {
		var path strings.Builder
		command := "M"
		for j, y := range x {
			if !drawable(y) {
				command = "M"
				continue
			}
			fmt.Fprintf(&path, "%s%s %s", command, short(f.px(float64(j))), short(f.py(y)))
			command = "L"
		}
		colour := sampleColours[i%len(sampleColours)]
		d.path(path.String(), "", `fill="none" stroke="`+colour+`" stroke-width="1.5" stroke-linejoin="round"`)
		entries = append(entries, entry{mark{"", colour, 6, dash}, strconv.Itoa(first + i)})
	}
	d.legend(f.left-4, 22, entries)
	return d.String()
}
