package keyed

import "testing"

func BenchmarkNormal(b *testing.B) {
	x := make([]float64, 4000)
	s := New(1, "benchmark", 0, 0)
	for b.Loop() {
		s.Normal(x)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/normal")
}

func BenchmarkUint64(b *testing.B) {
	s := New(1, "benchmark", 0, 0)
	for b.Loop() {
		s.Uint64()
	}
}
