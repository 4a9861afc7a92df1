package cli

import (
	"errors"

	"abide/constraint"
	"abide/problem"
	"abide/spec"
)

// errStrict says that a run finished but a check failed under --strict.
var errStrict = errors.New("a check failed (--strict)")

// usageError is a fault in the command line, the spec or its data.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// exitCode tells what the user can mend from what went wrong.
func exitCode(err error) int {
	var (
		use         usageError
		fault       *spec.Error
		unsupported *problem.UnsupportedError
		rows        *constraint.CheckError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errStrict):
		return exitStrict
	case errors.As(err, &use), errors.As(err, &fault), errors.As(err, &unsupported), errors.As(err, &rows):
		return exitUsage
	}
	return exitFailed
}
