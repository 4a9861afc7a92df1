package cli

import (
	"errors"

	"abide/network"
	"abide/spec"
)

// architectureOf is the network in a prior's block.
func architectureOf(b *spec.Block) network.Architecture {
	a := network.Architecture{Kind: b.Kind, Width: b.Int("width"), Depth: b.Int("depth"), Embedding: b.Int("embedding"), Fourier: b.Float("fourier")}
	switch b.Kind {
	case "unet":
		a.Patch, a.Levels, a.Multipliers, a.Heads = b.Int("patch"), b.Int("levels"), b.Ints("multipliers"), b.Int("heads")
		if b.Has("heads") && a.Heads == 0 {
			a.Heads = -1 // none; 0 is the default there
		}
	case "fno":
		a.Modes = b.Int("modes")
	default:
		return a
	}
	a.Shape, a.Channels = b.Ints("shape"), b.Bool("channels")
	return a
}

// layOut gives a network that sees neighbours the shape of a point, which its
// block or the shape of an image says, and checks the network against the columns.
// Defaults are written out, so that the same network has the same fingerprint
// whether they are given or not.
func (l *lesson) layOut(image []int, columns int) error {
	b, a := l.block.Table("network"), l.settings.Network
	if a.Kind == "unet" || a.Kind == "fno" {
		if a.Shape == nil {
			a.Shape, a.Channels = image, len(image) == 3
		}
		switch {
		case a.Shape == nil:
			return b.Errorf("shape", "is missing: how do the %d columns lie beside each other; allowed: shape = [%d] for a curve, [h, w] with h·w = %d for a field or an image, or [report] image = [h, w]", columns, columns, columns)
		case a.Dim() != columns:
			return b.Errorf("shape", "%v is %d numbers for %d columns; allowed: numbers whose product is %d", a.Shape, a.Dim(), columns, columns)
		}
	}
	l.settings.Network = a.Resolved()
	err := l.settings.Check(columns)
	f := (*network.Fault)(nil)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &f):
		return l.block.Errorf("network", "%v", err)
	case f.Field == "condition":
		return l.block.Errorf("condition", "%s", f.What)
	}
	return b.Errorf(f.Field, "%s", f.What)
}
