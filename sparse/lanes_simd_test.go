//go:build goexperiment.simd && amd64

package sparse

import "simd/archsimd"

var kernelSets = func() []kernels {
	sets := []kernels{plain}
	if archsimd.X86.AVX2() {
		sets = append(sets, half)
	}
	if archsimd.X86.AVX512() {
		sets = append(sets, wide)
	}
	return sets
}()
