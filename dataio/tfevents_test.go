package dataio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type step struct {
	Time   float64
	Step   int
	Values []Scalar
}

var goldenSteps = []step{
	{1764000000.5, 0, []Scalar{{"loss/training", 1.5}}},
	{1764000001.0, 250, []Scalar{{"loss/training", 0.75}, {"loss/held-out", 0.8125}, {"learning rate", 1e-3}}},
	{1764000900.125, 20000, []Scalar{{"loss/training", 0}, {"loss/held-out", math.Inf(1)}, {"größe", -3.25}}},
}

func writeEvents(t interface{ Fatal(...any) }, start float64, steps []step) []byte {
	var b bytes.Buffer
	e, err := NewEventWriter(&b, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if err := e.Scalars(s.Time, s.Step, s.Values); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// The bytes are those that TensorBoard's own writer gives (testdata/tfevents.py).
func TestEventsEqualTensorBoards(t *testing.T) {
	want, err := os.ReadFile("testdata/tfevents.golden")
	if err != nil {
		t.Fatal(err)
	}
	if got := writeEvents(t, 1764000000.25, goldenSteps); !bytes.Equal(got, want) {
		t.Errorf("bytes differ:\n got %x\nwant %x", got, want)
	}
}

// What is written is read back by a reader that shares nothing with the writer
// but the description of the format; a file cut off anywhere gives whole steps.
func TestEventsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var steps []step
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			s := step{Time: rapid.Float64().Draw(t, "time"), Step: rapid.IntRange(0, 1<<62).Draw(t, "step")}
			for range rapid.IntRange(1, 3).Draw(t, "scalars") {
				s.Values = append(s.Values, Scalar{rapid.StringN(0, 200, 300).Draw(t, "tag"), float64(rapid.Float32().Draw(t, "value"))})
			}
			steps = append(steps, s)
		}
		b := writeEvents(t, 7, steps)
		got, err := readEvents(b)
		if err != nil || !cmp.Equal(got, steps) {
			t.Fatalf("got %v, %v; want %v", got, err, steps)
		}
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if got, err := readEvents(b[:cut]); err == nil && cut != 0 && len(got) == len(steps) || len(got) > len(steps) || !cmp.Equal(got, steps[:len(got):len(got)]) && len(got) > 0 {
			t.Fatalf("cut at %d of %d: %d steps, %v", cut, len(b), len(got), err)
		}
	})
}

// A flipped bit anywhere is found by the checksums.
func TestEventsAreGuarded(t *testing.T) {
	b := writeEvents(t, 7, goldenSteps)
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := readEvents(b); err == nil {
				t.Fatalf("bit %d of byte %d of %d flipped, and nobody noticed", bit, i, len(b))
			}
			b[i] ^= 1 << bit
		}
	}
}

// readEvents is an independent reader: its CRC goes bit by bit, its messages
// through a general decoder of protocol buffers.
func readEvents(b []byte) (steps []step, err error) {
	for first := true; len(b) > 0; first = false {
		if len(b) < 16 {
			return steps, errors.New("cut off in a header")
		}
		n := binary.LittleEndian.Uint64(b)
		if unmasked(binary.LittleEndian.Uint32(b[8:])) != bitwiseCRC(b[:8]) {
			return steps, errors.New("length is damaged")
		}
		if uint64(len(b)) < 16+n {
			return steps, errors.New("cut off in a record")
		}
		data := b[12 : 12+n]
		if unmasked(binary.LittleEndian.Uint32(b[12+n:])) != bitwiseCRC(data) {
			return steps, errors.New("record is damaged")
		}
		b = b[16+n:]
		event, err := fields(data)
		if err != nil {
			return steps, err
		}
		if first {
			if v := event[3]; len(v) != 1 || string(v[0].bytes) != "brain.Event:2" {
				return steps, errors.New("no version")
			}
			continue
		}
		s := step{}
		if v := event[1]; len(v) == 1 {
			s.Time = math.Float64frombits(v[0].number)
		}
		if v := event[2]; len(v) == 1 {
			s.Step = int(v[0].number)
		}
		summary, err := fields(event[5][0].bytes)
		if err != nil {
			return steps, err
		}
		for _, v := range summary[1] {
			value, err := fields(v.bytes)
			if err != nil {
				return steps, err
			}
			s.Values = append(s.Values, Scalar{string(value[1][0].bytes), float64(math.Float32frombits(uint32(value[2][0].number)))})
		}
		steps = append(steps, s)
	}
	return steps, nil
}

type field struct {
	number uint64
	bytes  []byte
}

func fields(b []byte) (map[int][]field, error) {
	out := map[int][]field{}
	for len(b) > 0 {
		key, k := binary.Uvarint(b)
		if k <= 0 {
			return nil, errors.New("bad key")
		}
		b = b[k:]
		var f field
		switch key & 7 {
		case 0:
			f.number, k = binary.Uvarint(b)
		case 1:
			f.number, k = binary.LittleEndian.Uint64(b), 8
		case 2:
			n, m := binary.Uvarint(b)
			f.bytes, k = b[m:m+int(n)], m+int(n)
		case 5:
			f.number, k = uint64(binary.LittleEndian.Uint32(b)), 4
		default:
			return nil, fmt.Errorf("wire type %d", key&7)
		}
		b = b[k:]
		out[int(key>>3)] = append(out[int(key>>3)], f)
	}
	return out, nil
}

func unmasked(v uint32) uint32 {
	r := v - 0xa282ead8
	return r>>17 | r<<15
}

// bitwiseCRC is CRC-32C by its definition: polynomial 0x1EDC6F41, bits reflected.
func bitwiseCRC(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		c ^= uint32(v)
		for range 8 {
			if c&1 == 1 {
				c = c>>1 ^ 0x82f63b78
			} else {
				c >>= 1
			}
		}
	}
	return ^c
}
