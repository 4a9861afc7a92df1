package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table writes a report for a terminal: the constraints, the other figures, the verdicts.
func Table(w io.Writer, r *Report, color bool) error {
	p := painter{color}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", p.bold(headline(r)), p.dim(subject(r)))
	if r.status() != StatusOK {
		fmt.Fprintf(&b, "%s\n", p.status(r.status(), "status: "+plain(r.status())))
	}
	b.WriteByte('\n')
	if len(r.Constraints) > 0 {
		b.WriteString(constraintTable(r, p) + "\n")
	}
	b.WriteString(align(figures(r), "ll", "  ") + "\n")
	for _, s := range r.Warnings {
		fmt.Fprintf(&b, "  %s %s\n", p.yellow("warning:"), plain(s))
	}
	if len(r.Warnings) > 0 {
		b.WriteByte('\n')
	}
	for _, s := range Verdicts(r) {
		for _, line := range wrapped(plain(s), 96) {
			b.WriteString("  " + line + "\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("report: table: %w", err)
	}
	return nil
}

func headline(r *Report) string {
	if r.Title == "" {
		return "abide"
	}
	return plain(r.Title)
}

// subject is "twisted-smc · 500 samples from a population of 8,192".
func subject(r *Report) string {
	s := countOf(r.Samples, "sample")
	if r.Method != "" {
		s = plain(r.Method) + " · " + s
	}
	if r.population() > r.Samples {
		s += " from a population of " + count(r.population())
	}
	return s
}

func constraintTable(r *Report, p painter) string {
	rows, sides := [][]string{{"constraint", "feasible", "worst violation", "tolerance"}}, "lrrr"
	if slices.ContainsFunc(r.Constraints, func(c ConstraintRow) bool { return c.Relative != nil }) {
		rows[0], sides = append(rows[0], "residual / std"), "lrrrr"
	}
	for _, c := range r.Constraints {
		cells := []string{clipped(plain(c.Name), 60), percent(c.FeasibleFraction),
			withUnit(number(c.MaxViolation), plain(c.Unit)), withUnit(number(c.Tolerance), plain(c.Unit))}
		if c.Relative != nil {
			cells = append(cells, number(*c.Relative))
		} else if len(sides) == 5 {
			cells = append(cells, "–")
		}
		rows = append(rows, cells)
	}
	lines := strings.Split(align(rows, sides, "  "), "\n")
	lines[0] = p.dim(lines[0])
	for i, c := range r.Constraints {
		if c.FeasibleFraction < 1 || !(c.MaxViolation <= c.Tolerance) {
			lines[i+1] = p.red(lines[i+1])
		}
	}
	return strings.Join(lines, "\n")
}

// figures are the rows below the constraints: name and value.
func figures(r *Report) [][]string {
	var rows [][]string
	add := func(name, format string, args ...any) {
		rows = append(rows, []string{name, fmt.Sprintf(format, args...)})
	}
	if r.ESS != nil {
		add("ESS", "%s of %s at the worst step (%s), %s at the end", whole(r.ESS.Min), count(r.population()),
			percent(r.ESS.Min/float64(max(r.population(), 1))), whole(r.ESS.Final))
	}
	if r.Reference != nil {
		add("distance to exact", "%s; two exact sets are %s apart", number(r.Reference.Distance), number(r.Reference.Floor))
	}
	if d := r.Reference; d != nil && d.Sliced != nil {
		add("sliced W₁ to exact", "%s; two exact sets are %s apart", number(d.Sliced.Distance), number(d.Sliced.Floor))
	}
	if s := evidence(r); s != "" {
		add("log evidence", "%s", s)
	}
	if c := r.Recovery; c != nil {
		s := "RMSE of the mean " + number(c.RMSE)
		if c.PSNR != nil {
			s += ", PSNR " + fixed(*c.PSNR, 1) + " dB"
		}
		add("against the truth", "%s, CRPS %s, coverage of %s intervals %s", s, number(c.CRPS), percentWhole(c.Level), percent(c.Coverage))
	}
	if n := r.Novelty; n != nil {
		add("nearest real row", "median %s (80 %% from %s to %s); among real rows median %s, 90 %% below %s; %s",
			number(n.Median), number(n.Q10), number(n.Q90), number(n.DataMedian), number(n.DataP90), copies(n.Copies))
	}
	for _, e := range r.Potentials {
		add("potential "+clipped(plain(e.Name), 40), "mean %s, least %s", number(e.Mean), number(e.Min))
	}
	add("work", "%s", costLine(r.Cost))
	return rows
}

// evidence is the estimate of the log evidence with its exact value, where known;
// "" where there is neither.
func evidence(r *Report) string {
	var s string
	if e := r.LogEvidence; e != nil {
		s = number(e.Value) + " ± " + number(e.StdErr)
	}
	if z, ok := r.exactEvidence(); ok {
		if s != "" {
			s += "; "
		}
		s += "exact " + number(z)
	}
	return s
}

// exactEvidence is the log evidence in closed form, where it is known.
func (r *Report) exactEvidence() (float64, bool) {
	if r.Reference == nil || r.Reference.LogEvidence == nil {
		return 0, false
	}
	return *r.Reference.LogEvidence, true
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return count(n) + " copies"
}

func costLine(c Cost) string {
	s := grouped(fmt.Sprint(c.DenoiserCalls)) + " denoiser calls"
	if c.VJPCalls > 0 {
		s += ", " + grouped(fmt.Sprint(c.VJPCalls)) + " VJPs"
	}
	s += " per sample, " + duration(c.Seconds)
	if c.SetupSeconds > 0 {
		s += " and " + duration(c.SetupSeconds) + " to set up"
	}
	return s
}

// align pads cells to columns; sides holds l or r for each column. Every line
// starts with the indent and the last ends with a newline.
func align(rows [][]string, sides, indent string) string {
	widths := make([]int, len(sides))
	for _, row := range rows {
		for j, cell := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := indent
		for j, cell := range row {
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if sides[j] == 'r' {
				cell = pad + cell
			} else {
				cell += pad
			}
			if j > 0 {
				line += "   "
			}
			line += cell
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// wrapped breaks a sentence at spaces into lines of at most width runes, where it can.
func wrapped(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// painter colours text, or leaves it alone.
type painter struct{ on bool }

func (p painter) paint(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string   { return p.paint("1", s) }
func (p painter) dim(s string) string    { return p.paint("2", s) }
func (p painter) red(s string) string    { return p.paint("31", s) }
func (p painter) yellow(s string) string { return p.paint("33", s) }

// status is red for what must not be used and yellow for what needs care.
func (p painter) status(status, s string) string {
	if status == StatusNonFinite || status == StatusInfeasible {
		return p.red(s)
	}
	return p.yellow(s)
}
