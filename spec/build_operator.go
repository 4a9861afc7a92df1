package spec

import (
	"errors"
	"math"

	"abide/expr"
	"abide/operator"
)

// operator makes the operator of one block over d = len(names) columns.
func (s *Spec) operator(b *Block, names []string) (operator.Operator, error) {
	image := s.image()
	if b.Kind != "compose" {
		op, _, err := s.step(b, names, image)
		return op, err
	}
	var all operator.Operator
	for _, part := range b.Tables("parts") {
		op, out, err := s.step(part, names, image)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = op
		} else if all, err = operator.Compose(op, all); err != nil {
			return nil, part.built(err)
		}
		_, m := op.Dims()
		names, image = indexed(m), out
	}
	return all, nil
}

// indexed are the names x[0], x[1], ….
func indexed(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = element("x", i)
	}
	return names
}

// step makes an operator that is not composed. in is what the columns are, zero
// where that is not known; out is what it gives where that is an image again.
func (s *Spec) step(b *Block, names []string, in operator.Image) (op operator.Operator, out operator.Image, err error) {
	if b.kind.Key("shape") == nil {
		op, err = s.onColumns(b, names)
	} else if in, err = b.shape(in, len(names)); err == nil {
		op, err = s.onImage(b, in)
	}
	var fault *Error
	switch {
	case errors.As(err, &fault):
		return nil, out, fault
	case err != nil:
		return nil, out, b.built(err)
	}
	switch b.Kind {
	case "blur", "identity", "clip", "jpeg", "nonlinear-blur":
		out = in
	case "pool", "bicubic", "difference":
		out = op.(*operator.Separable).Out()
	case "grey":
		out = operator.Image{Height: in.Height, Width: in.Width, Channels: 1}
	}
	return op, out, nil
}

// onColumns makes the operators that do not ask what the columns are.
func (s *Spec) onColumns(b *Block, names []string) (operator.Operator, error) {
	d := len(names)
	switch b.Kind {
	case "matrix":
		rows, err := s.matrix(b, "value")
		if err != nil {
			return nil, err
		}
		if got := len(rows[0]); got != d {
			return nil, b.fault("value", "the rows have length %d, the prior has %d columns", got, d).allowed("length %d", d)
		}
		return operator.NewMatrix(rows)
	case "mask":
		index, err := b.columns(names)
		if err != nil {
			return nil, err
		}
		return operator.NewMask(d, index)
	case "formula":
		var all []*expr.Expr
		for i, text := range b.formulas() {
			e, err := expr.Parse(text, formulaNames(names), d)
			if err != nil {
				return nil, b.formulasFault(i, err)
			}
			all = append(all, e)
		}
		return operator.NewFormula(d, all)
	case "clip":
		lower, upper := math.Inf(-1), math.Inf(1)
		if b.Has("lower") {
			lower = b.Float("lower")
		}
		if b.Has("upper") {
			upper = b.Float("upper")
		}
		clip, err := operator.NewClip(d, lower, upper)
		if err != nil || b.Float("gain") == 1 {
			return clip, err
		}
		all, err := everything(d)
		if err != nil {
			return nil, err
		}
		gain := make([]float64, d)
		for i := range gain {
			gain[i] = b.Float("gain")
		}
		return operator.Compose(clip, operator.Scaled(all, gain))
	default: // identity
		return everything(d)
	}
}

func everything(d int) (*operator.Mask, error) {
	index := make([]int, d)
	for i := range index {
		index[i] = i
	}
	return operator.NewMask(d, index)
}
