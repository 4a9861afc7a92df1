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
	"math/bits"
	"math/rand/v2"
)

// Stream is one keyed stream of uniform 64-bit numbers. It implements
// [rand.Source], so rand.New(stream) offers every distribution of the standard
// library. It is not safe for concurrent use; make one per goroutine.
type Stream struct {
	key     [2]uint32
	counter [4]uint32 // counter[0:2] counts blocks, counter[2:4] is (chunk, step)
	words   [8]uint64 // four blocks; a processor works on several at once
	used    int       // words already given out
}

var _ rand.Source = (*Stream)(nil)

// New returns the stream named by its four keys. Streams with different keys
// are independent; equal keys give equal streams.
func New(seed uint64, purpose string, chunk, step int) *Stream {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	k := seed ^ bits.RotateLeft64(h.Sum64(), 17)
	s := &Stream{
		key:     [2]uint32{uint32(k), uint32(k >> 32)},
		counter: [4]uint32{0, 0, uint32(chunk), uint32(step)},
	}
	s.used = len(s.words)
	return s
}

// Uint64 returns the next 64 uniform bits.
func (s *Stream) Uint64() uint64 {
	if s.used == len(s.words) {
		s.refill()
	}
	v := s.words[s.used%len(s.words)]
	s.used++
	return v
}

// Uniform returns a number in the open interval (0, 1).
func (s *Stream) Uniform() float64 { return (float64(s.Uint64()>>11) + 0.5) / (1 << 53) }

func (s *Stream) refill() {
	s.used = 0
	for i := 0; i < len(s.words); i += 2 {
		s.words[i], s.words[i+1] = philox(s.counter[0], s.counter[1], s.counter[2], s.counter[3], s.key[0], s.key[1])
		s.counter[0]++
		if s.counter[0] == 0 {
			s.counter[1]++
		}
	}
}

// philox is the ten-round Philox-4×32 bijection of the counter (a, b, c, d) under
// the key (k, l); the words of its result are joined in pairs, the first one low.
// Without a loop, words stay in registers and blocks overlap: half the time.
func philox(a, b, c, d, k, l uint32) (uint64, uint64) {
	const v, w = 0x9E3779B9, 0xBB67AE85
	a, b, c, d = round(a, b, c, d, k, l)
	a, b, c, d = round(a, b, c, d, k+1*v&max32, l+1*w&max32)
	a, b, c, d = round(a, b, c, d, k+2*v&max32, l+2*w&max32)
	a, b, c, d = round(a, b, c, d, k+3*v&max32, l+3*w&max32)
	a, b, c, d = round(a, b, c, d, k+4*v&max32, l+4*w&max32)
	a, b, c, d = round(a, b, c, d, k+5*v&max32, l+5*w&max32)
	a, b, c, d = round(a, b, c, d, k+6*v&max32, l+6*w&max32)
	a, b, c, d = round(a, b, c, d, k+7*v&max32, l+7*w&max32)
	a, b, c, d = round(a, b, c, d, k+8*v&max32, l+8*w&max32)
	a, b, c, d = round(a, b, c, d, k+9*v&max32, l+9*w&max32)
	return uint64(a) | uint64(b)<<32, uint64(c) | uint64(d)<<32
}

const max32 = 1<<32 - 1

func round(a, b, c, d, k, l uint32) (uint32, uint32, uint32, uint32) {
	p, q := 0xD2511F53*uint64(a), 0xCD9E8D57*uint64(c)
	return uint32(q>>32) ^ b ^ k, uint32(q), uint32(p>>32) ^ d ^ l, uint32(p)
}
