//go:build !goexperiment.simd || !amd64

package sparse

// laneSets are the kernels that this build and processor have.
var laneSets = []laneKernels{plainLanes}

var lanesSpin = map[string]func(int) int{"plain": plainSpin}
