package field

import "gonum.org/v1/gonum/blas/blas64"

// awkward tells whether the fast transform of the axis is slower than sums one by
// one: where its length is a large prime times little. 128 vertices, of length 127, are
// such a case.
func (b basis) awkward() bool {
	length := b.points
	if b.centring == Vertex && b.boundary != Periodic {
		length--
	}
	largest, rest := 1, length
	for p := 2; p <= rest; p++ {
		for rest%p == 0 {
			largest, rest = p, rest/p
		}
	}
	return largest > 11 && 5*largest > length
}

// sums is the transforms as a matrix, of which mirror images save half: every function
// is even or odd about the middle of the axis, or about its start if that is a
// periodic vertex.
func (b basis) sums() (synthesis, analysis transform) {
	var even, odd []int
	for j := range b.modes {
		if b.odd(j) {
			odd = append(odd, j)
		} else {
			even = append(even, j)
		}
	}
	half := (b.points + 1) / 2
	if b.mirror(0) == 0 {
		half = b.points/2 + 1
	}
	table := make([]float64, half*b.modes) // [half, even and then odd functions]
	for i := range half {
		row := table[i*b.modes : (i+1)*b.modes]
		for k, j := range append(append([]int(nil), even...), odd...) {
			row[k] = b.at(j, b.place(i)) / b.weight(j)
		}
	}
	c := make([]float64, b.modes)
	vector := func(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Inc: 1, Data: x} }
	e, o := vector(c[:len(even)]), vector(c[len(even):])
	synthesis = func(line []float64) {
		for k, j := range even {
			e.Data[k] = line[j]
		}
		for k, j := range odd {
			o.Data[k] = line[j]
		}
		for i := range half {
			row := table[i*b.modes : (i+1)*b.modes]
			p, q := blas64.Dot(vector(row[:len(even)]), e), blas64.Dot(vector(row[len(even):]), o)
			line[i] = p + q
			if k := b.mirror(i); k != i {
				line[k] = p - q
			}
		}
	}
	analysis = func(line []float64) {
		clear(c)
		for i := range half {
			p, q := line[i], line[i]
			if k := b.mirror(i); k != i {
				p, q = p+line[k], q-line[k]
			}
			row := table[i*b.modes : (i+1)*b.modes]
			blas64.Axpy(p, vector(row[:len(even)]), e)
			blas64.Axpy(q, vector(row[len(even):]), o)
		}
		for k, j := range even {
			line[j] = e.Data[k]
		}
		for k, j := range odd {
			line[j] = o.Data[k]
		}
	}
	return synthesis, analysis
}

func (b basis) odd(j int) bool {
	if b.boundary == Periodic {
		return j > 0 && j%2 == 0
	}
	return j%2 == 1
}

// mirror is the point opposite to i.
func (b basis) mirror(i int) int {
	if b.boundary == Periodic && b.centring == Vertex {
		return (b.points - i) % b.points
	}
	return b.points - 1 - i
}

// place is the coordinate of point i.
func (b basis) place(i int) float64 {
	var x [1]float64
	Grid{Shape: []int{b.points}, Extent: []float64{b.length}, Centring: b.centring}.Point(x[:], i, b.boundary)
	return x[0]
}
