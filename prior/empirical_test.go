package prior

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abide/dataio"
	"abide/internal/engine"
	"abide/internal/keyed"
)

func wantError(t *testing.T, name string, p *Prior, err error, want string) {
	t.Helper()
	if err == nil || p != nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "prior: ") {
		t.Errorf("%s: got %v, %v, want an error with %q", name, p, err, want)
	}
}

// table is M rows of d columns in units far apart.
func table(m, d int) *dataio.Table {
	t := &dataio.Table{Rows: m, Data: normals(m*d, 9)}
	for j := range d {
		t.Names = append(t.Names, fmt.Sprintf("column %d", j))
		for i := range m {
			t.Data[i*d+j] = math.Pow(10, float64(3*j)) * (5 + t.Data[i*d+j])
		}
	}
	return t
}

// softmaxMean is Σᵢ softmaxᵢ(−‖u − uᵢ‖²/2σ²) uᵢ, and the covariance of the rows
// under the same weights.
func softmaxMean(u, rows []float64, d int, sigma float64) (mean, cov []float64) {
	m := len(rows) / d
	w := make([]float64, m)
	top := math.Inf(-1)
	for i := range w {
		for j := range d {
			r := (u[j] - rows[i*d+j]) / sigma
			w[i] -= 0.5 * r * r
		}
		top = max(top, w[i])
	}
	var total float64
	for i := range w {
		w[i] = math.Exp(w[i] - top)
		total += w[i]
	}
	mean, cov = make([]float64, d), make([]float64, d*d)
	for i := range w {
		for j := range d {
			mean[j] += w[i] / total * rows[i*d+j]
		}
	}
	for i := range w {
		for j := range d {
			for k := range d {
				cov[j*d+k] += w[i] / total * (rows[i*d+j] - mean[j]) * (rows[i*d+k] - mean[k])
			}
		}
	}
	return mean, cov
}

func TestEmpiricalIsTheSoftmaxMean(t *testing.T) {
	const n, m, d = 5, 40, 3
	tab := table(m, d)
	p, err := NewEmpirical(tab)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, len(tab.Data))
	p.Coordinates.ToU(rows, tab.Data)
	for _, sigma := range levels {
		u := noisy(n, d, sigma)
		var mean, jac []float64
		for i := range n {
			a, c := softmaxMean(u[i*d:(i+1)*d], rows, d, sigma)
			mean = append(mean, a...)
			for _, v := range c {
				jac = append(jac, v/(sigma*sigma))
			}
		}
		// The graph's logits (u·uᵢ − ½‖uᵢ‖²)/σ² are up to 10/σ² in size: their
		// rounding is the error of the weights.
		tol := 1e-12 + 40*0x1p-52/(sigma*sigma)
		name := fmt.Sprintf("σ = %g", sigma)
		near(t, name, denoise(t, p.Denoiser, u, d, engine.Scalar(sigma)), mean, tol)
		near(t, name+" for each row", denoise(t, p.Denoiser, u, d, level(n, sigma)), mean, tol)
		near(t, name+": Tweedie", jacobian(t, p.Denoiser, u, d, engine.Scalar(sigma)), jac, tol/min(1, sigma*sigma))
	}
	near(t, "a row of the data without noise", denoise(t, p.Denoiser, rows[:d], d, engine.Scalar(1e-3)), rows[:d], 1e-12)
}

func TestEmpiricalDrawsRows(t *testing.T) {
	tab := table(5, 2)
	p, err := NewEmpirical(tab)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Draw(rand.New(keyed.New(1, "draws", 0, 0)), 200)
	seen := map[[2]float64]int{}
	for i := 0; i < len(x); i += 2 {
		seen[[2]float64{x[i], x[i+1]}]++
	}
	for i := range tab.Rows {
		row := [2]float64{tab.Data[2*i], tab.Data[2*i+1]}
		if seen[row] == 0 { // missed by chance once in 2e19
			t.Errorf("row %d was never drawn", i)
		}
		delete(seen, row)
	}
	if len(seen) > 0 {
		t.Errorf("drawn, but no rows: %v", seen)
	}
}

func TestEmpiricalErrors(t *testing.T) {
	for name, c := range map[string]struct {
		table *dataio.Table
		want  string
	}{
		"one row":        {&dataio.Table{Names: []string{"a"}, Rows: 1, Data: []float64{1}}, "need at least 2"},
		"constant":       {&dataio.Table{Names: []string{"a", "b"}, Rows: 3, Data: []float64{1, 7, 2, 7, 3, 7}}, `column "b" is constant (7)`},
		"nearly":         {&dataio.Table{Names: []string{"a"}, Rows: 2, Data: []float64{1e9, 1e9 + 1e-6}}, `column "a" is constant`},
		"constant zero":  {&dataio.Table{Names: []string{"a"}, Rows: 2, Data: []float64{0, 0}}, `column "a" is constant`},
		"two constants":  {&dataio.Table{Names: []string{"a", "b", "c"}, Rows: 2, Data: []float64{5, 1, 0, 5, 2, 0}}, `column "a" is constant (5), and so are 1 more of 3`},
		"not a number":   {&dataio.Table{Names: []string{"a"}, Rows: 2, Data: []float64{0, math.NaN()}}, `column "a"`},
		"out of numbers": {&dataio.Table{Names: []string{"a"}, Rows: 2, Data: []float64{-1e300, 1e300}}, `column "a"`},
	} {
		p, err := NewEmpirical(c.table)
		wantError(t, name, p, err, c.want)
	}
}

func TestStandardise(t *testing.T) {
	const m, d = 50, 3
	tab := table(m, d)
	at, err := Standardise(tab)
	if err != nil {
		t.Fatal(err)
	}
	u := make([]float64, len(tab.Data))
	at.ToU(u, tab.Data)
	cov := Covariance(u, d)
	for j := range d {
		var mean float64
		for i := range m {
			mean += u[i*d+j] / m
		}
		// Means of m numbers shifted by five standard deviations: m roundings of 5.
		near(t, "mean", []float64{mean}, []float64{0}, 5*m*0x1p-52)
		near(t, "variance", []float64{cov[j*d+j]}, []float64{1}, 5*m*0x1p-52)
		for k := range j {
			var c float64
			for i := range m {
				c += u[i*d+j] * u[i*d+k] / m
			}
			near(t, "correlation", []float64{cov[j*d+k], cov[k*d+j]}, []float64{c, c}, m*0x1p-52)
		}
	}
	// There and back, and in place.
	back := make([]float64, len(u))
	at.ToX(back, u)
	near(t, "round trip", back, tab.Data, 4*0x1p-52)
	at.ToU(back, back)
	near(t, "in place", back, u, 40*0x1p-52)
}

// Rows taken in blocks, with a running maximum, give what all of them at once
// give: denoiser, gradient, gradient of the gradient and Jacobian.
func TestEmpiricalInBlocks(t *testing.T) {
	const n, m, d = 5, 43, 3
	tab := table(m, d)
	p, err := NewEmpirical(tab)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, len(tab.Data))
	p.Coordinates.ToU(rows, tab.Data)
	weight := make([]float64, m)
	for i := range weight {
		weight[i] = -math.Log(m)
	}
	for _, limit := range []int{5, 35, 200} { // blocks of 1, 7 and 40 rows, the last one shorter
		e := newEmpirical(rows, weight, d)
		e.limit = limit
		for _, sigma := range levels {
			u, c := noisy(n, d, sigma), normals(n*d, 5)
			var mean, jac, along []float64
			for i := range n {
				a, cov := softmaxMean(u[i*d:(i+1)*d], rows, d, sigma)
				mean = append(mean, a...)
				for j := range d {
					var s float64
					for k := range d {
						jac = append(jac, cov[j*d+k]/(sigma*sigma))
						s += cov[j*d+k] / (sigma * sigma) * c[i*d+k]
					}
					along = append(along, s)
				}
			}
			tol := 1e-12 + 40*0x1p-52/(sigma*sigma)
			name := fmt.Sprintf("limit %d, σ = %g", limit, sigma)
			for _, s := range []engine.Array{engine.Scalar(sigma), level(n, sigma)} {
				near(t, name, denoise(t, e, u, d, s), mean, tol)
				out, err := openGo(t).NewFunction("derivatives", engine.Float64, func(in []*engine.Node) []*engine.Node {
					u, s, c := in[0], in[1], in[2]
					_, j := DenoiseJacobian(e, u, s)
					jvp := engine.JVP(func(u *engine.Node) *engine.Node { return e.Denoise(u, s) }, u, c)
					return []*engine.Node{j, engine.VJP(e.Denoise(u, s), u, c), jvp}
				}).Call(engine.Rows(u, d), s, engine.Rows(c, d))
				if err != nil {
					t.Fatal(err)
				}
				near(t, name+": Jacobian", out[0].F64, jac, tol/min(1, sigma*sigma))
				near(t, name+": vector–Jacobian product", out[1].F64, along, 10*tol/min(1, sigma*sigma))
				near(t, name+": Jacobian–vector product", out[2].F64, along, 10*tol/min(1, sigma*sigma))
			}
		}
	}
}
