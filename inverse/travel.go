package inverse

import (
	"math"

	"abide/diffusion"
	"abide/sampler"
)

// Travel goes back in time (Lugmayr et al. 2022, section 4.2 and appendix B): at
// every Length-th level from the last noisy one, points are noised up by Length
// levels and walked down again, Repeat times in all. What was replaced and what was
// generated get the time to agree. Repeat 1 is none. Not where Length levels are
// all there are.
type Travel struct{ Length, Repeat int }

// again is how often the Length steps up to k are done again, of n steps.
func (t Travel) again(k, n int) int {
	level := n - 2 - k // levels left to the last noisy one
	if level < 0 || level%t.Length != 0 || level >= n-t.Length {
		return 0
	}
	return t.Repeat - 1
}

// walk is step k and its repetitions; down is one step.
func (t Travel) walk(p sampler.Points, k int, g diffusion.Grid, noise func([]float64), down func(k int) error) error {
	if err := down(k); err != nil {
		return err
	}
	for range t.again(k, g.Steps()) {
		first := k + 1 - t.Length
		climb(p.Z, g, k+1, first, noise)
		for j := first; j <= k; j++ {
			if err := down(j); err != nil {
				return err
			}
		}
	}
	return nil
}

// climb takes points from a level up to a noisier one, z ~ q(z_to | z_from).
func climb(z []float64, g diffusion.Grid, from, to int, noise func([]float64)) {
	n := make([]float64, len(z))
	noise(n)
	r := g.A[to] / g.A[from]
	c := math.Sqrt(math.Max(g.B[to]*g.B[to]-r*r*g.B[from]*g.B[from], 0))
	for i, v := range n {
		z[i] = r*z[i] + c*v
	}
}
