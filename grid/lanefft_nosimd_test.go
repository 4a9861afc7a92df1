//go:build !goexperiment.simd || !amd64

package grid

// laneSets are the kernels that this build and processor have.
var laneSets = []laneKernels{plainLanes}
