package prior

import (
	"testing"

	"abide/internal/engine"
)

// Making a 32×32 Matérn field with free boundaries: one matrix of 1,024², halved
// by parity along both axes.
func BenchmarkFieldFree32(b *testing.B) {
	for range b.N {
		if _, err := NewField(Field{Shape: []int{32, 32}, Extent: []float64{10, 10}, Kernel: "matern52", Length: 1, Variance: 1, Nugget: 1e-4}); err != nil {
			b.Fatal(err)
		}
	}
}

// One call of the denoiser of a periodic 64×64 field on 512 samples.
func BenchmarkFieldPeriodic64(b *testing.B) {
	p, err := NewField(Field{Shape: []int{64, 64}, Extent: []float64{1, 1}, Kernel: "matern52", Length: 0.2, Variance: 1, Periodic: true})
	if err != nil {
		b.Fatal(err)
	}
	const d = 64 * 64
	f := openGo(b).NewFunction("denoise", engine.Float64, func(in []*engine.Node) []*engine.Node {
		return []*engine.Node{p.Denoiser.Denoise(in[0], in[1])}
	})
	u := noisy(512, d, 1)
	for range b.N {
		if _, err := f.Call(engine.Rows(u, d), engine.Scalar(1)); err != nil {
			b.Fatal(err)
		}
	}
}
