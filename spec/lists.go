package spec

import "fmt"

// names reads a list of different texts or formulas.
func names(k *Key, n *node, path string) ([]string, error) {
	of := String
	if k.Type&Exprs != 0 {
		of = Expr
	}
	var out []string
	seen := map[string]int{}
	for i, e := range n.list {
		at := element(path, i)
		if e.kind != textNode {
			return nil, wrongType(of, e, at)
		}
		if err := checkText(&Key{Type: of}, e, at); err != nil {
			return nil, err
		}
		if j, ok := seen[e.text]; ok {
			return nil, e.fault(at, fmt.Sprintf("%q stands at place %d already", e.text, j)).allowed("each name once")
		}
		seen[e.text] = i
		out = append(out, e.text)
	}
	return out, nil
}

func integers(k *Key, n *node, path string) ([]int, error) {
	var out []int
	seen := map[int]int{}
	for i, e := range n.list {
		at := element(path, i)
		if e.kind != integerNode {
			return nil, wrongType(Int, e, at)
		}
		v, err := integer(k, e, at)
		if err != nil {
			return nil, err
		}
		if j, ok := seen[v]; ok && !k.Repeats {
			return nil, e.fault(at, fmt.Sprintf("%d stands at place %d already", v, j)).allowed("each number once")
		}
		seen[v] = i
		out = append(out, v)
	}
	return out, nil
}

// numbers reads a list, a matrix or a list of matrices, whichever the first
// element begins.
func numbers(k *Key, n *node, path string) (any, error) {
	first := n.list[0]
	rank := 1
	for first.kind == listNode && rank < 4 {
		rank++
		if len(first.list) == 0 {
			break
		}
		first = first.list[0]
	}
	switch {
	case rank == 1 && k.Type&Floats != 0:
		return row(k, n, path)
	case rank == 2 && k.Type&Matrix != 0:
		return matrix(k, n, path)
	case rank == 3 && k.Type&Matrices != 0:
		return matrices(k, n, path)
	}
	if rank == 1 && first.kind != integerNode && first.kind != floatNode {
		return nil, wrongType(Float, first, element(path, 0))
	}
	return nil, n.fault(path, fmt.Sprintf("is %s", rankName(rank))).allowed("%s", k.Type)
}

func rankName(rank int) string {
	switch rank {
	case 1:
		return "a list of numbers"
	case 2:
		return "a list of lists"
	case 3:
		return "a list of lists of lists"
	}
	return "nested too deep"
}

func row(k *Key, n *node, path string) ([]float64, error) {
	if n.kind != listNode {
		return nil, wrongType(Floats, n, path)
	}
	out := make([]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = number(k, e, element(path, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func matrix(k *Key, n *node, path string) ([][]float64, error) {
	if n.kind != listNode || len(n.list) == 0 {
		return nil, wrongType(Matrix, n, path)
	}
	out := make([][]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = row(k, e, element(path, i)); err != nil {
			return nil, err
		}
		if len(out[i]) == 0 {
			return nil, e.fault(element(path, i), "the row is empty").allowed("rows of equal length, at least 1")
		}
		if len(out[i]) != len(out[0]) {
			return nil, e.fault(element(path, i), fmt.Sprintf("the row has length %d, the first row %d", len(out[i]), len(out[0]))).allowed("rows of equal length")
		}
	}
	return out, nil
}

func matrices(k *Key, n *node, path string) ([][][]float64, error) {
	out := make([][][]float64, len(n.list))
	for i, e := range n.list {
		var err error
		if out[i], err = matrix(k, e, element(path, i)); err != nil {
			return nil, err
		}
		if len(out[i]) != len(out[0]) || len(out[i][0]) != len(out[0][0]) {
			return nil, e.fault(element(path, i), fmt.Sprintf("the matrix is %d×%d, the first one %d×%d", len(out[i]), len(out[i][0]), len(out[0]), len(out[0][0]))).allowed("matrices of equal size")
		}
	}
	return out, nil
}

// named reads a table of numbers, of texts, or of both, by names that are the user's.
func named(k *Key, n *node, path string) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range n.keys {
		e, at := n.fields[name], member(path, cut(name))
		var err error
		switch {
		case e.kind == textNode && k.Type&Texts != 0:
			out[name], err = e.text, checkText(&Key{Type: Expr}, e, at)
		case k.Type&Numbers != 0:
			if k.Type&Texts != 0 && e.kind != integerNode && e.kind != floatNode {
				return nil, wrongType(Float|String, e, at)
			}
			out[name], err = number(k, e, at)
		default:
			err = wrongType(String, e, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
