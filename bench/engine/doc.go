// Package engine holds benchmarks of denoisers on every backend, run by hand:
//
//	GOEXPERIMENT=simd go test -bench Job -benchtime 5x ./bench/engine
//	GOEXPERIMENT=simd go test -tags xla -bench Job -benchtime 5x ./bench/engine
//
// Each prints denoiser calls per second, GFLOP/s, and the share of the rate
// that one large product of matrices reaches on the same machine and backend.
package engine
