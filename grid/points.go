package grid

// Points are the coordinates of all unknowns of a box, [size × axes].
func Points(axes ...Axis) []float64 {
	var x []float64
	for d, a := range axes {
		next := make([]float64, 0, (len(x)+1)*a.Size())
		for before := range max(1, len(x)/max(1, d)) {
			for i := range a.Size() {
				next = append(append(next, x[before*d:(before+1)*d]...), a.At(i))
			}
		}
		x = next
	}
	return x
}

// Weights are the volumes that all unknowns of a box stand for, Π h·[Axis.Weight]: the
// weights of the trapezoidal rule at vertices and of the midpoint rule in cells.
func Weights(axes ...Axis) []float64 {
	w := []float64{1}
	for _, a := range axes {
		next := make([]float64, 0, len(w)*a.Size())
		for _, before := range w {
			for i := range a.Size() {
				next = append(next, before*a.Weight(i)*a.H())
			}
		}
		w = next
	}
	return w
}
