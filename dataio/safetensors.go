package dataio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ReadSafetensors reads the safetensors format (Hugging Face): 8 bytes of
// length, little-endian; a JSON header; the numbers. F64 is read into F64; F32,
// F16 and BF16 into F32; signed and unsigned integers into I64. Tensors come in
// the order of their bytes. The header is checked as the reference
// implementation does: tensors follow one another without gap or overlap and
// fill the file.
func ReadSafetensors(r io.Reader) (tensors []*Array, metadata map[string]string, err error) {
	tensors, metadata, err = readSafetensors(r)
	if err != nil {
		return nil, nil, fmt.Errorf("dataio: read safetensors: %w", err)
	}
	return tensors, metadata, nil
}

func readSafetensors(r io.Reader) ([]*Array, map[string]string, error) {
	header, err := readSafetensorsHeader(r)
	if err != nil {
		return nil, nil, err
	}
	entries, metadata, err := parseSafetensorsHeader(header)
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	var tensors []*Array
	for _, e := range entries {
		a := &Array{Name: e.name, Shape: e.shape}
		if err := e.element.read(r, a, e.count, false); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		tensors = append(tensors, a)
	}
	if n, err := io.ReadFull(r, make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	} else if n > 0 {
		return nil, nil, errors.New("bytes follow the last tensor of the header; write the file again")
	}
	return tensors, metadata, nil
}

// WriteSafetensors writes F64, F32 and I64 tensors with metadata (may be nil).
// 64-bit tensors come first, so that every number is aligned; otherwise the
// order given is kept. The bytes depend on the arguments alone.
func WriteSafetensors(w io.Writer, tensors []*Array, metadata map[string]string) error {
	ordered := slices.Clone(tensors)
	for _, a := range ordered {
		if err := a.check(); err != nil {
			return fmt.Errorf("dataio: write safetensors: %w", err)
		}
	}
	slices.SortStableFunc(ordered, func(a, b *Array) int { return b.storage().size - a.storage().size })
	header, err := safetensorsHeader(ordered, metadata)
	if err != nil {
		return fmt.Errorf("dataio: write safetensors: %w", err)
	}
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	if _, err := w.Write(append(start, header...)); err != nil {
		return fmt.Errorf("dataio: write safetensors: %w", err)
	}
	for _, a := range ordered {
		if err := a.write(w); err != nil {
			return fmt.Errorf("dataio: write safetensors: tensor %q: %w", a.Name, err)
		}
	}
	return nil
}
