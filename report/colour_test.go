package report

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lightness is CIELAB's L* of a colour of sRGB (IEC 61966-2-1).
func lightness(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		u := float64(v) / 255
		if u <= 0.04045 {
			return u / 12.92
		}
		return math.Pow((u+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	if y <= 216./24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

// Equal steps of the number are equal steps of lightness, all over a map: the diverging one
// has white in its middle and is as dark to the left as to the right. (Viridis is uniform in
// CAM02-UCS, which CIELAB follows within 2.)
func TestColourMapsAreUniform(t *testing.T) {
	const n = 20
	l := func(m colourMap, t float64) float64 { return lightness(m.at(t)) }
	first, last := l(sequential, 0), l(sequential, 1)
	for i := range n + 1 {
		u := float64(i) / n
		if want := first + u*(last-first); math.Abs(l(sequential, u)-want) > 2.5 {
			t.Errorf("sequential at %g: L* = %g, want %g", u, l(sequential, u), want)
		}
		if want := 100 - 70*u; math.Abs(l(diverging, (1-u)/2)-want) > 1.5 || math.Abs(l(diverging, (1+u)/2)-want) > 1.5 {
			t.Errorf("diverging %g off its middle: L* = %g and %g, want %g", u, l(diverging, (1-u)/2), l(diverging, (1+u)/2), want)
		}
	}
	if c := diverging.at(0.5); c != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("zero is %v", c)
	}
	blue, red := diverging.at(0), diverging.at(1)
	if blue.B <= blue.R || red.R <= red.B {
		t.Errorf("less is %v, more %v", blue, red)
	}
}

// Between its anchors the sequential map is viridis: its colours 7, 22, … of 255 are near.
func TestSequentialIsViridis(t *testing.T) {
	for k, want := range []int{
		0x460b5e, 0x482071, 0x46337f, 0x404588, 0x39558c, 0x32658e, 0x2c738e, 0x26828e, 0x21908d,
		0x1f9e89, 0x25ac82, 0x38b977, 0x54c568, 0x75d054, 0x9bd93c, 0xc2df23, 0xeae51a,
	} {
		got := sequential.at(float64(15*k+7) / 255)
		for i, v := range []uint8{got.R, got.G, got.B} {
			if off := int(v) - want>>(16-8*i)&0xff; off < -5 || off > 5 {
				t.Errorf("colour %d is %v, viridis has %06x", 15*k+7, got, want)
			}
		}
	}
}

// Limits hold all numbers, with no more than a tenth of room, and are symmetric where the
// numbers have both signs; what the bar says are the limits and their middle.
func TestFieldScale(t *testing.T) {
	for _, c := range []struct {
		of, want levels
		first    *uint32
	}{
		{levels{-0.734, 1.61}, levels{-1.7, 1.7}, &diverging[0]},
		{levels{-2, 2}, levels{-2, 2}, &diverging[0]},
		{levels{-1e-17, 0.567}, levels{0, 0.57}, &sequential[0]},
		{levels{-0.01, 1}, levels{-0.1, 1}, &sequential[0]},
		{levels{-3e-7, 1 + 6e-8}, levels{0, 1}, &sequential[0]}, // a table in single precision
		{levels{-3e-6, 1}, levels{-0.1, 1}, &sequential[0]},
		{levels{300.12, 310.9}, levels{300, 311}, &sequential[0]},
		{levels{-5.5, -1.2}, levels{-5.5, -1.2}, &sequential[0]},
		{levels{3, 3}, levels{0, 3}, &sequential[0]},
		{levels{3, 3 + 1e-12}, levels{0, 3}, &sequential[0]},
		{levels{-4, -4}, levels{-4, 0}, &sequential[0]},
		{levels{0, 0}, levels{0, 1}, &sequential[0]},
		{extent(), levels{0, 1}, &sequential[0]},
		{levels{-1e-310, 1e-310}, levels{-1, 1}, &diverging[0]},
	} {
		if s := fieldScale(c.of); s.levels != c.want || &s.colours[0] != c.first {
			t.Errorf("%v: %v, want %v", c.of, s.levels, c.want)
		}
	}
	if got := (scale{levels{-1.7, 1.7}, diverging}).barNumbers(); !slices.Equal(got, []string{"1.7", "0", "−1.7"}) {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1, 1).Draw(t, "a"), rapid.Float64Range(-1, 1).Draw(t, "b")
		unit := math.Pow(10, rapid.Float64Range(-200, 200).Draw(t, "exponent"))
		l := levels{unit * min(a, b), unit * max(a, b)}
		s := fieldScale(l)
		slack := 1e-6 * (s.hi - s.lo)
		if !(s.lo < s.hi) || l.lo < s.lo-slack || l.hi > s.hi+slack {
			t.Fatalf("%v in %v", l, s.levels)
		}
		numbers := s.barNumbers()
		for i, want := range []float64{s.hi, s.lo/2 + s.hi/2, s.lo} {
			v, err := strconv.ParseFloat(strings.NewReplacer("−", "-", ",", "").Replace(numbers[i]), 64)
			if allowed := 1e-9 * (s.size() + s.hi - s.lo); err != nil || math.Abs(v-want) > allowed {
				t.Fatalf("the bar says %q for %g", numbers[i], want)
			}
		}
	})
}

// pixels are the images of a drawing in their order, and the texts.
func pixels(t *testing.T, markup string) (images []image.Image, texts []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`base64,([^"]*)"`).FindAllStringSubmatch(markup, -1) {
		raw, err := base64.StdEncoding.DecodeString(m[1])
		must(t, err)
		img, err := png.Decode(bytes.NewReader(raw))
		must(t, err)
		images = append(images, img)
	}
	for _, m := range regexp.MustCompile(`<text[^>]*>([^<]*)<`).FindAllStringSubmatch(markup, -1) {
		texts = append(texts, m[1])
	}
	return images, texts
}

// fieldPictures are a mean, two samples and a standard deviation of rows of three numbers.
func fieldPictures(spread float64) []Images {
	g := Images{Shape: []int{1, 3}, Across: 1, Wide: 90, Field: true}
	mean, samples, std := g, g, g
	mean.Title, mean.Pictures = "mean", [][]float64{{-1, 0, 2}}
	samples.Title, samples.Pictures, samples.Across = "samples", [][]float64{{2, -1, 0}, {math.NaN(), -2, 2}}, 2
	std.Title, std.Pictures, std.Own, std.Spread = "std", [][]float64{{0, spread / 2, spread}}, true, true
	return []Images{mean, samples, std}
}

// Equal numbers have equal colours in all pictures and on their bar, white is zero, and the
// standard deviation has its own bar; a place without a number is grey.
func TestFieldsShareOneScale(t *testing.T) {
	in := fullInput(20, 10)
	in.XAxis, in.YAxis, in.Images, in.Recovered = Axis{}, Axis{}, nil, fieldPictures(3)
	var figure, page, again bytes.Buffer
	must(t, WriteFigure(&figure, in))
	must(t, WriteHTML(&page, in))
	must(t, WriteFigure(&again, in))
	alone(t, figure.Bytes())
	if !bytes.Equal(figure.Bytes(), again.Bytes()) || !strings.Contains(page.String(), strings.TrimSpace(figure.String())) {
		t.Error("the page has another figure, or a second one differs")
	}
	images, texts := pixels(t, figure.String())
	if want := []string{"mean", "samples", "2", "0", "−2", "std", "3", "1.5", "0"}; !slices.Equal(texts, want) || len(images) != 5 {
		t.Fatalf("%d images, texts %q", len(images), texts)
	}
	at := func(k int, place float64) color.NRGBA { // along the first row of pictures
		b := images[k].Bounds()
		return color.NRGBAModel.Convert(images[k].At(int(place*float64(b.Dx())), b.Dy()/2)).(color.NRGBA)
	}
	end := func(k int, bottom bool) color.NRGBA {
		b := images[k].Bounds()
		return color.NRGBAModel.Convert(images[k].At(b.Dx()/2, map[bool]int{false: 0, true: b.Dy() - 1}[bottom])).(color.NRGBA)
	}
	white, grey := color.NRGBA{255, 255, 255, 255}, unseenField
	minus1 := color.NRGBA{0x48, 0xa2, 0xf2, 255} // halfway between the third and the fourth anchor
	for _, c := range []struct {
		name      string
		got, want color.NRGBA
	}{
		{"mean −1", at(0, 0.1), minus1}, {"mean 0", at(0, 0.5), white}, {"mean 2", at(0, 0.9), end(2, false)},
		{"sample 2", at(1, 0.05), end(2, false)}, {"sample −1", at(1, 0.25), minus1}, {"sample 0", at(1, 0.45), white},
		{"sample without a number", at(1, 0.55), grey}, {"sample −2", at(1, 0.75), end(2, true)}, {"sample 2", at(1, 0.95), end(2, false)},
		{"std 0", at(3, 0.1), end(4, true)}, {"std 3", at(3, 0.9), end(4, false)},
		{"bar ±2", end(2, true), diverging.at(0)}, {"bar 3", end(4, false), color.NRGBA{0xfd, 0xe7, 0x25, 255}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// A standard deviation that is rounding beside its field is no pattern: one colour, which the
// title explains instead of a bar.
func TestRoundingIsDrawnFlat(t *testing.T) {
	for _, spread := range []float64{0, 1e-16, 1.9e-9, 2.1e-9} {
		all := fieldPictures(spread)
		images, texts := pixels(t, grids("g", sharedScale(all, nil), all))
		flat := spread < 2e-9 // a billionth of the largest number
		if slices.Contains(texts, "std, 0 to rounding") != flat || (len(images) == 4) != flat {
			t.Errorf("spread %g: %d images, %q", spread, len(images), texts)
		}
		colours := map[color.Color]bool{}
		for x := range images[3].Bounds().Dx() {
			colours[images[3].At(x, 0)] = true
		}
		if (len(colours) == 1) != flat {
			t.Errorf("spread %g: %d colours", spread, len(colours))
		}
	}
}

// Plain images stay grey beside and without fields, and have no bar; fields of three
// channels are refused.
func TestImagesStayGrey(t *testing.T) {
	g := Images{Title: "digit", Shape: []int{1, 3}, Across: 1, Pictures: [][]float64{{-1, 0, 2}}}
	std := g
	std.Own = true
	all := []Images{g, std}
	images, texts := pixels(t, grids("g", sharedScale(all, g.Pictures), all))
	if len(images) != 2 || len(texts) != 2 {
		t.Fatalf("%d images, texts %q", len(images), texts)
	}
	beside := append(all, fieldPictures(1)...)
	more, _ := pixels(t, grids("g", sharedScale(beside, nil), beside))
	images = append(images, more[:2]...)
	for _, img := range images {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, 0).RGBA(); r != g || g != b {
				t.Fatalf("%v at %d", img.At(x, 0), x)
			}
		}
	}
	if (&Images{Shape: []int{1, 1, 3}, Across: 1, Field: true}).check() == nil {
		t.Error("a field of three channels is accepted")
	}
}
