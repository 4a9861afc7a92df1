package sparse

import "math"

// graph is the strong neighbours of each node, itself left out.
type graph struct {
	ptr, index []int32
}

// connect finds the strong connections; between nodes of several unknowns the
// Frobenius norms of blocks are compared.
func (l *amgLevel) connect(strength float64) graph {
	if l.block > 1 {
		return l.connectBlocks(strength)
	}
	a := l.a
	root := make([]float64, a.Rows) // √(ε a_ii)
	for i, d := range l.diag {
		root[i] = math.Sqrt(strength * max(a.Value[d], 0))
	}
	g := graph{ptr: make([]int32, a.Rows+1), index: make([]int32, 0, a.NNZ()-a.Rows)}
	for i := range a.Rows {
		lo, hi := a.Ptr[i], a.Ptr[i+1]
		value := a.Value[lo:hi]
		for k, j := range a.Index[lo:hi] {
			if math.Abs(value[k]) > root[i]*root[j] && int(j) != i {
				g.index = append(g.index, j)
			}
		}
		g.ptr[i+1] = int32(len(g.index))
	}
	return g
}

func (l *amgLevel) connectBlocks(strength float64) graph {
	a, size := l.a, l.block
	n := a.Rows / size
	root := make([]float64, n)
	square := make([]float64, n)
	var touched []int32
	norms := func(node int) {
		touched = touched[:0]
		for k := a.Ptr[node*size]; k < a.Ptr[node*size+size]; k++ {
			j, v := a.Index[k]/int32(size), a.Value[k]
			if v != 0 && square[j] == 0 {
				touched = append(touched, j)
			}
			square[j] += v * v
		}
	}
	for i := range n {
		norms(i)
		root[i] = math.Sqrt(strength * math.Sqrt(square[i]))
		for _, j := range touched {
			square[j] = 0
		}
	}
	g := graph{ptr: make([]int32, n+1)}
	for i := range n {
		norms(i)
		for _, j := range touched {
			if math.Sqrt(square[j]) > root[i]*root[j] && int(j) != i {
				g.index = append(g.index, j)
			}
			square[j] = 0
		}
		g.ptr[i+1] = int32(len(g.index))
	}
	return g
}

// aggregate parts the nodes (Vaněk, Mandel and Brezina 1996, algorithm 5.1): whole
// neighbourhoods that are still free; then what is left joins a neighbour's; then what
// is still left among itself. A node without strong neighbours is in none: smoothing
// alone solves for it.
func (g graph) aggregate() (of []int32, count int) {
	n := len(g.ptr) - 1
	of = make([]int32, n)
	for i := range of {
		of[i] = -1
	}
	near := func(i int) []int32 { return g.index[g.ptr[i]:g.ptr[i+1]] }
whole:
	for i := range n {
		neighbours := near(i)
		if of[i] >= 0 || len(neighbours) == 0 {
			continue
		}
		for _, j := range neighbours {
			if of[j] >= 0 {
				continue whole
			}
		}
		of[i] = int32(count)
		for _, j := range neighbours {
			of[j] = int32(count)
		}
		count++
	}
	// Joined nodes are marked −2 − aggregate meanwhile, lest others join by them.
	for i := range n {
		if of[i] != -1 {
			continue
		}
		for _, j := range near(i) {
			if of[j] >= 0 {
				of[i] = -2 - of[j]
				break
			}
		}
	}
	for i := range n {
		if of[i] < -1 {
			of[i] = -2 - of[i]
		}
	}
	for i := range n {
		if of[i] >= 0 || len(near(i)) == 0 {
			continue
		}
		of[i] = int32(count)
		for _, j := range near(i) {
			if of[j] < 0 {
				of[j] = int32(count)
			}
		}
		count++
	}
	return of, count
}
