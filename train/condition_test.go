package train

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/network"
	"abide/prior"
)

// joint are n rows of a point x (2 numbers), a class k ∈ {3, 7} and a number y, with
// y ~ N(1, 4), x = m_k + (y−1)/2·b + ½e: given class and number, x is
// N(m_k + (y−1)/2·b, ¼I).
func joint(n int) *dataio.Table {
	t := &dataio.Table{Names: []string{"a", "y", "b", "k"}, Rows: n}
	g := make([]float64, 3*n)
	s := keyed.New(8, "joint", 0, 0)
	s.Normal(g)
	for i := range n {
		k := float64(3 + 4*int(s.Uint64()%2))
		m := exactMean(k, 1+2*g[3*i])
		t.Data = append(t.Data, m[0]+0.5*g[3*i+1], 1+2*g[3*i], m[1]+0.5*g[3*i+2], k)
	}
	return t
}

func exactMean(k, y float64) [2]float64 {
	return [2]float64{0.6*(k-5)/2 + 0.5*(y-1)/2, -0.3 * (y - 1) / 2}
}

func conditions(t *testing.T, tab *dataio.Table) []Condition {
	t.Helper()
	_, given := Separate(tab, []Condition{{Name: "k"}, {Name: "y"}})
	var out []Condition
	for j, name := range given.Names {
		var values []float64
		for i := range given.Rows {
			values = append(values, given.Data[2*i+j])
		}
		c, err := NewCondition(name, values, name == "k")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func TestFeatures(t *testing.T) {
	all := []Condition{{Name: "k", Classes: []float64{3, 7, 8.5}}, {Name: "y", Mean: 1, Scale: 2}}
	for _, c := range []struct {
		given []float64
		want  string
	}{
		{nil, "[0 0 0 0 0]"}, {[]float64{7, 1}, "[1 0 1 0 0]"}, {[]float64{8.5, 4}, "[1 0 0 1 1.5]"},
	} {
		y, err := Features(all, c.given)
		if err != nil || fmt.Sprint(y) != c.want {
			t.Errorf("%v: %v, %v", c.given, y, err)
		}
	}
	for _, c := range []struct {
		given []float64
		want  string
	}{
		{[]float64{4, 1}, "k = 4 is no class of the data; allowed: 3, 7, 8.5"}, {[]float64{3}, "1 values are given for 2"},
	} {
		if _, err := Features(all, c.given); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v", c.given, err)
		}
	}
	for want, c := range map[string]struct {
		values []float64
		class  bool
	}{"constant": {[]float64{2, 2, 2}, false}, "one class only": {[]float64{2, 2, 2}, true}, "different values": {[]float64{1, 2, 3}, true}} {
		if _, err := NewCondition("q", c.values, c.class); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", c.values, err)
		}
	}
}

// Mean and covariance under a condition are those of the law: class by class, and
// by regression on the number, which is exact here up to sampling.
func TestConditionalMoments(t *testing.T) {
	tab := joint(40000)
	all := conditions(t, tab)
	points, given := Separate(tab, all)
	for _, k := range []float64{3, 7} {
		for _, y := range []float64{-2, 1, 6} {
			rows, mean, cov := moments(points.Data, 2, given, all, []float64{k, y})
			want := exactMean(k, y)
			// Standard errors: of a mean ½/√20000, times 1 + |y−1|/2 for the slope; of a
			// variance ¼√(2/20000).
			for i := range 2 {
				near(t, fmt.Sprintf("mean %d given %g, %g", i, k, y), mean[i], want[i], 6*0.5/math.Sqrt(20000)*(1+math.Abs(y-1)/2))
				near(t, "variance", cov[3*i], 0.25, 6*0.25*math.Sqrt(2./20000))
			}
			near(t, "covariance", cov[1], 0, 6*0.25/math.Sqrt(20000))
			if len(rows) < 19000 || len(rows) > 21000 {
				t.Errorf("%d rows have class %g", len(rows), k)
			}
		}
	}
}

// A network trained under conditions finds the denoiser of each conditional law
// and, where none is given, that of the mixture over all of them; the spread of
// the conditional means is what there is to learn, and it is learned to a tenth.
func TestConditionalTrainingFindsTheConditionalMean(t *testing.T) {
	tab := joint(8000)
	all := conditions(t, tab)
	points, given := Separate(tab, all)
	at, err := prior.Standardise(points)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, len(points.Data))
	at.ToU(u, points.Data)
	y, err := AllFeatures(all, given)
	if err != nil {
		t.Fatal(err)
	}
	for _, objective := range []string{"edm", "flow"} {
		s := Settings{
			Network: network.Architecture{Kind: "mlp", Width: 48, Depth: 2, Embedding: 16}, Condition: all, Drop: 0.15, Objective: objective,
			Steps: 1500, Batch: 256, LearningRate: 5e-3, Warmup: 0.02, EMA: 0.99, Seed: 1,
		}
		tr, err := New(openGo(t), u, y, 2, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		m := tr.Model(tab, at)
		const sigma = 1.0
		z := []float64{0, 0, 1, -1, -0.5, 2}
		denoised := func(values []float64) []float64 {
			p, err := m.Prior(tab, values, 0)
			if err != nil {
				t.Fatal(err)
			}
			f := openGo(t).NewFunction("denoise", p.DType, func(in []*engine.Node) []*engine.Node {
				return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
			})
			out, err := f.Call(engine.Rows(z, 2), engine.Scalar(sigma))
			if err != nil {
				t.Fatal(err)
			}
			return out[0].F64
		}
		var off, size float64
		for _, values := range [][]float64{{3, 1}, {7, 1}, {3, 3}, {7, -1}} {
			got, none, mean := denoised(values), denoised(nil), exactMean(values[0], values[1])
			for i, zi := range z {
				j := i % 2
				mu, v := (mean[j]-at.Shift[j])/at.Scale[j], 0.25/(at.Scale[j]*at.Scale[j])
				want := mu + v/(v+sigma*sigma)*(zi-mu)
				off += (got[i] - want) * (got[i] - want)
				size += (none[i] - want) * (none[i] - want)
			}
		}
		t.Logf("%s: off by %.3f of what the condition tells", objective, math.Sqrt(off/size))
		if !(math.Sqrt(off/size) < 0.1) {
			t.Errorf("%s: the conditional means are off by %.2f of what the condition tells", objective, math.Sqrt(off/size))
		}
	}
}
