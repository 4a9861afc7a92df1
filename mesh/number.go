package mesh

import (
	"cmp"
	"slices"
)

// noPoint fills up tuples of fewer than four points.
const noPoint = -1

// tuple is the sorted points of an edge or facet but for the least, and where it
// was seen.
type tuple struct {
	middle uint64 // second and third point
	last   int32  // fourth point
	at     int32  // running number of the sighting
}

// number gives equal sets of points equal numbers. The sets are k of each cell, the
// corners local of it, and then those of extra, size points each. The numbers rise
// with the least point. It returns the number of each set and, for each number, the
// sets that have it: sets[start[i]:start[i+1]], rising.
//
// Counting sort by the least point, then a sort of each bucket: O(n) for meshes whose
// points have a bounded number of cells, O(n log n) for all.
func (m *Mesh) number(local [][]int, extra []int32) (of, start, sets []int32) {
	size, k, v := len(local[0]), len(local), m.Shape.Vertices()
	cells := m.Count()
	n := cells*k + len(extra)/size
	all := make([]tuple, n)
	least := make([]int32, n)
	head := make([]int32, m.N()+1)
	enter := func(at int, p [4]int32) {
		sort4(&p, size)
		least[at] = p[0]
		all[at] = tuple{middle: uint64(uint32(p[1]))<<32 | uint64(uint32(p[2])), last: p[3], at: int32(at)}
		head[p[0]+1]++
	}
	for c := range cells {
		cell := m.Cells[c*v : (c+1)*v]
		for f, corners := range local {
			p := [4]int32{noPoint, noPoint, noPoint, noPoint}
			for i, corner := range corners {
				p[i] = cell[corner]
			}
			enter(c*k+f, p)
		}
	}
	for i := range len(extra) / size {
		p := [4]int32{noPoint, noPoint, noPoint, noPoint}
		copy(p[:], extra[i*size:(i+1)*size])
		enter(cells*k+i, p)
	}
	for i := range m.N() {
		head[i+1] += head[i]
	}
	sorted := make([]tuple, n)
	for at, p := range least {
		sorted[head[p]] = all[at]
		head[p]++
	}
	of, sets = make([]int32, n), least // least is not needed any more
	begin := int32(0)
	for _, end := range head[:m.N()] { // head[p] is now the end of bucket p
		bucket := sorted[begin:end]
		sortTuples(bucket)
		for i, t := range bucket {
			if i == 0 || t.middle != bucket[i-1].middle || t.last != bucket[i-1].last {
				start = append(start, begin+int32(i))
			}
			of[t.at] = int32(len(start) - 1)
		}
		begin = end
	}
	for i, t := range sorted {
		sets[i] = t.at
	}
	return of, append(start, int32(n)), sets
}

func sort4(p *[4]int32, size int) {
	for i := 1; i < size; i++ {
		for j := i; j > 0 && p[j] < p[j-1]; j-- {
			p[j], p[j-1] = p[j-1], p[j]
		}
	}
}

// sortTuples sorts by points and, for equal ones, by the sighting.
func sortTuples(b []tuple) {
	if len(b) > 48 {
		slices.SortFunc(b, func(x, y tuple) int {
			return cmp.Or(cmp.Compare(x.middle, y.middle), cmp.Compare(x.last, y.last), cmp.Compare(x.at, y.at))
		})
		return
	}
	for i := 1; i < len(b); i++ { // stable, and sightings of a bucket rise
		t, j := b[i], i
		for ; j > 0 && (b[j-1].middle > t.middle || b[j-1].middle == t.middle && b[j-1].last > t.last); j-- {
			b[j] = b[j-1]
		}
		b[j] = t
	}
}
