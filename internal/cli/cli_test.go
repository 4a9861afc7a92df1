package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"abide/constraint"
	"abide/problem"
	"abide/spec"
)

// A panic anywhere in a command is one message and exit code 1.
func TestPanicIsAMessage(t *testing.T) {
	var out, errs bytes.Buffer
	code := Main(t.Context(), []string{"doctor"}, strings.NewReader(""), &out, &errs, func(string) string { panic("no environment") })
	if code != exitFailed || !strings.Contains(errs.String(), "internal error: no environment") || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitDone},
		{errors.New("the disk is gone"), exitFailed},
		{fmt.Errorf("reading: %w", usage(errors.New("no such file"))), exitUsage},
		{fmt.Errorf("binding: %w", &spec.Error{}), exitUsage},
		{&problem.UnsupportedError{}, exitUsage},
		{fmt.Errorf("problem: %w", &constraint.CheckError{}), exitUsage},
		{fmt.Errorf("%w: low ESS", errStrict), exitStrict},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
	}
}

// Results that cannot be written are an error of every command.
func TestUnwritableResults(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"list"}, {"cite"}, {"doctor", "--json"}, {"schema"}, {"--help"}, {"completion", "bash"}} {
		var errs bytes.Buffer
		code := Main(t.Context(), args, strings.NewReader(""), broken{}, &errs, func(string) string { return "" })
		if code != exitFailed || !strings.Contains(errs.String(), "no room") {
			t.Errorf("abide %s: exit %d: %s", strings.Join(args, " "), code, errs.String())
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }

// Every command says what it does and shows two examples.
func TestHelp(t *testing.T) {
	root := (&app{stdout: &results{}}).root()
	for _, c := range root.Commands() {
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Short == "" || strings.Count(c.Example, "abide "+c.Name()) != 2 {
			t.Errorf("%s: short %q, examples %q", c.Name(), c.Short, c.Example)
		}
	}
}
