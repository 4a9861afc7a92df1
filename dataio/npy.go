package dataio

import (
	"fmt"
	"io"
	"strings"
)

// ReadNPY reads one array of NumPy's npy format, versions 1 to 3, C or Fortran
// order, either byte order: float64 into F64; float16 and float32 into F32;
// integers of 8 to 64 bits into I64. It reads no further than the array, so
// arrays may follow one another. Objects, text, complex numbers and truth
// values are refused.
func ReadNPY(r io.Reader) (*Array, error) {
	a, err := readNPYArray(r, -1)
	if err != nil {
		return nil, fmt.Errorf("dataio: read npy: %w", err)
	}
	return a, nil
}

// readNPY reads an array that should fill all size bytes of r.
func readNPY(r io.Reader, size int64) (*Array, error) {
	a, err := readNPYArray(r, size)
	if err != nil {
		return nil, err
	}
	// Reading to the end lets archives verify their checksum.
	if n, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	} else if n > 0 {
		return nil, fmt.Errorf("%d bytes follow the array its header describes; write the file again", n)
	}
	return a, nil
}

// readNPYArray reads an array; size is how many bytes there are, −1 where
// that is not known.
func readNPYArray(r io.Reader, size int64) (*Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	count, err := product(h.shape)
	if err != nil {
		return nil, fmt.Errorf("npy header: %w; the file is damaged", err)
	}
	if need, have := int64(count*h.element.size), size-int64(h.bytes); size >= 0 && need != have {
		return nil, fmt.Errorf("npy header: shape %v needs %d bytes, the file holds %d; it is cut short or damaged, write it again", h.shape, need, have)
	}
	a := &Array{Shape: h.shape}
	if err := h.element.read(r, a, count, size >= 0); err != nil {
		return nil, err
	}
	if h.fortran {
		a.toRowMajor()
	}
	return a, nil
}

// WriteNPY writes an array as npy version 1.0 (its name is not part of the
// format), little-endian, C order, the numbers beginning at a multiple of 64
// bytes as numpy.save has it.
func WriteNPY(w io.Writer, a *Array) error {
	if err := a.check(); err != nil {
		return fmt.Errorf("dataio: write npy: %w", err)
	}
	if _, err := w.Write(npyPrologue(a)); err != nil {
		return fmt.Errorf("dataio: write npy: %w", err)
	}
	if err := a.write(w); err != nil {
		return fmt.Errorf("dataio: write npy: %w", err)
	}
	return nil
}

// npyPrologue is all that stands before the numbers.
func npyPrologue(a *Array) []byte {
	var shape strings.Builder
	for i, n := range a.Shape {
		if i > 0 {
			shape.WriteString(", ")
		}
		fmt.Fprint(&shape, n)
	}
	if len(a.Shape) == 1 {
		shape.WriteString(",") // (3,) is a tuple, (3) a number
	}
	e := a.storage()
	dict := fmt.Sprintf("{'descr': '<%c%d', 'fortran_order': False, 'shape': (%s), }", e.kind, e.size, shape.String())
	fixed := len(npyMagic) + 2 + 2 // magic, version, length
	pad := (64 - (fixed+len(dict)+1)%64) % 64
	dict += strings.Repeat(" ", pad) + "\n"
	return append([]byte(npyMagic+"\x01\x00"), append([]byte{byte(len(dict)), byte(len(dict) >> 8)}, dict...)...)
}
