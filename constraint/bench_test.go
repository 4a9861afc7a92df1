package constraint

import (
	"slices"
	"testing"

	"abide/internal/keyed"
)

// BenchmarkProject is one point of 9 columns under 14 linear rows: 9 bounds, 4
// mixed rows and an equality.
func BenchmarkProject(b *testing.B) {
	d := 9
	s := keyed.New(1, "bench", 0, 0)
	inside := make([]float64, d)
	cs := []Constraint{must(NewBox("box", make([]float64, d), nil, nil))(b)}
	for j := range inside {
		inside[j] = 0.5 + s.Uniform()
	}
	for i := range 5 {
		a := make([]float64, d)
		s.Normal(a)
		if i == 0 {
			cs = append(cs, must(NewLinearEquality("e", [][]float64{a}, []float64{dot(a, inside)}))(b))
			continue
		}
		cs = append(cs, must(NewHalfSpace("h", a, dot(a, inside)+0.2))(b))
	}
	p := must(NewProjector(cs, slices.Repeat([]float64{1}, d)))(b)
	const points = 256
	for _, c := range []struct {
		name   string
		spread float64
	}{{"feasible", 0}, {"near", 0.3}, {"far", 2}} {
		data := make([]float64, points*d)
		s.Normal(data)
		for i := range data {
			data[i] = inside[i%d] + c.spread*data[i]
		}
		b.Run(c.name, func(b *testing.B) {
			x := make([]float64, d)
			b.ReportAllocs()
			moves := 0
			for i := range b.N {
				copy(x, data[i%points*d:(i%points+1)*d])
				moves += p.Project(x).Iterations
			}
			b.ReportMetric(float64(moves)/float64(b.N), "moves/op")
		})
	}
}

// BenchmarkProjectCurved adds a ratio and a ball.
func BenchmarkProjectCurved(b *testing.B) {
	d := 9
	cs := []Constraint{
		must(NewBox("box", make([]float64, d), nil, nil))(b),
		must(NewFormula("", relation(b, "x[0]/(x[1]+x[2]) <= 0.45", d), d))(b),
		must(NewBall("ball", slices.Repeat([]float64{1}, d), 2))(b),
	}
	p := must(NewProjector(cs, slices.Repeat([]float64{1}, d)))(b)
	s := keyed.New(1, "bench curved", 0, 0)
	data := make([]float64, 256*d)
	s.Normal(data)
	for i := range data {
		data[i] = 1 + 1.5*data[i]
	}
	x := make([]float64, d)
	b.ReportAllocs()
	for i := range b.N {
		copy(x, data[i%256*d:(i%256+1)*d])
		p.Project(x)
	}
}
