// Package cli is the command line of abide. All input and output is injected,
// so that the commands run in tests as they run in a terminal: results go to
// stdout, everything else to stderr, and nothing here computes a sample.
package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // bad usage or spec
	exitStrict = 3 // finished, but a check failed under --strict
)

// app is one call of the command line.
type app struct {
	stdin  io.Reader
	stdout *results
	stderr io.Writer
	getenv func(string) string

	json, quiet, noColor bool
	running              bool // a command has taken over from the parser of arguments
}

// Main runs abide with its arguments and returns the exit code.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) (code int) {
	a := &app{stdin: stdin, stdout: &results{w: stdout}, stderr: stderr, getenv: getenv}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "abide: internal error: %v\nThis is a fault of abide, not of the input. Please report it with the command and the spec.\n", r)
			code = exitFailed
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case a.stdout.err != nil:
		err = fmt.Errorf("writing results: %w", a.stdout.err)
	case err != nil && !a.running:
		err = usage(fmt.Errorf("%w (see abide --help)", err))
	}
	if err != nil {
		fmt.Fprintf(stderr, "abide: %v\n", err)
	}
	return exitCode(err)
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "abide",
		Short: "Sample under constraints with diffusion priors",
		Long: `abide draws samples that obey: from what is known beforehand (a prior), what must
hold (constraints) and what is wanted (potentials), all written in one spec.`,
		Example:       "  abide demo\n  abide run examples/concrete/mix.toml",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.running = true
			return cmd.Help()
		},
		SuggestionsMinimumDistance: 2,
	}
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print one JSON document on stdout")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no hints")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	root.AddCommand(
		a.demoCommand(), a.runCommand(), a.checkCommand(), a.trainCommand(), a.likelihoodCommand(), a.reportCommand(),
		a.dataCommand(), a.benchCommand(), a.listCommand(), a.citeCommand(), a.doctorCommand(), a.schemaCommand(), a.versionCommand(),
	)
	return root
}

// knownCommand refuses words that are no command and names the likely one.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %q?", args[0], near[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// does wraps the body of a command: from here on an error is the run's, not the parser's.
func (a *app) does(body func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return body(cmd.Context(), args)
	}
}

// printJSON writes v as an indented document.
func (a *app) printJSON(v any) error {
	return encodeJSON(a.stdout, v)
}

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // names hold <= and >=
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// note tells people something on stderr, unless they asked for quiet.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// color says whether results are coloured: only for a person at a terminal.
func (a *app) color() bool {
	return !a.noColor && a.getenv("NO_COLOR") == "" && isTerminal(a.stdout.w)
}

// isTerminal says whether w is a character device. (That takes /dev/null for a
// terminal, which harms nobody.)
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// results is stdout; it remembers the first failure, so that a full disk is an
// error whichever command meets it.
type results struct {
	w   io.Writer
	err error
}

func (r *results) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.w.Write(p)
	r.err = err
	return n, err
}
