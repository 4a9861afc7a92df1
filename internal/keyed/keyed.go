// Package keyed makes random numbers that depend on a key and nothing else:
// (seed, purpose, chunk, step) names a stream, whatever the number of workers,
// the order in which they run, or how often a run was stopped and resumed.
//
// The generator is Philox-4×32-10, a counter-based bijection: block i of a
// stream is f_key(i), so no state has to be saved to continue a run.
//
// Reference: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC'11 (2011), section 3.3.
package keyed

import (
	"hash/fnv"
	"math"
	"math/bits"
	"math/rand/v2"
)

// Stream is one keyed stream of uniform 64-bit numbers. It implements
// [rand.Source], so rand.New(stream) offers every distribution of the standard
// library. It is not safe for concurrent use; make one per goroutine.
type Stream struct {
	key     [2]uint32
	counter [4]uint32 // counter[0:2] counts blocks, counter[2:4] is (chunk, step)
	block   [4]uint32
	used    int // 32-bit words of block already given out
}

var _ rand.Source = (*Stream)(nil)

// New returns the stream named by its four keys. Streams with different keys
// are independent; equal keys give equal streams.
func New(seed uint64, purpose string, chunk, step int) *Stream {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	k := seed ^ bits.RotateLeft64(h.Sum64(), 17)
	return &Stream{
		key:     [2]uint32{uint32(k), uint32(k >> 32)},
		counter: [4]uint32{0, 0, uint32(chunk), uint32(step)},
		used:    4,
	}
}

// Uint64 returns the next 64 uniform bits.
func (s *Stream) Uint64() uint64 {
	if s.used > 2 {
		s.block = philox(s.counter, s.key)
		s.counter[0]++
		if s.counter[0] == 0 {
			s.counter[1]++
		}
		s.used = 0
	}
	v := uint64(s.block[s.used]) | uint64(s.block[s.used+1])<<32
	s.used += 2
	return v
}

// Uniform returns a number in the open interval (0, 1).
func (s *Stream) Uniform() float64 { return (float64(s.Uint64()>>11) + 0.5) / (1 << 53) }

// Normal fills dst with independent N(0, 1) draws (Box–Muller, so that the
// number of words consumed per draw is fixed).
func (s *Stream) Normal(dst []float64) {
	for i := 0; i < len(dst); i += 2 {
		r := math.Sqrt(-2 * math.Log(s.Uniform()))
		sin, cos := math.Sincos(2 * math.Pi * s.Uniform())
		dst[i] = r * cos
		if i+1 < len(dst) {
			dst[i+1] = r * sin
		}
	}
}

// philox is the ten-round Philox-4×32 bijection.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	const m0, m1 = 0xD2511F53, 0xCD9E8D57
	const w0, w1 = 0x9E3779B9, 0xBB67AE85
	for range 10 {
		h0, l0 := bits.Mul32(m0, c[0])
		h1, l1 := bits.Mul32(m1, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k[0], l1, h0 ^ c[3] ^ k[1], l0}
		k[0] += w0
		k[1] += w1
	}
	return c
}
