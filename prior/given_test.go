package prior

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"abide/internal/testkit"
)

// equated are priors with a law given equations, of three columns.
func equated(t *testing.T) map[string]*Prior {
	t.Helper()
	all := lawful(t)
	delete(all, "empirical")
	one := func(p *Prior, err error) *Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	line := one(NewMixture([]float64{1, 2}, [][]float64{{-1}, {2}}, []*mat.SymDense{mat.NewSymDense(1, []float64{1}), mat.NewSymDense(1, []float64{0.3})}, nil))
	field := one(NewField(Field{Shape: []int{2}, Extent: []float64{1}, Kernel: "matern32", Length: 1, Variance: 2, Nugget: 0.1, Mean: -1}))
	all["product"] = one(NewProduct([]*Prior{line, field}))
	return all
}

// The law given H x = y is the limit of Kalman updates with ever less noise: component by
// component, without noise, from the joint law of x and H x written out. Draws obey to
// rounding, and a row that follows from another changes nothing.
func TestGivenIsTheLimitOfBayes(t *testing.T) {
	const n = 40000
	for name, p := range equated(t) {
		h, y, _ := measurement(p)
		h, y = mat.DenseCopyOf(h.Slice(0, 1, 0, 3)), y[:1]
		q, err := p.Given(h, y)
		if err != nil {
			t.Fatal(name, err)
		}
		x := q.Draw(rand.New(rand.NewPCG(1, 2)), n)
		for i := range n {
			var r float64
			for j := range 3 {
				r += h.At(0, j) * x[3*i+j]
			}
			if !(math.Abs(r-y[0]) <= 1e-13*(1+math.Abs(y[0]))) {
				t.Fatalf("%s: draw %d misses the row by %g", name, i, r-y[0])
			}
		}
		weight, mean, cov, err := p.mixed()
		if err != nil {
			t.Fatal(err)
		}
		var logw []float64
		moments := make([]float64, 9) // second moments about the prior's mean, in sampler coordinates
		first := make([]float64, 3)
		type part struct{ first, second []float64 }
		var parts []part
		for k := range weight {
			x := make([]float64, 3)
			p.Coordinates.ToX(x, mean[k])
			c := mat.NewSymDense(3, nil)
			for i := range 3 {
				for j := range i + 1 {
					c.SetSym(i, j, cov[k].At(i, j)*p.Coordinates.Scale[i]*p.Coordinates.Scale[j])
				}
			}
			l, err := update(x, c, h, y, mat.NewSymDense(1, []float64{1e-9}))
			if err != nil {
				t.Fatal(err)
			}
			logw = append(logw, l+math.Log(weight[k]))
			p.Coordinates.ToU(x, x)
			second := make([]float64, 9)
			for i := range 3 {
				for j := range 3 {
					second[3*i+j] = c.At(i, j)/(p.Coordinates.Scale[i]*p.Coordinates.Scale[j]) + x[i]*x[j]
				}
			}
			parts = append(parts, part{x, second})
		}
		total := logSumExp(logw)
		for k, l := range logw {
			for i := range first {
				first[i] += math.Exp(l-total) * parts[k].first[i]
			}
			for i := range moments {
				moments[i] += math.Exp(l-total) * parts[k].second[i]
			}
		}
		check := func(what string, want float64, f func(u []float64) float64) {
			values, u := make([]float64, n), make([]float64, 3)
			for i := range n {
				p.Coordinates.ToU(u, x[3*i:3*i+3])
				values[i] = f(u)
			}
			testkit.MeanWithin(t, name+": "+what, values, want, 0)
		}
		for i := range 3 {
			check("mean", first[i], func(u []float64) float64 { return u[i] })
			for j := range i + 1 {
				check("second moment", moments[3*i+j], func(u []float64) float64 { return u[i] * u[j] })
			}
		}
		// The same row again, in another unit.
		twice := mat.NewDense(2, 3, nil)
		for j := range 3 {
			twice.Set(0, j, h.At(0, j))
			twice.Set(1, j, -1e3*h.At(0, j))
		}
		again, err := p.Given(twice, []float64{y[0], -1e3 * y[0]})
		if err != nil {
			t.Fatal(name, err)
		}
		for i, v := range again.Draw(rand.New(rand.NewPCG(1, 2)), 50) {
			if !(math.Abs(v-x[i]) <= 1e-10*(1+math.Abs(v))) {
				t.Fatalf("%s: number %d is %g with a row twice, %g with it once", name, i, v, x[i])
			}
		}
		if _, err := p.Given(twice, []float64{y[0], -1e3*y[0] + 1}); err == nil || !strings.Contains(err.Error(), "contradicts") {
			t.Errorf("%s: rows that contradict each other: %v", name, err)
		}
	}
}

// What has no law given equations says why.
func TestGivenSaysWhatItLacks(t *testing.T) {
	h := mat.NewDense(1, 3, []float64{1, 0, 0})
	if _, err := lawful(t)["empirical"].Given(h, []float64{1}); !errors.Is(err, ErrNoPosterior) {
		t.Errorf("rows of a file: %v, want ErrNoPosterior", err)
	}
	p := lawful(t)["gaussian"]
	if _, err := p.Given(mat.NewDense(1, 2, nil), []float64{1}); err == nil || !strings.Contains(err.Error(), "m×3") {
		t.Errorf("a row too short: %v", err)
	}
	if _, err := p.Given(mat.NewDense(1, 3, nil), []float64{1}); err == nil || !strings.Contains(err.Error(), "row 0 of H is 0") {
		t.Errorf("a row of zeros: %v", err)
	}
	// A difference that the prior does not leave free.
	flat, err := NewField(Field{Shape: []int{3}, Extent: []float64{1}, Kernel: "rbf", Length: 1e8, Variance: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows := mat.NewDense(2, 3, []float64{1, -1, 0, 0, 0, 1})
	if _, err := flat.Given(rows, []float64{0.5, 0}); err == nil || !strings.Contains(err.Error(), "no freedom") {
		t.Errorf("a difference that is 0 in the prior: %v", err)
	}
	if _, err := flat.Given(rows, []float64{0, 0}); err != nil {
		t.Errorf("a difference that is 0 in the prior, asked to be 0: %v", err)
	}
}

// Components are drawn in proportion to wₖ N(y; H mₖ, Sₖ): of two far apart in the first
// column, with variances 1 and 4 in the second, given that the second is 1; and of a product,
// given a row that does not see its mixture, in proportion to w alone.
func TestGivenWeighsComponents(t *testing.T) {
	const n = 20000
	left := func(p *Prior, err error) float64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		q, err := p.Given(mat.NewDense(1, 2, []float64{0, 1}), []float64{1})
		if err != nil {
			t.Fatal(err)
		}
		x, count := q.Draw(rand.New(rand.NewPCG(3, 3)), n), 0.0
		for i := 0; i < len(x); i += 2 {
			if x[i] < 0 {
				count++
			}
		}
		return count / n
	}
	check := func(name string, got, want float64) {
		t.Helper()
		testkit.WithinSigma(t, name, got, want, math.Sqrt(want*(1-want)/n), 0)
	}
	a := 0.2 * math.Exp(-0.5)
	b := 0.8 * math.Exp(-0.5/4) / 2
	check("mixture", left(NewMixture([]float64{0.2, 0.8}, [][]float64{{-10, 0}, {10, 0}}, []*mat.SymDense{
		mat.NewSymDense(2, []float64{1, 0, 0, 1}), mat.NewSymDense(2, []float64{1, 0, 0, 4})}, nil)), a/(a+b))
	one := mat.NewSymDense(1, []float64{1})
	line, err := NewMixture([]float64{0.2, 0.8}, [][]float64{{-10}, {10}}, []*mat.SymDense{one, one}, nil)
	if err != nil {
		t.Fatal(err)
	}
	free, err := NewGaussian([]float64{0}, one, nil)
	if err != nil {
		t.Fatal(err)
	}
	check("product", left(NewProduct([]*Prior{line, free})), 0.2)
}
