package physics

import (
	"fmt"
	"math"
	"slices"
)

// Steps makes that many whole steps of Gauss and Newton, without line search and without
// asking whether u obeys: what methods do that come back to the law at every level. One
// step of either mode is the same from where it begins, and for linear equations the
// projection. u stays as it was where a step cannot be made.
func (n *Newton) Steps(u []float64, steps int) error {
	w := n.work.Get().(*newtonWork)
	defer n.work.Put(w)
	w.normal.begin()
	copy(w.u0, u)
	at := slices.Clone(u)
	for range steps {
		if _, norm := n.residual(w.c, at); math.IsNaN(norm) || math.IsInf(norm, 0) {
			return fmt.Errorf("physics: %w: %s is not a finite number there", ErrInfeasible, n.where(at))
		}
		w.normal.at(at)
		if err := n.step(w, at, n.o.Root); err != nil {
			return err
		}
		for i, v := range w.v {
			at[i] += v
		}
	}
	copy(u, at)
	return nil
}
