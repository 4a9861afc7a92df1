package dataio

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"
)

// NPZWriter writes an npz archive array by array, stored without compression. The
// bytes depend on the arrays alone. Arrays larger than memory are written in pieces.
type NPZWriter struct {
	z    *zip.Writer
	seen map[string]bool
}

// zipTime stands in every entry, so that equal arrays give equal bytes: the
// earliest time the format can hold.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// NewNPZWriter begins an archive on w; Close ends it.
func NewNPZWriter(w io.Writer) *NPZWriter {
	return &NPZWriter{z: zip.NewWriter(w), seen: map[string]bool{}}
}

// entry begins the file of an array.
func (n *NPZWriter) entry(name string) (io.Writer, error) {
	if name == "" || n.seen[name] {
		return nil, fmt.Errorf("dataio: write npz: array name %q is empty or used twice", name)
	}
	n.seen[name] = true
	w, err := n.z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store, Modified: zipTime})
	if err != nil {
		return nil, fmt.Errorf("dataio: write npz: array %q: %w", name, err)
	}
	return w, nil
}

// Write adds an array.
func (n *NPZWriter) Write(a *Array) error {
	if err := a.check(); err != nil {
		return fmt.Errorf("dataio: write npz: %w", err)
	}
	w, err := n.entry(a.Name)
	if err != nil {
		return err
	}
	return WriteNPY(w, a)
}

// Pieces adds an array of float64, or float32 where single, whose numbers fill
// hands to put, piece after piece, in row-major order.
func (n *NPZWriter) Pieces(name string, shape []int, single bool, fill func(put func([]float64) error) error) error {
	count, err := product(shape)
	if err != nil {
		return fmt.Errorf("dataio: write npz: array %q: %w", name, err)
	}
	w, err := n.entry(name)
	if err != nil {
		return err
	}
	head := &Array{Name: name, Shape: shape, F64: []float64{}}
	if single {
		head.F64, head.F32 = nil, []float32{}
	}
	if _, err := w.Write(npyPrologue(head)); err != nil {
		return fmt.Errorf("dataio: write npz: array %q: %w", name, err)
	}
	written := 0
	var buffer []byte
	err = fill(func(x []float64) error {
		written += len(x)
		buffer = buffer[:0]
		for _, v := range x {
			if single {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(float32(v)))
			} else {
				buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(v))
			}
		}
		_, err := w.Write(buffer)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("dataio: write npz: array %q: %w", name, err)
	case written != count:
		return fmt.Errorf("dataio: write npz: array %q: shape %v holds %d numbers, %d were given", name, shape, count, written)
	}
	return nil
}

// Close writes the directory of the archive.
func (n *NPZWriter) Close() error {
	if err := n.z.Close(); err != nil {
		return fmt.Errorf("dataio: write npz: %w", err)
	}
	return nil
}
