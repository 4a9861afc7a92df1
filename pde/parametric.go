package pde

import "fmt"

// Latent is a number that is drawn uniformly for each sample.
type Latent struct {
	Name      string
	Low, High float64
}

// Parametric is a Family whose samples a few latent numbers determine, so that a sample
// can be made for numbers that one chooses.
type Parametric interface {
	Family
	// Latents are the numbers, in the order of At.
	Latents() []Latent
	// At is the sample of latents theta.
	At(theta []float64) (Sample, error)
}

var (
	_ Parametric = (*burgersShock)(nil)
	_ Parametric = (*stefan)(nil)
)

// Lattice is samples at the midpoints of a lattice of so many nodes along each latent
// number, the first one slow: the finite law that stands for the uniform one.
func Lattice(f Parametric, nodes []int, emit func(Sample) error) error {
	latents := f.Latents()
	if len(nodes) != len(latents) {
		return fmt.Errorf("pde: %d numbers of nodes for %d latents", len(nodes), len(latents))
	}
	total := 1
	for i, n := range nodes {
		if n < 1 {
			return fmt.Errorf("pde: %d nodes of %s: need at least one", n, latents[i].Name)
		}
		total *= n
	}
	theta := make([]float64, len(nodes))
	for k := range total {
		for i, rest := len(nodes)-1, k; i >= 0; i-- {
			l := latents[i]
			theta[i] = l.Low + (l.High-l.Low)*(float64(rest%nodes[i])+0.5)/float64(nodes[i])
			rest /= nodes[i]
		}
		s, err := f.At(theta)
		if err != nil {
			return err
		}
		if err := emit(s); err != nil {
			return err
		}
	}
	return nil
}
