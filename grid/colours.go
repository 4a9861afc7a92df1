package grid

// colours is an array over the vertices of a level with red ones, i+j even, apart from
// black ones: neighbours of one colour have the other, so that loops over a colour read
// and write whole rows. Vertex (i, j) is number start(i) + j/2 of its colour; after
// each row there is a zero at least, and before and after all a row of zeros.
type colours struct {
	all []float64    // red, then black
	of  [2][]float64 // red and black
}

// lengths are that of the loops over a row, a multiple of four that holds the unknowns
// up to hi, and the distance of rows. The number between them is never written, so that
// what is beyond the ends of a row adds nothing to its vertices.
func lengths(hi int) (length, width int) {
	length = (hi/2 + 1 + 3) &^ 3
	return length, length + 1
}

func (l *level) newColours() colours {
	size := ((l.cells[0]+3)*l.width + 1 + 7) &^ 7
	c := colours{all: make([]float64, 2*size)}
	c.of = [2][]float64{c.all[:size], c.all[size:]}
	return c
}

func (l *level) start(i int) int { return (i+1)*l.width + 1 }

// row is row i of a colour.
func (l *level) row(x []float64, i int) []float64 {
	at := l.start(i)
	return x[at : at+l.length : at+l.length]
}

// places are where a row of a colour has its numbers, n of them from at on, those of its
// neighbours left, right, before and after in the other colour, and the conductances to
// them in the arrays of edges. Conductances are kept with the red vertices: a black one
// finds its own with them.
type places struct {
	at, n      int
	near, edge [4]int
}

func (l *level) places(p *places, colour, i int) {
	at, w := l.start(i), l.width
	left := at + (i+colour)&1 - 1
	p.at, p.n = at, l.length
	p.near = [4]int{left, left + 1, at - w, at + w}
	p.edge = p.near
	if colour == 0 {
		p.edge = [4]int{at, at, at, at}
	}
}

// edges are the arrays of conductances left, right, before and after.
func (l *level) edges(colour int) *[4][]float64 {
	if colour == 0 {
		return &l.edge
	}
	return &l.mirrored
}

// join writes row i in its natural order, of both colours, and a zero after it.
func (l *level) join(dst []float64, x *colours, i int) {
	first, second := l.row(x.of[i&1], i), l.row(x.of[1-i&1], i)
	dst = dst[:2*len(first)+1]
	for p, v := range first {
		dst[2*p], dst[2*p+1] = v, second[p]
	}
	dst[2*len(first)] = 0
}

// part writes natural numbers j = lo … hi of a row to their colours.
func (l *level) part(x *colours, src []float64, i int) {
	lo, hi := l.lo[1], l.hi[1]
	for colour := range 2 {
		row := l.row(x.of[colour], i)
		for j := lo + (i+lo+colour)&1; j <= hi; j += 2 {
			row[j>>1] = src[j]
		}
	}
}
