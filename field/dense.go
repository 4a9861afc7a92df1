package field

// dense is the transforms of an axis as a matrix, for width lines at once whose numbers
// lie side by side, x[i·width + line]. Mirror images save half of it: every function is
// even or odd about the middle of the axis, or about its start if that is a periodic
// vertex. n²/2 multiplications a line, which vector units do faster than fast transforms
// up to some hundreds of points.
type dense struct {
	basis
	even, odd []int
	half      int
	synthesis []float64 // [half, even and then odd functions]
	analysis  []float64 // [even and then odd functions, half]
}

func (b basis) dense() *dense {
	d := &dense{basis: b, half: (b.points + 1) / 2}
	for j := range b.modes {
		if b.isOdd(j) {
			d.odd = append(d.odd, j)
		} else {
			d.even = append(d.even, j)
		}
	}
	if b.mirror(0) == 0 {
		d.half = b.points/2 + 1
	}
	d.synthesis, d.analysis = make([]float64, d.half*b.modes), make([]float64, d.half*b.modes)
	for i := range d.half {
		for k, j := range append(append([]int(nil), d.even...), d.odd...) {
			if k >= len(d.even) && b.mirror(i) == i {
				continue // odd functions are zero there
			}
			v := b.at(j, b.place(i)) / b.weight(j)
			d.synthesis[i*b.modes+k], d.analysis[k*d.half+i] = v, v
		}
	}
	return d
}

// isOdd tells the functions that change sign in the mirror.
func (b basis) isOdd(j int) bool {
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

// synthesise replaces the coefficients in x by values; y is room for two points more.
func (d *dense) synthesise(x, y []float64) {
	n := len(d.even) * width
	for k, j := range d.even {
		copy(y[k*width:(k+1)*width], x[j*width:])
	}
	for k, j := range d.odd {
		copy(y[n+k*width:n+(k+1)*width], x[j*width:])
	}
	e, o := y[:n], y[n:d.modes*width]
	var p, q [4 * width]float64
	for i := 0; i < d.half; i += 4 {
		rows := min(4, d.half-i)
		products(&p, d.synthesis[i*d.modes:], d.modes, rows, e)
		products(&q, d.synthesis[i*d.modes+len(d.even):], d.modes, rows, o)
		for r := range rows {
			at := x[(i+r)*width : (i+r+1)*width]
			to := at
			if k := d.mirror(i + r); k != i+r {
				to = x[k*width : (k+1)*width]
			}
			for c := range at {
				u, v := p[r*width+c], q[r*width+c]
				to[c] = u - v
				at[c] = u + v
			}
		}
	}
}

// analyse is its transpose.
func (d *dense) analyse(x, y []float64) {
	n := d.half * width
	e, o := y[:n], y[n:2*n]
	for i := range d.half {
		k := d.mirror(i)
		for c := range width {
			u, v := x[i*width+c], x[k*width+c]
			if k == i {
				v = 0
			}
			e[i*width+c], o[i*width+c] = u+v, u-v
		}
	}
	d.coefficients(x, d.analysis, d.even, e)
	d.coefficients(x, d.analysis[len(d.even)*d.half:], d.odd, o)
}

func (d *dense) coefficients(x, table []float64, functions []int, from []float64) {
	var p [4 * width]float64
	for k := 0; k < len(functions); k += 4 {
		rows := functions[k:min(k+4, len(functions))]
		products(&p, table[k*d.half:], d.half, len(rows), from)
		for r, j := range rows {
			copy(x[j*width:(j+1)*width], p[r*width:])
		}
	}
}

// plainProducts is dst[r, c] = Σₖ t[r, k] x[k, c] for up to four rows of a table and width
// columns, which are len(x)/width long, one after the other in k whatever the processor.
func plainProducts(dst *[4 * width]float64, t []float64, stride, rows int, x []float64) {
	n := len(x) / width
	for r := range rows {
		row := t[r*stride : r*stride+n]
		for c := 0; c < width; c += 4 {
			var s0, s1, s2, s3 float64
			for k, v := range row {
				y := x[k*width+c : k*width+c+4]
				s0 += v * y[0]
				s1 += v * y[1]
				s2 += v * y[2]
				s3 += v * y[3]
			}
			dst[r*width+c], dst[r*width+c+1], dst[r*width+c+2], dst[r*width+c+3] = s0, s1, s2, s3
		}
	}
}
