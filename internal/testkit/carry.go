package testkit

// Carry takes a Gaussian law of points of d numbers through steps [from, to) of an
// algorithm that is affine in the point and in each draw of noise, exactly: the
// coefficients are read from the step itself by unit inputs, so that no Monte Carlo
// comes in and no tolerance but rounding.
//
// step changes the rows of z in place; noise fills its argument, which has the
// shape of z, and may be called several times.
func Carry(t Fataler, d, from, to int, start Gaussian, step func(k int, z []float64, noise func([]float64)) error) Gaussian {
	t.Helper()
	law := start
	for k := from; k < to; k++ {
		draws := 0
		if err := step(k, make([]float64, d), func(dst []float64) { draws++; clear(dst) }); err != nil {
			t.Fatalf("step %d: %v", k, err)
		}
		// Row 0 is the offset, rows 1 to d the unit points, the others unit noises.
		z := make([]float64, (1+d+draws*d)*d)
		for j := range d {
			z[(1+j)*d+j] = 1
		}
		draw := 0
		err := step(k, z, func(dst []float64) {
			clear(dst)
			for j := range d {
				dst[(1+d+draw*d+j)*d+j] = 1
			}
			draw++
		})
		if err != nil {
			t.Fatalf("step %d: %v", k, err)
		}
		a, q := make([]float64, d*d), make([]float64, d*d)
		for j := range d {
			for i := range d {
				a[i*d+j] = z[(1+j)*d+i] - z[i]
			}
		}
		for r := 1 + d; r < len(z)/d; r++ {
			for i := range d {
				for j := range d {
					q[i*d+j] += (z[r*d+i] - z[i]) * (z[r*d+j] - z[j])
				}
			}
		}
		law = law.Step(a, z[:d:d], q)
	}
	return law
}
