package dataio

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadNumbers reads one array of any shape from a .csv, .npy or .npz file: what was
// measured, rather than a table of samples. NaN stands for what is missing; in a CSV
// file an empty cell does too. A CSV file has a line of names and gives an array of
// its lines and columns; of an npz file it is the only array, or the one named x.
func ReadNumbers(path string) (*Array, error) {
	ext := strings.ToLower(filepath.Ext(path))
	if !slices.Contains([]string{".csv", ".npy", ".npz"}, ext) {
		return nil, fmt.Errorf("dataio: %s: unknown extension %q; numbers are read from .csv, .npy or .npz", path, filepath.Ext(path))
	}
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if ext == ".csv" {
		return readCSVNumbers(f, path)
	}
	a, err := readTableArray(f, size, ext)
	if err != nil {
		return nil, fmt.Errorf("dataio: %s: %w", path, err)
	}
	if a.Len() == 0 {
		return nil, fmt.Errorf("dataio: %s: array of shape %v holds no numbers", path, a.Shape)
	}
	return &Array{Name: a.Name, Shape: a.Shape, F64: a.Float64()}, nil
}

// readCSVNumbers reads every cell of a CSV file; all have to be numbers or missing.
func readCSVNumbers(f *os.File, path string) (*Array, error) {
	t := &csvTable{file: path}
	in := bufio.NewReaderSize(f, 1<<16)
	if err := t.checkStart(in); err != nil {
		return nil, err
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1 // counted here, for a better message
	rows.TrimLeadingSpace = true
	rows.ReuseRecord = true
	a := &Array{}
	for n := -1; ; n++ {
		record, err := rows.Read()
		if err == io.EOF {
			if n < 1 {
				return nil, t.errorf(1, "the file holds no numbers; a line of names, then lines of numbers are needed")
			}
			a.Shape = []int{n, len(t.names)}
			return a, nil
		} else if err != nil {
			return nil, t.readError(err)
		}
		line, _ := rows.FieldPos(0)
		if n < 0 {
			if t.names, err = t.headerNames(line, record); err != nil {
				return nil, err
			}
			continue
		}
		if len(record) != len(t.names) {
			return nil, t.errorf(line, "%d cells where the header has %d; give every line as many cells as the header", len(record), len(t.names))
		}
		for j, cell := range record {
			v, _, bad := parseCell(cell)
			if s := strings.TrimSpace(cell); s == "" || strings.EqualFold(s, "nan") {
				v, bad = math.NaN(), nil
			}
			if bad != nil {
				return nil, t.errorf(line, "column %q: %w", t.names[j], bad)
			}
			a.F64 = append(a.F64, v)
		}
	}
}
