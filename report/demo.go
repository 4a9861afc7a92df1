package report

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// DemoRow is one method's line in a comparison. NaN stands for what does not
// apply.
type DemoRow struct {
	Method     string
	Feasible   float64 // share of samples that obey every row
	Worst      float64 // largest violation
	Distance   float64 // energy distance to the exact law
	MinESS     float64 // NaN where the method has no weights
	Population int     // of which MinESS is a part
	Seconds    float64
	Reference  bool // a set drawn from the exact law: shown, not judged
}

// Subtitle is the two numbers that stand over the method's panel.
func (row DemoRow) Subtitle() string {
	s := percent(row.Feasible) + " feasible"
	if !math.IsNaN(row.Distance) {
		s += " · distance " + fixed(row.Distance, 3)
	}
	return s
}

// unreliable says whether the row's ESS is too low to trust.
func (row DemoRow) unreliable() bool {
	return !math.IsNaN(row.MinESS) && row.MinESS < max(lowESSCount, lowESSFraction*float64(row.Population))
}

// DemoTable writes the comparison for a terminal. floor is the mean distance
// between two exact sets of the same size.
func DemoTable(w io.Writer, rows []DemoRow, floor float64, color bool) error {
	p := painter{color}
	lines := strings.Split(align(demoCells(rows), "lrrrrr", "  "), "\n")
	lines[0] = p.dim(lines[0])
	for i, row := range rows {
		if row.unreliable() {
			lines[i+1] = p.yellow(lines[i+1])
		}
	}
	text := strings.Join(lines, "\n") + "  " + p.dim(floorLine(floor)) + "\n"
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("report: demo table: %w", err)
	}
	return nil
}

func floorLine(floor float64) string {
	return "two exact samples of this size are " + fixed(floor, 3) + " apart"
}

// demoCells are the header and the rows of the comparison as text.
func demoCells(rows []DemoRow) [][]string {
	cells := [][]string{{"method", "feasible", "worst violation", "distance to exact", "min ESS", "time"}}
	for _, row := range rows {
		cells = append(cells, []string{
			plain(row.Method), orDash(row.Feasible, percent), orDash(row.Worst, violation),
			orDash(row.Distance, func(v float64) string { return fixed(v, 3) }),
			orDash(row.MinESS, whole), orDash(row.Seconds, duration),
		})
	}
	return cells
}

// violation keeps four decimals, and powers of ten below them.
func violation(v float64) string {
	if v == 0 {
		return "0"
	}
	return fixed(v, 4)
}

func orDash(v float64, write func(float64) string) string {
	if math.IsNaN(v) {
		return "-"
	}
	return write(v)
}

// DemoVerdicts are two to four sentences on a comparison: which methods are
// feasible with the wrong law, which is right, and whose weights collapsed.
func DemoVerdicts(rows []DemoRow, floor float64) []string {
	var crust, neither, right, near, collapsed []string
	for _, row := range rows {
		name := row.judged(floor)
		far := row.Distance > wrongFloors*floor
		switch {
		case row.Reference || math.IsNaN(row.Distance):
		case row.unreliable():
			collapsed = append(collapsed, name)
		case far && row.Feasible >= 0.9:
			crust = append(crust, name)
		case far:
			neither = append(neither, name)
		case row.Feasible == 1 && row.Distance <= closeFloors*floor:
			right = append(right, name)
		default:
			near = append(near, name)
		}
	}
	var out []string
	add := func(names []string, one, many string) {
		switch len(names) {
		case 0:
		case 1:
			out = append(out, listed(names)+" "+one)
		default:
			out = append(out, listed(names)+" "+many)
		}
	}
	add(crust, "is feasible or nearly so, but has the wrong law: feasible is not right.",
		"are feasible or nearly so, but have the wrong law: feasible is not right.")
	add(neither, "neither obeys the constraints nor has the right law.", "neither obey the constraints nor have the right law.")
	add(near, "comes close without being right.", "come close without being right.")
	add(right, "obeys every constraint and cannot be told from exact samples. Check another seed with --seed.",
		"obey every constraint and cannot be told from exact samples. Check another seed with --seed.")
	add(collapsed, "is unreliable: its weights collapsed. Use more particles or more steps.",
		"are unreliable: their weights collapsed. Use more particles or more steps.")
	return out
}

// judged is the method with the figures it is judged by.
func (row DemoRow) judged(floor float64) string {
	s := fmt.Sprintf("%s (%s feasible, %s times the floor", plain(row.Method), percent(row.Feasible), fixed(row.Distance/floor, 1))
	if !math.IsNaN(row.MinESS) {
		s += fmt.Sprintf(", min ESS %s of %s", whole(row.MinESS), count(row.Population))
	}
	return s + ")"
}

// listed joins names as "a, b and c".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
