//go:build !goexperiment.simd || !amd64

package sparse

var fastestLanes = plainLanes
