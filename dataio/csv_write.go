package dataio

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// WriteCSV writes a header and one line per row of data (row-major, rows of
// len(names) numbers). Numbers have the fewest digits that read back to the
// same float64. NaN and ±Inf are written as such; ReadTable refuses them.
func WriteCSV(w io.Writer, names []string, data []float64) error {
	d := len(names)
	if d == 0 || len(data)%d != 0 {
		return fmt.Errorf("dataio: write CSV: %d numbers do not fill rows of %d columns", len(data), d)
	}
	for j, name := range names {
		if name == "" {
			return fmt.Errorf("dataio: write CSV: column %d has no name", j+1)
		}
		if i := slices.Index(names, name); i < j {
			return fmt.Errorf("dataio: write CSV: columns %d and %d are both called %q", i+1, j+1, name)
		}
	}
	head := csv.NewWriter(w)
	if err := head.Write(names); err != nil {
		return fmt.Errorf("dataio: write CSV: %w", err)
	}
	head.Flush()
	if err := head.Error(); err != nil {
		return fmt.Errorf("dataio: write CSV: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	var cell []byte
	for i, v := range data {
		mark := byte(',')
		if (i+1)%d == 0 {
			mark = '\n'
		}
		cell = append(appendNumber(cell[:0], v), mark)
		if _, err := out.Write(cell); err != nil {
			return fmt.Errorf("dataio: write CSV: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("dataio: write CSV: %w", err)
	}
	return nil
}

// appendNumber prefers plain decimals where they stay short.
func appendNumber(b []byte, v float64) []byte {
	format := byte('g')
	if a := math.Abs(v); v == 0 || a >= 1e-5 && a < 1e15 {
		format = 'f'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}
