package physics

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// lawsBandwidth is what one core reads or writes of its second cache, roughly, in bytes a
// nanosecond: the limit that a projection of a field of 80 kB is measured by.
const lawsBandwidth = 30

// A sample is a copy of a random field, so that each projection has work to do; the time
// of the copy is in the number. bytes are what the law has to touch at least.
func lawsBenchmark(b *testing.B, law Projector, bytes int) {
	field := lawsRandom(law.Dim(), 1)
	u := make([]float64, len(field))
	b.ReportAllocs()
	for b.Loop() {
		copy(u, field)
		if err := law.Project(u); err != nil {
			b.Fatal(err)
		}
	}
	ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(ns/1e3, "µs/sample")
	b.ReportMetric(float64(bytes)/ns, "GB/s")
	b.ReportMetric(100*float64(bytes)/ns/lawsBandwidth, "%bandwidth")
}

// Initial condition and the mass of every level of a 100×100 field.
func BenchmarkInitialMass(b *testing.B) {
	const n = 100
	for _, w := range []struct {
		name string
		w    Metric
	}{{"identity", nil}, {"diagonal", lawsMetric(n * n)}} {
		b.Run(w.name, func(b *testing.B) {
			law, _, _ := lawsInitialMass(b, n, w.w)
			lawsBenchmark(b, law, 3*8*n*n) // the field twice, read and write, and the weights
		})
	}
}

// lawsInitialMass is the stack with its two parts.
func lawsInitialMass(t testing.TB, n int, w Metric) (*Linear, *Fixed, *Linear) {
	shape := []int{n, n}
	nodes := lawsMust[[]int32](t)(Plane(shape, 0, 0))
	start := make([]float64, n)
	for i := range start {
		start[i] = math.Sin(2*math.Pi*float64(i)/float64(n)) + 0.3
	}
	weights := lawsTrapezium(n)
	initial := lawsMust[*Fixed](t)(NewFixed(n*n, nodes, start, Label{Name: "initial condition"}))
	mass := lawsMust[*Linear](t)(NewMass(weights, slices.Repeat([]float64{dot(weights, start)}, n), w, Label{}))
	return lawsMust[*Linear](t)(NewStack(w, initial, mass)), initial, mass
}

// Initial condition, a flux at the right end and the mass of every level: 300 rows on a
// 100×100 field, by their structure and as a dense Jacobian whose C Cᵀ is made and
// factored for each sample, as by a projection that knows nothing of the rows.
func BenchmarkInitialFluxMass(b *testing.B) {
	const n = 100
	_, initial, mass := lawsInitialMass(b, n, nil)
	g := lawsFluxOf(initial.values, make([]float64, n), 0.01)
	flux := lawsMust[*Linear](b)(NewFlux([]int{n, n}, 1, true, 0.01, 4, g, nil, Label{}))
	law := lawsMust[*Linear](b)(NewStack(nil, initial, flux, mass))
	b.Run("structured", func(b *testing.B) { lawsBenchmark(b, law, 3*8*n*n) })
	b.Run("dense", func(b *testing.B) {
		m := law.Matrix()
		field := lawsRandom(n*n, 1)
		for b.Loop() {
			c := mat.NewDense(m.Rows, m.Cols, nil)
			for i := range m.Rows {
				for k := m.Ptr[i]; k < m.Ptr[i+1]; k++ {
					c.Set(i, int(m.Index[k]), m.Value[k])
				}
			}
			r := make([]float64, m.Rows)
			law.Residual(r, field)
			var s mat.Dense
			s.Mul(c, c.T())
			for i := range m.Rows {
				s.Set(i, i, s.At(i, i)*(1+1e-10)) // rows that are implied
			}
			var lambda, step mat.VecDense
			_ = lambda.SolveVec(&s, mat.NewVecDense(m.Rows, r))
			step.MulVec(c.T(), &lambda)
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/sample")
	})
}

func BenchmarkBoundedMass(b *testing.B) {
	const n = 100
	law := lawsMust[*BoundedMass](b)(NewBoundedMass(lawsTrapezium(n), make([]float64, n), []float64{-0.5}, []float64{1}, nil, Label{}))
	lawsBenchmark(b, law, 4*8*n*n)
}

func BenchmarkMonotone(b *testing.B) {
	const n = 100
	lawsBenchmark(b, lawsMust[*Monotone](b)(NewMonotone(n, n, false, nil, Label{})), 2*8*n*n)
}

func BenchmarkConvex(b *testing.B) {
	const n = 100
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	lawsBenchmark(b, lawsMust[*Convex](b)(NewConvex(n, x, false, nil, Label{})), 2*8*n*n)
}

func BenchmarkLeray(b *testing.B) {
	lawsBenchmark(b, lawsMust[*Leray](b)(NewLeray([]int{64, 64}, []float64{1, 1}, nil, Label{})), 4*8*64*64)
}

func BenchmarkMAC(b *testing.B) {
	lawsBenchmark(b, lawsMust[*MAC](b)(NewMAC([]int{64, 64}, []float64{1. / 64, 1. / 64}, []Wall{{}, {}}, nil, Label{Unit: 64})), 4*8*64*65)
}
