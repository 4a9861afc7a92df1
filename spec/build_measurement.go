package spec

import (
	"errors"

	"abide/potential"
)

// measurement makes the potential of y = operator(x) with noise.
func (s *Spec) measurement(b *Block, names []string) (potential.Potential, error) {
	if hostKind(b.Table("operator").Kind) {
		return s.hosted(b, names)
	}
	op, err := s.operator(b.Table("operator"), names)
	if err != nil {
		return nil, err
	}
	y, _, err := s.numbers(b, "y")
	if err != nil {
		return nil, err
	}
	_, m := op.Dims()
	if err := b.length("y", len(y), m, "operator"); err != nil {
		return nil, err
	}
	if err := b.measured(y); err != nil {
		return nil, err
	}
	noise, err := s.noise(b, m)
	if err != nil {
		return nil, err
	}
	made := potential.NewMeasured
	if b.Bool("missing") {
		made = potential.NewMissing
	}
	p, err := made(b.String("name"), op, y, noise)
	if err != nil {
		return nil, b.builtAt("y", err)
	}
	return p, nil
}

// noise makes the noise of m values.
func (s *Spec) noise(b *Block, m int) (potential.Noise, error) {
	switch n := b.Table("noise"); n.Kind {
	case "poisson":
		noise, err := potential.NewPoisson(n.Float("gain"), n.Float("floor"))
		if err != nil {
			return nil, n.built(err)
		}
		return noise, nil
	case "formula":
		noise, err := potential.NewFormula(n.String("expr"))
		if err != nil {
			return nil, n.formulaFault("expr", err)
		}
		return noise, nil
	}
	if b.Has("covariance") {
		rows, err := s.matrix(b, "covariance")
		if err != nil {
			return nil, err
		}
		if err := b.length("covariance", len(rows), m, "operator"); err != nil {
			return nil, err
		}
		noise, err := potential.NewCorrelated(rows)
		if err != nil {
			return nil, b.fault("covariance", "%v", err)
		}
		return noise, nil
	}
	std, _, err := s.numbers(b, "std")
	if err != nil {
		return nil, err
	}
	if b.Rank("std") == 0 {
		std = b.Spread("std", m)
	}
	if err := b.length("std", len(std), m, "operator"); err != nil {
		return nil, err
	}
	noise, err := potential.NewNormal(std)
	if err != nil {
		return nil, b.fault("std", "%v", err)
	}
	return noise, nil
}

// builtAt puts an error of a constructor at a key.
func (b *Block) builtAt(key string, err error) *Error {
	var fault *Error
	if errors.As(b.built(err), &fault) {
		return b.fault(key, "%s", fault.What)
	}
	return b.built(err)
}
