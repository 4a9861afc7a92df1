package dataio

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// Scalar is one point of one curve.
type Scalar struct {
	Tag   string // name of the curve; a part before "/" groups curves
	Value float64
}

// EventWriter writes curves in the format that TensorBoard reads: a TFRecord file
// of Event messages. The first record says the version of the format, every
// further one holds the scalars of one step. A file that is cut off in the middle
// of a record reads up to there.
//
// Each record is
//
//	uint64 n · uint32 masked(crc(n)) · n bytes · uint32 masked(crc(bytes)),   little-endian,
//	masked(c) = (c ≫ 15 | c ≪ 17) + 0xa282ead8 modulo 2³²,
//
// with the CRC of Castagnoli's polynomial. Reference: TensorFlow, "TFRecord and
// tf.train.Example", and event.proto, summary.proto.
type EventWriter struct{ w io.Writer }

// EventFileName is the name under which TensorBoard finds a file; seconds since
// 1970 order several files of one folder.
func EventFileName(seconds float64) string {
	return fmt.Sprintf("events.out.tfevents.%010d.abide", int64(seconds))
}

// NewEventWriter starts a file; time is in seconds since 1970.
func NewEventWriter(w io.Writer, time float64) (*EventWriter, error) {
	e := &EventWriter{w}
	return e, e.record(appendBytes(appendDouble(nil, 1, time), 3, []byte("brain.Event:2")))
}

// Scalars writes the values of one step; time is in seconds since 1970. A step has
// one record, so that it is there as a whole or not at all. Values are kept in
// float32; what is not finite is written as it is, and TensorBoard marks it.
func (e *EventWriter) Scalars(time float64, step int, values []Scalar) error {
	var summary []byte
	for _, s := range values {
		value := appendBytes(nil, 1, []byte(s.Tag))
		value = append(value, 2<<3|wire32)
		value = binary.LittleEndian.AppendUint32(value, math.Float32bits(float32(s.Value)))
		summary = appendBytes(summary, 1, value)
	}
	event := appendDouble(nil, 1, time)
	if step != 0 { // proto3 leaves out zeros
		event = binary.AppendUvarint(append(event, 2<<3|wireVarint), uint64(step))
	}
	return e.record(appendBytes(event, 5, summary))
}

// The wire types of protocol buffers used here.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

func appendDouble(b []byte, field byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, field<<3|wire64), math.Float64bits(v))
}

func appendBytes(b []byte, field byte, v []byte) []byte {
	return append(binary.AppendUvarint(append(b, field<<3|wireBytes), uint64(len(v))), v...)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// record writes one record with a single call, so that readers who follow the
// file seldom see half of one.
func (e *EventWriter) record(data []byte) error {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, data...)
	b = binary.LittleEndian.AppendUint32(b, masked(data))
	if _, err := e.w.Write(b); err != nil {
		return fmt.Errorf("dataio: event file: %w", err)
	}
	return nil
}
