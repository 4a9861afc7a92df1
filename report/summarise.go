package report

import (
	"math"

	"abide/dataio"
	"abide/diagnose"
)

// Summarise describes each column of the samples x [N, d], by weight where
// log-weights differ, and of the data where a column of that name exists.
func Summarise(names []string, x, logw []float64, data *dataio.Table) []ColumnSummary {
	weights := relative(logw)
	out := make([]ColumnSummary, len(names))
	for j, name := range names {
		out[j] = ColumnSummary{Name: name, Samples: describe(column(x, len(names), j), weights)}
		if data == nil {
			continue
		}
		for k, other := range data.Names {
			if other == name {
				s := describe(column(data.Data, len(data.Names), k), nil)
				out[j].Data = &s
			}
		}
	}
	return out
}

// column gathers column j of row-major rows of d numbers.
func column(x []float64, d, j int) []float64 {
	out := make([]float64, 0, len(x)/d)
	for i := j; i < len(x); i += d {
		out = append(out, x[i])
	}
	return out
}

// describe summarises v with weights w; nil weights are equal, and rows of
// weight zero count for nothing. An empty column has no summary: every number is NaN.
func describe(v, w []float64) Stats {
	if w != nil {
		v, w = weighty(v, w)
	}
	if len(v) == 0 {
		nan := math.NaN()
		return Stats{nan, nan, nan, nan, nan, nan, nan}
	}
	weight := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	total, mean, variance := 0.0, 0.0, 0.0
	low, high := v[0], v[0]
	for i, x := range v {
		total += weight(i)
		mean += weight(i) * x
		low, high = math.Min(low, x), math.Max(high, x)
	}
	mean /= total
	for i, x := range v {
		variance += weight(i) * (x - mean) * (x - mean)
	}
	q := func(p float64) float64 { return diagnose.WeightedQuantile(v, w, p) }
	return Stats{Mean: mean, Std: math.Sqrt(variance / total), Min: low, Q05: q(0.05), Q50: q(0.5), Q95: q(0.95), Max: high}
}

// weighty keeps the entries of positive weight.
func weighty(v, w []float64) (values, weights []float64) {
	for i, x := range v {
		if w[i] > 0 {
			values, weights = append(values, x), append(weights, w[i])
		}
	}
	return values, weights
}

// NewNovelty summarises distances to the nearest real row; nil where there are none.
func NewNovelty(n *Neighbours) *Novelty {
	if n == nil || len(n.Samples) == 0 || len(n.Data) == 0 {
		return nil
	}
	out := &Novelty{
		Median: diagnose.Quantile(n.Samples, 0.5), Q10: diagnose.Quantile(n.Samples, 0.1), Q90: diagnose.Quantile(n.Samples, 0.9),
		DataMedian: diagnose.Quantile(n.Data, 0.5), DataP90: diagnose.Quantile(n.Data, 0.9),
	}
	for _, v := range n.Samples {
		if v < CopyDistance {
			out.Copies++
		}
	}
	return out
}
