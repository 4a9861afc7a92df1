package train

import (
	"fmt"
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
	cut := n - s.held(n)
	return order[:cut], order[cut:]
}

// held is how many of n rows are kept to measure with.
func (s Settings) held(n int) int { return int(math.Round(s.Holdout * float64(n))) }

// CheckRows says whether n rows are enough for both.
func (s Settings) CheckRows(n int) error {
	if held := s.held(n); n-held < 2 || (s.Holdout > 0 && held < 1) {
		return fmt.Errorf("train: %d rows leave %d to train on and %d to measure with: give more rows or another holdout", n, n-held, held)
	}
	return nil
}

// Step is how many steps have been taken.
func (t *Trainer) Step() int { return t.state.Step }
