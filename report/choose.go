package report

import (
	"math"
	"slices"
)

// chosen picks which of n samples a figure draws: all, where they carry equal
// weight and are no more than limit; an even stride over them, where they are
// more; and in proportion to their weights (systematic selection at (k+½)/m),
// where weights differ, so that the picture shows the law and not the proposals.
// The choice is deterministic and each index occurs once.
func chosen(n, limit int, logw []float64) []int {
	m := min(n, limit)
	weights := relative(logw)
	if weights == nil {
		out := make([]int, m)
		for k := range out {
			out[k] = int((float64(k) + 0.5) * float64(n) / float64(m))
		}
		return out
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	var out []int
	sum, k := 0.0, 0
	for i, w := range weights {
		sum += w
		before := k
		for k < m && (float64(k)+0.5)/float64(m)*total <= sum {
			k++
		}
		if k > before {
			out = append(out, i)
		}
	}
	return out
}

// relative turns log-weights into weights with largest 1; nil where they are
// all equal, absent or none is finite. A weight that is not finite is zero.
func relative(logw []float64) []float64 {
	top, low := math.Inf(-1), math.Inf(1)
	for _, l := range logw {
		if !finite(l) {
			low = math.Inf(-1)
			continue
		}
		top, low = max(top, l), min(low, l)
	}
	if math.IsInf(top, -1) || top-low < 1e-12 {
		return nil
	}
	w := make([]float64, len(logw))
	for i, l := range logw {
		if finite(l) {
			w[i] = math.Exp(l - top)
		}
	}
	return w
}

// best are the indices of the top distinct rows, smallest rank first. Rows that break a
// constraint or have no finite rank are never among the best. Without a ranking
// it is the heaviest rows, or the first ones.
func (in *Input) best() []int {
	top := in.Top
	if top <= 0 {
		top = 10
	}
	value := in.Rank
	if value == nil {
		if w := relative(in.LogW); w != nil {
			value = make([]float64, len(w))
			for i := range w {
				value[i] = -w[i]
			}
		}
	}
	var candidates []int
	for i := range in.samples() {
		if (in.Feasible == nil || in.Feasible[i]) && (value == nil || finite(value[i])) {
			candidates = append(candidates, i)
		}
	}
	if value != nil {
		slices.SortStableFunc(candidates, func(a, b int) int {
			switch {
			case value[a] < value[b]:
				return -1
			case value[a] > value[b]:
				return 1
			}
			return 0
		})
	}
	return in.distinct(candidates, top)
}

// distinct are the first limit candidates whose rows differ from each other:
// resampling leaves copies, and a table of ten equal rows helps nobody.
func (in *Input) distinct(candidates []int, limit int) []int {
	d := len(in.Names)
	var out []int
	for _, i := range candidates {
		if len(out) == limit {
			break
		}
		repeated := slices.ContainsFunc(out, func(j int) bool {
			return d > 0 && slices.Equal(in.X[i*d:(i+1)*d], in.X[j*d:(j+1)*d])
		})
		if !repeated {
			out = append(out, i)
		}
	}
	return out
}
