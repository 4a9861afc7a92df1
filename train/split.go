package train

import (
	"math"

	"abide/internal/keyed"
)

// Split says which of n rows a training with these settings fits, and which it
// keeps to measure with.
func (s Settings) Split(n int) (fitted, held []int) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	stream := keyed.New(s.Seed, "shuffle", 0, 0)
	for i := n - 1; i > 0; i-- {
		j := int(stream.Uint64() % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	cut := n - int(math.Round(s.Holdout*float64(n)))
	return order[:cut], order[cut:]
}

// Step is how many steps have been taken.
func (t *Trainer) Step() int { return t.state.Step }
