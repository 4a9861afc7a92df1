package sparse

import (
	"fmt"
	"math"
)

// OrderCoordinates is a fill-reducing ordering of a symmetric pattern whose row i
// lies at coords[i*dim:(i+1)*dim]: nested dissection, which cuts the widest side
// of the points at its median, orders the halves first, each in the same way, and
// the points of one half that touch the other last.
//
// References: A. George, "Nested dissection of a regular finite element mesh", SIAM
// J. Numer. Anal. 10 (1973); with coordinates of any points, M. T. Heath and
// P. Raghavan, SIAM J. Matrix Anal. Appl. 16 (1995). Fill of a plane mesh is
// O(n log n), of one in space O(n^4/3). Cost: O(nnz log n). Not for graphs whose
// edges are long (rows that touch everything): use [Order].
func OrderCoordinates(a *CSR, coords []float64, dim int) ([]int32, error) {
	if err := square(a); err != nil {
		return nil, err
	}
	if dim < 1 || len(coords) != a.Rows*dim {
		return nil, fmt.Errorf("sparse: %d coordinates for %d points in %d dimensions", len(coords), a.Rows, dim)
	}
	for i, x := range coords {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("sparse: coordinate %d of row %d is %v", i%dim, i/dim, x)
		}
	}
	c := &cutter{coords: coords, dim: dim, keys: make([]float64, a.Rows)}
	return dissect(a, c.cut), nil
}

func square(a *CSR) error {
	if a.Rows != a.Cols {
		return fmt.Errorf("sparse: a matrix of %d×%d has no symmetric ordering: it is not square", a.Rows, a.Cols)
	}
	return nil
}

// dissect orders by a function that moves one half of its vertices to the front and
// returns how many these are; with 0 or all of them they are a leaf.
func dissect(a *CSR, bisect func(vertices []int32) int) []int32 {
	d := &dissection{a: a, bisect: bisect, part: make([]int32, a.Rows), spare: make([]int32, a.Rows)}
	order := make([]int32, a.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	d.run(order)
	return order
}

type dissection struct {
	a      *CSR
	bisect func([]int32) int
	part   []int32 // the half that a vertex was last in
	parts  int32
	spare  []int32
}

func (d *dissection) run(vertices []int32) {
	if len(vertices) <= 3 {
		return
	}
	n := d.bisect(vertices)
	if n == 0 || n == len(vertices) {
		return
	}
	left, right := vertices[:n], vertices[n:]
	l, r := d.parts+1, d.parts+2
	d.parts += 2
	for _, v := range left {
		d.part[v] = l
	}
	for _, v := range right {
		d.part[v] = r
	}
	// The separator is the smaller of the two rims.
	a, b := d.rim(left, r), d.rim(right, l)
	if a <= b {
		at := n - d.split(left, r, a)
		copy(d.spare, left[at:])
		copy(vertices[at:], right)
		copy(vertices[len(vertices)-a:], d.spare[:a])
		left, right = vertices[:at], vertices[at:len(vertices)-a]
	} else {
		d.split(right, l, b)
		right = right[:len(right)-b]
	}
	d.run(left)
	d.run(right)
}

// rim counts the vertices with a neighbour in another part.
func (d *dissection) rim(vertices []int32, other int32) int {
	n := 0
	for _, v := range vertices {
		if d.touches(v, other) {
			n++
		}
	}
	return n
}

func (d *dissection) touches(v, other int32) bool {
	for _, u := range d.a.Index[d.a.Ptr[v]:d.a.Ptr[v+1]] {
		if d.part[u] == other {
			return true
		}
	}
	return false
}

// split moves the rim, of n vertices, to the end.
func (d *dissection) split(vertices []int32, other int32, n int) int {
	i, j := 0, 0
	for _, v := range vertices {
		if d.touches(v, other) {
			d.spare[j] = v
			j++
		} else {
			vertices[i] = v
			i++
		}
	}
	copy(vertices[i:], d.spare[:j])
	return n
}

// cutter cuts sets of points along their widest side.
type cutter struct {
	coords []float64
	dim    int
	keys   []float64
}

func (c *cutter) cut(vertices []int32) int {
	axis, width := 0, -1.0
	for k := range c.dim {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, v := range vertices {
			x := c.coords[int(v)*c.dim+k]
			lo, hi = min(lo, x), max(hi, x)
		}
		if hi-lo > width {
			axis, width = k, hi-lo
		}
	}
	if width == 0 {
		return 0
	}
	keys := c.keys[:len(vertices)]
	for i, v := range vertices {
		keys[i] = c.coords[int(v)*c.dim+axis]
	}
	m := median(keys)
	// Points at the median stay together and go to the half that is smaller.
	below, at := 0, 0
	for _, v := range vertices {
		if x := c.coords[int(v)*c.dim+axis]; x < m {
			below++
		} else if x == m {
			at++
		}
	}
	with := below == 0 || below+at < len(vertices) && below < len(vertices)-below-at
	n := 0
	for i, v := range vertices {
		if x := c.coords[int(v)*c.dim+axis]; x < m || with && x == m {
			vertices[i], vertices[n] = vertices[n], v
			n++
		}
	}
	return n
}

// median is the number with half of the others below it, by quickselect.
func median(x []float64) float64 {
	k := len(x) / 2
	for lo, hi := 0, len(x)-1; lo < hi; {
		a, b, c := x[lo], x[(lo+hi)/2], x[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}
