// Package dataio reads and writes the files abide shares with other software:
// CSV, npy, npz and safetensors.
//
// Readers trust nothing: sizes claimed by a header are compared with what the
// file holds before memory is taken for them, and an error names the file, the
// place in it and the remedy.
package dataio

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Table is a dense table of numbers with named columns, row-major.
type Table struct {
	Names []string
	Rows  int
	Data  []float64 // Rows × len(Names)
}

// ReadTable reads a table of finite numbers from a .csv, .npy or .npz file, the
// format being that of the extension.
//
// columns names the columns wanted, in the order wanted; nil means all numeric
// ones in the order of the file. A column of a CSV file is numeric when its
// cells are; one that is numeric but for some cells is an error that names the
// first of them, so that no column is dropped for a slip. An array has one row
// per sample, [samples, …]: fields and images are flattened in row-major order.
// Its columns are called x[0], x[1], …. An npz file must hold a single array, or
// one named x.
//
// Errors name file, line (of the text file; arrays: row, counted from 0),
// column and remedy.
func ReadTable(path string, columns []string) (*Table, error) {
	ext := strings.ToLower(filepath.Ext(path))
	if !slices.Contains([]string{".csv", ".npy", ".npz"}, ext) {
		return nil, fmt.Errorf("dataio: %s: unknown extension %q; a table is read from .csv, .npy or .npz", path, filepath.Ext(path))
	}
	if err := checkRequested(columns); err != nil {
		return nil, fmt.Errorf("dataio: %s: %w", path, err)
	}
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if ext == ".csv" {
		return readCSV(f, path, columns)
	}
	a, err := readTableArray(f, size, ext)
	if err != nil {
		return nil, fmt.Errorf("dataio: %s: %w", path, err)
	}
	t, err := tableOf(a, columns)
	if err != nil {
		return nil, fmt.Errorf("dataio: %s: %w", path, err)
	}
	return t, nil
}

func checkRequested(columns []string) error {
	for i, c := range columns {
		if j := slices.Index(columns, c); j < i {
			return fmt.Errorf("column %q is asked for twice; name each column once", c)
		}
	}
	return nil
}

func readTableArray(f *os.File, size int64, ext string) (*Array, error) {
	if ext == ".npy" {
		return readNPY(f, size)
	}
	return readTableNPZ(f, size)
}

// tableOf checks that an array is a table and takes the wanted columns of it.
func tableOf(a *Array, columns []string) (*Table, error) {
	if len(a.Shape) < 2 {
		return nil, fmt.Errorf("array of shape %v is not a table; reshape it to [samples, columns], one row per sample", a.Shape)
	}
	n, d := a.Shape[0], 1
	for _, k := range a.Shape[1:] {
		d *= k
	}
	if n == 0 || d == 0 {
		return nil, fmt.Errorf("array of shape %v holds no numbers; at least one row and one column are needed", a.Shape)
	}
	names := make([]string, d)
	for j := range names {
		names[j] = fmt.Sprintf("x[%d]", j)
	}
	pick, err := pickColumns(names, columns)
	if err != nil {
		return nil, err
	}
	all := a.Float64()
	t := &Table{Rows: n, Data: make([]float64, 0, n*len(pick))}
	for _, j := range pick {
		t.Names = append(t.Names, names[j])
	}
	for i := range n {
		for _, j := range pick {
			v := all[i*d+j]
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("row %d (from 0), column %s: %g is not a finite number; correct or remove the row", i, names[j], v)
			}
			t.Data = append(t.Data, v)
		}
	}
	return t, nil
}

// pickColumns returns the positions of the wanted columns among names; nil
// wants all.
func pickColumns(names, columns []string) ([]int, error) {
	if len(columns) == 0 {
		pick := make([]int, len(names))
		for j := range pick {
			pick[j] = j
		}
		return pick, nil
	}
	pick := make([]int, len(columns))
	for i, c := range columns {
		if pick[i] = slices.Index(names, c); pick[i] < 0 {
			return nil, fmt.Errorf("no column %q%s; the columns are %s", c, didYouMean(c, names), list(names))
		}
	}
	return pick, nil
}
