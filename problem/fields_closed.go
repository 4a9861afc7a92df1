package problem

import (
	"math"

	"abide/prior"
)

func heatFields(n int) (*Fields, error) {
	nu, known := prior.Range{Low: 1, High: 5}, prior.Range{Low: math.Pi / 4, High: math.Pi / 4}
	p, err := prior.NewHeat(n, n, nu, prior.Range{High: math.Pi}, 1)
	if err != nil {
		return nil, err
	}
	f := &Fields{Name: "heat", Rows: []string{"IC", "CL"}, Shape: []int{n, n}, Latents: []string{"v", "phase"}}
	if f.Truth, err = prior.NewHeat(n, n, nu, known, 1); err != nil {
		return nil, err
	}
	f.latent(p)
	law := p.Law.(*prior.Latent)
	f.along(nu.Low, nu.High, func(v float64) []float64 { return law.Field(v, known.Low) })
	f.Draw = f.Truth.Draw
	initial, err := fixedPlane(f.Shape, 0, law.Field(1, known.Low), "initial")
	if err != nil {
		return nil, err
	}
	mass, err := massOf(p, f.Shape, 2*math.Pi/float64(n), make([]float64, n*n))
	if err != nil {
		return nil, err
	}
	return f, f.obey(p, initial, mass)
}

func stokesFields(name string, n int) (*Fields, error) {
	omega, k := prior.Range{Low: 2, High: 8}, prior.Range{Low: 2, High: 20}
	const known = 5.0
	p, err := prior.NewStokes(n, n, omega, k, 1)
	if err != nil {
		return nil, err
	}
	law := p.Law.(*prior.Latent)
	f := &Fields{Name: name, Shape: []int{n, n}, Latents: []string{"ω", "k"}}
	f.latent(p)
	axis, row, left := 0, "initial", func(omega float64) []float64 { return law.Field(omega, known) }
	f.Rows = []string{"IC"}
	if name == "stokes-bc" {
		axis, row, left = 1, "wall", func(k float64) []float64 { return law.Field(known, k) }
		f.Rows = []string{"BC"}
		f.along(k.Low, k.High, left)
		omega = prior.Range{Low: known, High: known}
	} else {
		f.along(omega.Low, omega.High, left)
		k = prior.Range{Low: known, High: known}
	}
	if f.Truth, err = prior.NewStokes(n, n, omega, k, 1); err != nil {
		return nil, err
	}
	f.Draw = f.Truth.Draw
	fixed, err := fixedPlane(f.Shape, axis, left(known), row)
	if err != nil {
		return nil, err
	}
	return f, f.obey(p, fixed)
}

func porousFields(n int) (*Fields, error) {
	p, err := prior.NewPorousMedium(n, prior.Range{Low: 1, High: 6}, 1)
	if err != nil {
		return nil, err
	}
	f := &Fields{Name: "porous-medium", Rows: []string{"IC", "BC", "CL"}, Shape: []int{n, n}, Latents: []string{"m"}}
	law := p.Law.(*prior.Latent)
	f.Estimate = func(x []float64) []float64 {
		_, m := law.Estimate(x)
		return []float64{m}
	}
	f.alone(law.Field(0, 3))
	return f, f.conserving(p, 1/float64(n-1))
}

// conserving adds initial and boundary values and the mass of the one field that is left.
func (f *Fields) conserving(p *prior.Prior, spacing float64) error {
	initial, err := fixedPlane(f.Shape, 0, f.Mean, "initial")
	if err != nil {
		return err
	}
	wall, err := fixedPlane(f.Shape, 1, f.Mean, "wall")
	if err != nil {
		return err
	}
	mass, err := massOf(p, f.Shape, spacing, f.Mean)
	if err != nil {
		return err
	}
	return f.obey(p, initial, wall, mass)
}

// latent reads the two numbers of a field back.
func (f *Fields) latent(p *prior.Prior) {
	law := p.Law.(*prior.Latent)
	f.Estimate = func(x []float64) []float64 {
		slow, fast := law.Estimate(x)
		return []float64{slow, fast}
	}
}
