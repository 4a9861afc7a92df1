package dataio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// element says how one number is stored.
type element struct {
	kind byte // 'f' IEEE 754, 'b' bfloat16, 'i' signed, 'u' unsigned
	size int  // bytes
	big  bool // most significant byte first
}

// chunkBytes is read or written at a time; a multiple of every element's size.
const chunkBytes = 1 << 16

// read appends count numbers from r to the array's slice for them. trusted says
// that r is known to hold that many: otherwise memory is taken as bytes arrive,
// so that a file that lies about its size cannot exhaust it.
func (e element) read(r io.Reader, a *Array, count int, trusted bool) error {
	room := count
	if !trusted {
		room = min(count, chunkBytes)
	}
	switch {
	case e.kind == 'f' && e.size == 8:
		a.F64 = make([]float64, 0, room)
	case e.kind == 'f' || e.kind == 'b':
		a.F32 = make([]float32, 0, room)
	default:
		a.I64 = make([]int64, 0, room)
	}
	buf := make([]byte, min(count*e.size, chunkBytes))
	for left := count * e.size; left > 0; {
		part := buf[:min(left, len(buf))]
		if _, err := io.ReadFull(r, part); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return errTruncated
			}
			return err
		}
		if err := e.decode(part, a); err != nil {
			return err
		}
		left -= len(part)
	}
	return nil
}

// decode appends the numbers of a chunk.
func (e element) decode(b []byte, a *Array) error {
	for ; len(b) > 0; b = b[e.size:] {
		bits := e.bits(b)
		switch {
		case e.kind == 'f' && e.size == 8:
			a.F64 = append(a.F64, math.Float64frombits(bits))
		case e.kind == 'f' && e.size == 4:
			a.F32 = append(a.F32, math.Float32frombits(uint32(bits)))
		case e.kind == 'f':
			a.F32 = append(a.F32, half(uint16(bits)))
		case e.kind == 'b':
			a.F32 = append(a.F32, math.Float32frombits(uint32(bits)<<16))
		case e.kind == 'i':
			shift := 64 - 8*e.size // sign extension
			a.I64 = append(a.I64, int64(bits<<shift)>>shift)
		case bits > math.MaxInt64:
			return fmt.Errorf("%d does not fit a signed 64-bit integer; store it as float64", bits)
		default:
			a.I64 = append(a.I64, int64(bits))
		}
	}
	return nil
}

// bits is the first element of b as an unsigned integer.
func (e element) bits(b []byte) uint64 {
	order := binary.ByteOrder(binary.LittleEndian)
	if e.big {
		order = binary.BigEndian
	}
	switch e.size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	default:
		return order.Uint64(b)
	}
}

// half widens an IEEE 754 binary16 number, without loss.
func half(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, fraction := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch {
	case exponent == 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	case exponent == 0: // subnormal: fraction · 2⁻²⁴
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// storage is the element an array is written with: little-endian, its own width.
func (a *Array) storage() element {
	switch {
	case a.F64 != nil:
		return element{kind: 'f', size: 8}
	case a.F32 != nil:
		return element{kind: 'f', size: 4}
	}
	return element{kind: 'i', size: 8}
}

// write stores the numbers, little-endian.
func (a *Array) write(w io.Writer) error {
	order := binary.LittleEndian
	switch {
	case a.F64 != nil:
		return writeAll(w, a.F64, func(b []byte, v float64) []byte { return order.AppendUint64(b, math.Float64bits(v)) })
	case a.F32 != nil:
		return writeAll(w, a.F32, func(b []byte, v float32) []byte { return order.AppendUint32(b, math.Float32bits(v)) })
	}
	return writeAll(w, a.I64, func(b []byte, v int64) []byte { return order.AppendUint64(b, uint64(v)) })
}

func writeAll[T any](w io.Writer, x []T, put func([]byte, T) []byte) error {
	buf := make([]byte, 0, chunkBytes)
	for len(x) > 0 {
		part := x[:min(len(x), chunkBytes/8)]
		x = x[len(part):]
		buf = buf[:0]
		for _, v := range part {
			buf = put(buf, v)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
