package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// datapageArray holds its own indices: number i is i.
func datapageArray(shape ...int) DataArray {
	n := 1
	for _, k := range shape {
		n *= k
	}
	a := DataArray{Name: "w<", Doc: "vorticity & more", Shape: shape}
	for s := range 5 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(s*n + i)
		}
		a.Samples = append(a.Samples, x)
	}
	return a
}

// A film shows the moments that its title names, of the sample that its label names.
func TestDataFilm(t *testing.T) {
	const times, parts, h, w = 15, 2, 3, 4
	a := datapageArray(times, parts, h, w)
	grids := a.pictures(7)
	if len(grids) != parts {
		t.Fatalf("%d grids, want %d", len(grids), parts)
	}
	moments := []int{0, 2, 4, 6, 8, 10, 12, 14}
	for part, g := range grids {
		if want := "places on the first axis: 0, 2, 4, 6, 8, 10, 12, 14"; !strings.HasSuffix(g.Title, want) {
			t.Errorf("title %q", g.Title)
		}
		if !slices.Equal(g.RowLabels, []string{"sample 7", "sample 8", "sample 9", "sample 10"}) {
			t.Errorf("labels %q", g.RowLabels)
		}
		if err := g.check(); err != nil {
			t.Error(err)
		}
		for k, p := range g.Pictures {
			sample, moment := k/len(moments), moments[k%len(moments)]
			first := float64(((sample*times+moment)*parts + part) * h * w)
			for i, v := range p {
				if v != first+float64(i) {
					t.Fatalf("part %d, picture %d, pixel %d is number %g, want %g", part, k, i, v, first+float64(i))
				}
			}
		}
	}
}

// Ten outliers among 10,000 numbers do not grey the rest; two plain levels are kept.
func TestDataLevels(t *testing.T) {
	a := datapageArray(100, 100)
	a.Samples = a.Samples[:1]
	for i := range 10 {
		a.Samples[0][i*i] = 1e9
	}
	if l, clipped := a.levels(); !clipped || l.lo != 2 || l.hi < 9900 || l.hi > 12500 {
		t.Errorf("levels %v, clipped %v", l, clipped)
	}
	for i := range a.Samples[0] {
		a.Samples[0][i] = float64(4 + 8*(i%2))
	}
	if l, clipped := a.levels(); clipped || l != (levels{4, 12}) {
		t.Errorf("levels %v, clipped %v", l, clipped)
	}
}

// Pictures too large for a screen lose rows and columns, evenly.
func TestDataPictureThinned(t *testing.T) {
	a := datapageArray(600, 513)
	g := a.pictures(0)[0]
	if !slices.Equal(g.Shape, []int{200, 171}) {
		t.Fatal(g.Shape)
	}
	if p := g.Pictures[1]; p[171+1] != 600*513+3*513+3 {
		t.Errorf("pixel (1, 1) is number %g", p[171+1])
	}
}

// The page is well-formed whatever the rank of the arrays, and says no to arrays that
// have another shape than they say.
func TestDataPage(t *testing.T) {
	in := &DataInput{Title: "t", Subject: "a < b", Arrays: []DataArray{datapageArray(), datapageArray(9), datapageArray(1), datapageArray(4, 5), datapageArray(2, 4, 5)}, Rows: [][]string{{"equation", "u − f", "1e-16", "1"}}}
	var b bytes.Buffer
	if err := WriteData(&b, in); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	in.Arrays[1].Shape = []int{8}
	if err := WriteData(io.Discard, in); err == nil || !strings.Contains(err.Error(), `sample 0 of "w<" has 9 numbers`) {
		t.Error(err)
	}
}
