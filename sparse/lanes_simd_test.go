//go:build goexperiment.simd && amd64

package sparse

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

var lanesSpin = map[string]func(int) int{"plain": plainSpin, "avx2": halfSpin, "avx512": wideSpin}

func halfSpin(rounds int) int {
	x := archsimd.BroadcastFloat64x4(1)
	var s0, s1, s2, s3, s4, s5, s6, s7 archsimd.Float64x4
	for range rounds {
		s0 = s0.Add(x.Mul(s7))
		s1 = s1.Add(x)
		s2 = s2.Add(x.Mul(s6))
		s3 = s3.Add(x)
		s4 = s4.Add(x.Mul(s5))
		s5 = s5.Add(x.Mul(x))
		s6 = s6.Add(x.Mul(x))
		s7 = s7.Add(x.Mul(x))
	}
	putHalves(&lanesSink, s0.Add(s1).Add(s2).Add(s3), s4.Add(s5).Add(s6).Add(s7))
	archsimd.ClearAVXUpperBits()
	return 4 * 14
}

func wideSpin(rounds int) int {
	x := archsimd.BroadcastFloat64x8(1)
	var s0, s1, s2, s3, s4, s5, s6, s7 archsimd.Float64x8
	for range rounds {
		s0 = s0.Add(x.Mul(s7))
		s1 = s1.Add(x)
		s2 = s2.Add(x.Mul(s6))
		s3 = s3.Add(x)
		s4 = s4.Add(x.Mul(s5))
		s5 = s5.Add(x.Mul(x))
		s6 = s6.Add(x.Mul(x))
		s7 = s7.Add(x.Mul(x))
	}
	s0.Add(s1).Add(s2).Add(s3).Add(s4).Add(s5).Add(s6).Add(s7).Store(&lanesSink)
	archsimd.ClearAVXUpperBits()
	return 8 * 14
}
