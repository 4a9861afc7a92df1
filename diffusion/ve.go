package diffusion

import "math"

// VE is the variance-exploding process with σ(t) = Min (Max/Min)^t
// (Song et al. 2021, section 3.4): a = 1, b = σ(t).
type VE struct{ Min, Max float64 }

var _ Process = VE{}

// At returns a = 1 and b = σ(t).
func (p VE) At(t float64) (a, b float64) { return 1, p.Min * math.Pow(p.Max/p.Min, t) }

// Drift returns f = 0 and g = σ(t) √(2 ln(Max/Min)).
func (p VE) Drift(t float64) (f, g float64) {
	_, s := p.At(t)
	return 0, s * math.Sqrt(2*math.Log(p.Max/p.Min))
}

// Rate returns a′ = 0 and b′ = σ ln(Max/Min).
func (p VE) Rate(t float64) (da, db float64) {
	_, s := p.At(t)
	return 0, s * math.Log(p.Max/p.Min)
}

// EDM is the variance-exploding process whose noise follows a power law,
// σ(t) = (Min^{1/ρ} + t(Max^{1/ρ} − Min^{1/ρ}))^ρ (Karras et al. 2022, equation 5):
// a = 1, b = σ(t). Their own time is σ itself; see [Karras] for their grid.
type EDM struct{ Min, Max, Rho float64 }

var _ Process = EDM{}

func (p EDM) root(t float64) (value, slope float64) {
	lo, hi := math.Pow(p.Min, 1/p.Rho), math.Pow(p.Max, 1/p.Rho)
	return lo + t*(hi-lo), hi - lo
}

// At returns a = 1 and b = σ(t).
func (p EDM) At(t float64) (a, b float64) {
	r, _ := p.root(t)
	return 1, math.Pow(r, p.Rho)
}

// Drift returns f = 0 and g = √(2σσ′).
func (p EDM) Drift(t float64) (f, g float64) {
	_, s := p.At(t)
	_, ds := p.Rate(t)
	return 0, math.Sqrt(2 * s * ds)
}

// Rate returns a′ = 0 and b′ = ρ (Max^{1/ρ} − Min^{1/ρ}) σ^{1−1/ρ}.
func (p EDM) Rate(t float64) (da, db float64) {
	r, slope := p.root(t)
	return 0, p.Rho * slope * math.Pow(r, p.Rho-1)
}
