package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a long job is: a bar at a terminal, a line every ten
// seconds elsewhere, nothing when quiet.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	label string
	total int
	next  time.Time
	quiet bool
}

// linesEvery is how often a log file gets a line.
const linesEvery = 10 * time.Second

func (a *app) progress(label string, total int) *progress {
	p := &progress{w: a.stderr, label: label, total: total, next: time.Now().Add(linesEvery), quiet: a.quiet}
	if !a.quiet && isTerminal(a.stderr) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(a.stderr),
			progressbar.OptionSetDescription(label),
			progressbar.OptionSetWidth(28),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(80*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// at moves to done of total; detail stands beside it.
func (p *progress) at(done int, detail string) {
	switch {
	case p.quiet:
	case p.bar != nil:
		p.bar.Describe(p.label + detail)
		_ = p.bar.Set(done)
	case time.Now().After(p.next):
		p.next = time.Now().Add(linesEvery)
		fmt.Fprintf(p.w, "%s %d of %d%s\n", p.label, done, p.total, detail)
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
