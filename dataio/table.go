// Package dataio reads and writes the files abide shares with other software:
// CSV, npy, npz and safetensors.
package dataio

// Table is a dense table of numbers with named columns, row-major.
type Table struct {
	Names []string
	Rows  int
	Data  []float64 // Rows × len(Names)
}
