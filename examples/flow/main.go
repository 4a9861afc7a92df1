// Flow writes the velocities of a run of flow.toml for ParaView: of the truth that was read
// at nine points, and mean and standard deviation of the samples.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"abide/dataio"
	"abide/mesh"
)

// side is how many points flow.toml has along each axis of the periodic unit square.
const side = 16

func main() {
	in := flag.String("run", ".", "folder of the run of flow.toml, with samples.npz")
	out := flag.String("out", "flow.vtu", "where the velocities go")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	arrays, err := dataio.ReadNPZ(filepath.Join(in, "samples.npz"))
	if err != nil {
		return err
	}
	for _, a := range arrays {
		if a.Name == "x" {
			return write(out, a)
		}
	}
	return fmt.Errorf("%s: samples.npz has no array x", in)
}

// write takes samples [N, 2·side·side]: u, then v, each row-major with y fast.
func write(path string, x *dataio.Array) error {
	if len(x.Shape) != 2 || x.Shape[0] < 1 || x.Shape[1] != 2*side*side || len(x.F64) != x.Len() {
		return fmt.Errorf("samples of shape %v: flow.toml makes float64 of [N, %d]", x.Shape, 2*side*side)
	}
	mean, std := moments(x.F64, x.Shape[0], x.Shape[1])
	m, err := mesh.NewRectangle(mesh.Quadrilateral, side, side, 1, 1)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	err = mesh.WriteVTU(file, m,
		mesh.Field{Name: "truth", Values: vectors(truth()), Components: 2},
		mesh.Field{Name: "mean", Values: vectors(mean), Components: 2},
		mesh.Field{Name: "std", Values: vectors(std), Components: 2})
	if err != nil {
		return err
	}
	return file.Close()
}

// moments are mean and standard deviation, with n − 1, of each of d columns.
func moments(x []float64, n, d int) (mean, std []float64) {
	mean, std = make([]float64, d), make([]float64, d)
	for i, v := range x {
		mean[i%d] += v / float64(n)
	}
	for i, v := range x {
		std[i%d] += (v - mean[i%d]) * (v - mean[i%d])
	}
	for j := range std {
		std[j] = math.Sqrt(std[j] / float64(max(n-1, 1)))
	}
	return mean, std
}

// truth is the Taylor–Green vortex that the sensors of flow.toml read, u then v.
func truth() []float64 {
	const n = side * side
	field := make([]float64, 2*n)
	for i := range side {
		for j := range side {
			x, y := 2*math.Pi*float64(i)/side, 2*math.Pi*float64(j)/side
			field[i*side+j], field[n+i*side+j] = math.Cos(x)*math.Sin(y), -math.Sin(x)*math.Cos(y)
		}
	}
	return field
}

// vectors puts both components side by side at the (side+1)² points of the mesh, x fast:
// its last row and column are the first ones again.
func vectors(field []float64) []float64 {
	const n = side * side
	var out []float64
	for j := range side + 1 {
		for i := range side + 1 {
			at := i%side*side + j%side
			out = append(out, field[at], field[n+at])
		}
	}
	return out
}
