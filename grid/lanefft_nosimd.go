//go:build !goexperiment.simd || !amd64

package grid

var fastestLanes = plainLanes
