package report

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTableGolden(t *testing.T) {
	var b bytes.Buffer
	must(t, Table(&b, fullReport(), false))
	golden(t, "testdata/table.txt", b.Bytes())

	b.Reset()
	nan := math.NaN()
	must(t, DemoTable(&b, []DemoRow{
		{Method: "none", Feasible: 0.251, Worst: 3.1384, Distance: 1.16, MinESS: nan, Seconds: 0.08},
		{Method: "project", Feasible: 0.964, Worst: 0.0028, Distance: 0.755, MinESS: nan, Seconds: 0.3},
		{Method: "twisted-smc", Feasible: 1, Distance: 0.0312, MinESS: 1149, Population: 2000, Seconds: 0.34},
	}, 0.0241, false))
	golden(t, "testdata/demo.txt", b.Bytes())
}

// Colour only adds escape sequences.
func TestColourChangesNoText(t *testing.T) {
	escapes := regexp.MustCompile("\x1b\\[[0-9]*m")
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		var bare, coloured bytes.Buffer
		if Table(&bare, r, false) != nil || Table(&coloured, r, true) != nil {
			t.Fatal("table failed")
		}
		if strings.Contains(bare.String(), "\x1b") {
			t.Fatal("colour without being asked")
		}
		if got := escapes.ReplaceAllString(coloured.String(), ""); got != bare.String() {
			t.Fatalf("text differs:\n%s\n%s", got, bare.String())
		}
	})
	var b bytes.Buffer
	must(t, Table(&b, fullReport(), true))
	if !strings.Contains(b.String(), "\x1b[") {
		t.Error("no colour when asked")
	}
}

func TestPercentNeverRoundsAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(0, 1).Draw(t, "share")
		s := percent(v)
		if (s == "100.0 %") != (v == 1) || (s == "0.0 %") != (v == 0) {
			t.Fatalf("%g is written %s", v, s)
		}
	})
	for v, want := range map[float64]string{1: "100.0 %", 0: "0.0 %", 0.99999: "> 99.9 %", 1e-5: "< 0.1 %", 0.251: "25.1 %"} {
		if got := percent(v); got != want {
			t.Errorf("percent(%g) = %s", v, got)
		}
	}
}

// A written number is within half a unit of its last of four digits.
func TestNumberKeepsItsDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e308, 1e308).Draw(t, "v")
		got, err := strconv.ParseFloat(strings.ReplaceAll(number(v), ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-v) > 5.001e-3*math.Abs(v) {
			t.Fatalf("%g is written %s", v, number(v))
		}
	})
	for v, want := range map[float64]string{
		0: "0", 1: "1", 0.52: "0.52", 12.3456: "12.35", 999.96: "1000", 8192: "8192", 1234567: "1,234,567",
		1e-6: "1e-6", 3.337e-16: "3.34e-16", -2.5e9: "-2.5e9", math.Inf(-1): "-Inf",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%g) = %s, want %s", v, got, want)
		}
	}
	if s := number(math.NaN()); s != "NaN" {
		t.Error(s)
	}
	for s, want := range map[string]string{fixed(-0.0001, 2): "-1e-4", fixed(math.Copysign(0, -1), 2): "0.00", fixed(2.5, 1): "2.5", fixed(3e9, 2): "3e9"} {
		if s != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
	for v, want := range map[float64]string{0.034: "34 ms", 1.55: "1.6 s", 61: "61.0 s", 125: "2 min 5 s"} {
		if got := duration(v); got != want {
			t.Errorf("duration(%g) = %s, want %s", v, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-zé]{1,12}`)).Draw(t, "words")
		lines := wrapped(strings.Join(words, " "), 20)
		for _, l := range lines {
			if len([]rune(l)) > 20 {
				t.Fatalf("%q is too long", l)
			}
		}
		if got := strings.Fields(strings.Join(lines, " ")); strings.Join(got, " ") != strings.Join(words, " ") {
			t.Fatalf("%q from %q", got, words)
		}
	})
}
