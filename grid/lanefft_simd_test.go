//go:build goexperiment.simd && amd64

package grid

import "simd/archsimd"

// laneSets are the kernels that this build and processor have.
var laneSets = func() []laneKernels {
	sets := []laneKernels{plainLanes}
	if archsimd.X86.AVX2() {
		sets = append(sets, halfLanes)
	}
	if archsimd.X86.AVX512() {
		sets = append(sets, wideLanes)
	}
	return sets
}()
