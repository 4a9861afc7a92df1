package prior

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"abide/internal/engine"
	"abide/internal/keyed"
	"abide/internal/testkit"
	"abide/pde"
)

func solutionsKind(t testing.TB, name string) pde.Kind {
	t.Helper()
	for _, k := range pde.Table {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no family %s", name)
	return pde.Kind{}
}

func solutionsTables(t testing.TB) map[string]*Prior {
	t.Helper()
	ok := func(p *Prior, err error) *Prior {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return map[string]*Prior{
		"stefan":  ok(NewLattice(solutionsKind(t, "stefan"), pde.Values{"grid": 20, "times": 10}, []int{30}, 0)),
		"burgers": ok(NewLattice(solutionsKind(t, "burgers-shock"), pde.Values{"grid": 12}, []int{6, 5}, 0)),
		"drawn":   ok(NewSolutions(context.Background(), solutionsKind(t, "reaction-diffusion"), pde.Values{"grid": 12, "times": 9}, 3, 40, 2, 0)),
	}
}

// The denoiser is the softmax mean of the solutions made once more by package pde, up
// to the single precision in which they are kept: in one block and, derivatives
// included, in many.
func TestSolutionsAreSoftmaxMeans(t *testing.T) {
	f, err := solutionsKind(t, "burgers-shock").Make(pde.Values{"grid": 12})
	if err != nil {
		t.Fatal(err)
	}
	p := solutionsTables(t)["burgers"]
	d := p.Coordinates.Dim()
	var rows []float64
	for i := range 6 {
		for j := range 5 {
			s, err := f.(pde.Parametric).At([]float64{0.2 + 0.1*(float64(i)+0.5), 0.2 * (float64(j) + 0.5)})
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, s[2]...)
		}
	}
	p.Coordinates.ToU(rows, rows)
	for j := range d { // the shift is the mean of all
		var mean float64
		for i := 0; i < len(rows); i += d {
			mean += rows[i+j] / 30
		}
		near(t, "mean", []float64{mean}, []float64{0}, 1e-12)
	}
	e := p.Denoiser.(*Empirical)
	for _, sigma := range []float64{10, 1, 0.1} {
		u := append([]float64(nil), rows[4*d:6*d]...)
		for i, v := range normals(len(u), 51) {
			u[i] += sigma * v
		}
		for _, limit := range []int{0, 8} {
			e.limit = limit
			got := denoise(t, e, u, d, engine.Scalar(sigma))
			for i := range 2 {
				want, _ := softmaxMean(u[i*d:(i+1)*d], rows, d, sigma)
				near(t, "softmax mean", got[i*d:(i+1)*d], want, 2e-5)
			}
		}
	}
}

// Draws are solutions with moments as the coordinates say, and the start has their
// covariance.
func TestSolutionsMoments(t *testing.T) {
	const n = 4000
	for name, p := range solutionsTables(t) {
		d := p.Coordinates.Dim()
		u := p.Draw(rand.New(keyed.New(7, "moments", 0, 0)), n)
		p.Coordinates.ToU(u, u)
		c := normals(d, 52)
		along, square, size := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			for j := range d {
				along[i] += c[j] * u[i*d+j]
				size[i] += u[i*d+j] * u[i*d+j] / float64(d)
			}
			square[i] = along[i] * along[i]
		}
		testkit.MeanWithin(t, name+": mean", along, 0, 0)
		testkit.MeanWithin(t, name+": variance of a column on average", size, 1, 0)
		colour, err := p.Colouring(1, 0)
		if err != nil {
			t.Fatal(err)
		}
		half := make([]float64, d) // Σ^½ c
		colour(half, c)
		var want float64
		for _, v := range half {
			want += v * v
		}
		testkit.MeanWithin(t, name+": second moment", square, want, 0)
		if p.HasDensity() {
			t.Errorf("%s: a table has no density", name)
		}
	}
}

// A lattice of ever more nodes approaches the law that it stands for: with one node in
// four the mean field moves by less than the cell.
func TestLatticeConverges(t *testing.T) {
	var mean [3][]float64
	for k, nodes := range []int{8, 16, 64} {
		p, err := NewLattice(solutionsKind(t, "burgers-shock"), pde.Values{"grid": 10}, []int{nodes, nodes}, 0)
		if err != nil {
			t.Fatal(err)
		}
		mean[k] = p.Coordinates.Shift
	}
	distance := func(a, b []float64) (worst float64) {
		for j := range a {
			worst = max(worst, math.Abs(a[j]-b[j]))
		}
		return worst
	}
	coarse, fine := distance(mean[0], mean[2]), distance(mean[1], mean[2])
	// The midpoint rule: order two where fields are smooth in p and b, one at a shock.
	if !(fine < 0.6*coarse) {
		t.Errorf("means of 8² and 16² nodes are %.2e and %.2e from that of 64²: want half or less", coarse, fine)
	}
}

// A table draws its fields and nothing else, to single precision.
func TestTableDrawsItsFields(t *testing.T) {
	fields := [][]float64{{1, 2, 3}, {4, 5, 7}}
	p, err := NewTable(fields, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float64]bool{}
	x := p.Draw(rand.New(rand.NewPCG(1, 2)), 50)
	for i := 0; i < len(x); i += 3 {
		f := fields[0]
		if x[i] > 2 {
			f = fields[1]
		}
		seen[f[0]] = true
		for j := range f {
			if math.Abs(x[i+j]-f[j]) > 1e-6 {
				t.Fatalf("drew %v", x[i:i+3])
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("of two fields %d were drawn", len(seen))
	}
	_, err = NewTable(fields[:1], 1)
	wantError(t, "one field", nil, err, "from 2")
	_, err = NewTable([][]float64{{1, 2}, {1}}, 1)
	wantError(t, "lengths", nil, err, "field 1 has 1")
}
