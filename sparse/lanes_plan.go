package sparse

import "slices"

// batchPanel is a set of successive columns of L that are stored as one dense block,
// by rows: first its own rows, a square of which the lower triangle counts, then
// the rows below.
type batchPanel struct {
	first, cols, rows int32 // columns first … first+cols−1; rows includes these
	at                int   // place of its numbers
	below             []int32
	entries           [2]int32      // range of batchPlan.entry
	updates           []batchUpdate // by panels of earlier columns
}

// batchUpdate is what an earlier panel subtracts: its rows from row on, whose places
// here are place; the first cols of them are columns here.
type batchUpdate struct {
	from, row, cols int32
	place           []int32
}

// batchEntry sends a number of A to its place in L.
type batchEntry struct{ from, to int32 }

// batchPlan is the analysis of a Batch: columns in postorder of the elimination tree,
// gathered in panels (supernodes with some zeros stored: C. Ashcraft and R. Grimes,
// "The influence of relaxed supernode partitions on the multifrontal method", ACM
// TOMS 15, 1989), and the updates between panels with all their places.
type batchPlan struct {
	order  []int32 // row k of L is row order[k] of A
	panels []batchPanel
	entry  []batchEntry
	values int // entries of A
	size   int // numbers of all panels
}

func newBatchPlan(s *Symbolic) *batchPlan {
	post := batchPostorder(s)
	at := make([]int32, s.N) // new place of a column of s
	for k, j := range post {
		at[j] = int32(k)
	}
	p := &batchPlan{order: make([]int32, s.N), values: s.nnz}
	for k, j := range post {
		p.order[k] = s.Perm[j]
	}
	p.partition(s, post, at)

	owner := make([]int32, s.N)
	for i := range p.panels {
		f := &p.panels[i]
		for j := range f.cols {
			owner[f.first+j] = int32(i)
		}
		last := post[f.first+f.cols-1]
		rows := s.Row[s.Col[last]+1 : s.Col[last+1]]
		f.below = make([]int32, len(rows))
		for k, r := range rows {
			f.below[k] = at[r]
		}
		slices.Sort(f.below)
		f.at, f.rows = p.size, f.cols+int32(len(rows))
		p.size += int(f.rows * f.cols)
	}
	p.link(owner)
	p.place(s, at, owner)
	return p
}

// batchPostorder lists the columns so that those of every subtree are neighbours, the
// child of the longest column last: it is the one worth joining with its parent.
func batchPostorder(s *Symbolic) []int32 {
	size := func(j int32) int32 { return s.Col[j+1] - s.Col[j] }
	children := make([][]int32, s.N+1) // the last: roots
	for j, parent := range s.Parent {
		if parent < 0 {
			parent = int32(s.N)
		}
		children[parent] = append(children[parent], int32(j))
	}
	post := make([]int32, 0, s.N)
	stack := []int32{int32(s.N)}
	for len(stack) > 0 { // reversed: parents first, then children from the last
		j := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if int(j) < s.N {
			post = append(post, j)
		}
		slices.SortStableFunc(children[j], func(a, b int32) int { return int(size(a) - size(b)) })
		stack = append(stack, children[j]...)
	}
	slices.Reverse(post)
	return post
}

// partition joins columns into panels: a panel takes its neighbour on the left if
// this belongs to its subtree and the time saved on moving numbers is more than
// that spent on stored zeros.
func (p *batchPlan) partition(s *Symbolic, post, at []int32) {
	type set struct{ first, last, below int32 }
	var stack []set
	for k, j := range post {
		next := set{int32(k), int32(k), s.Col[j+1] - s.Col[j] - 1}
		for len(stack) > 0 {
			child := stack[len(stack)-1]
			parent := s.Parent[post[child.last]]
			if parent < 0 || at[parent] > next.last { // a neighbour of another subtree
				break
			}
			joint := set{child.first, next.last, next.below}
			if batchPanelCost(joint.last-joint.first+1, joint.below) > batchPanelCost(child.last-child.first+1, child.below)+batchPanelCost(next.last-next.first+1, next.below) {
				break
			}
			next, stack = joint, stack[:len(stack)-1]
		}
		stack = append(stack, next)
	}
	p.panels = make([]batchPanel, len(stack))
	for i, f := range stack {
		p.panels[i] = batchPanel{first: f.first, cols: f.last - f.first + 1}
	}
}

// batchPanelCost is about the cycles that a panel costs: its products, the numbers that
// its updates read and write elsewhere, its own numbers, and the loops around them.
func batchPanelCost(cols, below int32) int {
	k, b := int(cols), int(below)
	products := 0
	for q := 1; q <= k; q++ {
		products += (q + b) * (q + b + 1) / 2
	}
	return products + 2*b*(b+1)/2 + 3*k*(k+b) + 200
}

// row is the place in a panel of a row of L that it has.
func (f *batchPanel) row(r int32) int32 {
	if r < f.first+f.cols {
		return r - f.first
	}
	k, _ := slices.BinarySearch(f.below, r)
	return f.cols + int32(k)
}

// link finds the updates: rows below a panel are columns of later ones.
func (p *batchPlan) link(owner []int32) {
	for i := range p.panels {
		f := &p.panels[i]
		for r := 0; r < len(f.below); {
			to := &p.panels[owner[f.below[r]]]
			u := batchUpdate{from: int32(i), row: f.cols + int32(r), place: make([]int32, len(f.below)-r)}
			for k, row := range f.below[r:] {
				u.place[k] = to.row(row)
				if u.place[k] < to.cols {
					u.cols++
				}
			}
			to.updates = append(to.updates, u)
			r += int(u.cols)
		}
	}
}

// place sorts the entries of A by panel.
func (p *batchPlan) place(s *Symbolic, at, owner []int32) {
	byPanel := make([][]batchEntry, len(p.panels))
	for k := range s.N {
		for e := s.LowerPtr[k]; e < s.LowerPtr[k+1]; e++ {
			column := at[s.LowerIndex[e]]
			i := owner[column]
			f := &p.panels[i]
			byPanel[i] = append(byPanel[i], batchEntry{s.LowerFrom[e], f.row(at[k])*f.cols + column - f.first})
		}
	}
	p.entry = make([]batchEntry, 0, len(s.LowerFrom))
	for i, list := range byPanel {
		begin := len(p.entry)
		p.entry = append(p.entry, list...)
		p.panels[i].entries = [2]int32{int32(begin), int32(len(p.entry))}
	}
}
