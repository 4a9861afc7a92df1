// Heat compares the methods of a race of heat.toml with the law that its fields should
// have, which is known: a table of errors, and a picture of the spread of each.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"abide/dataio"
)

// The grid of heat.toml: times from 0 to 1, points of a circle.
const times, points = 48, 64

func main() {
	in := flag.String("race", "race", "folder of the race, with a run of heat.toml for each method")
	out := flag.String("out", "race.svg", "where the picture goes")
	flag.Parse()
	if err := run(*in, *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// entry is a method with mean and standard deviation of its fields at every point, and its
// errors: of the mean in units of what as many independent draws of the law have, of the
// standard deviation relative to itself.
type entry struct {
	name      string
	mean, std []float64
	samples   int
	mmse      float64 // mean square error of mean, × the floor
	off       float64 // root mean square error of std, relative
}

func run(in, out string, w io.Writer) error {
	folders, err := filepath.Glob(filepath.Join(in, "method.kind=*", "samples.npz"))
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return fmt.Errorf("%s: no folders method.kind=… with samples.npz: run abide run examples/heat/heat.toml 'method.kind=[tweedie-projection,…]' --out %s first", in, in)
	}
	law := law()
	var entries []entry
	for _, path := range folders {
		arrays, err := dataio.ReadNPZ(path)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(arrays, func(a *dataio.Array) bool { return a.Name == "x" })
		if i < 0 || len(arrays[i].Shape) != 2 || arrays[i].Shape[1] != times*points || arrays[i].Shape[0] < 2 || len(arrays[i].F64) != arrays[i].Len() {
			return fmt.Errorf("%s: want an array x of at least two fields of %d numbers, as heat.toml makes", path, times*points)
		}
		e := moments(arrays[i].F64)
		e.name = strings.TrimPrefix(filepath.Base(filepath.Dir(path)), "method.kind=")
		e.judge(law)
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.off < b.off {
			return -1
		}
		return 1
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "method\terror of the mean, × floor\terror of the spread")
	fmt.Fprintf(t, "independent draws\t1\t%.0f %%\n", 100*floor(law, entries[0].samples))
	for _, e := range entries {
		fmt.Fprintf(t, "%s\t%.3g\t%.0f %%\n", e.name, e.mmse, 100*e.off)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(figure(law, entries)), 0o644)
}

// law is that of the fields with the given initial state: sin(x + π/4) e^(−νt), ν uniform
// from 1 to 5, of which E e^(−νt) = (e^(−t) − e^(−5t))/(4t). Mass is then conserved.
func law() entry {
	moment := func(t float64) float64 {
		if t == 0 {
			return 1
		}
		return (math.Exp(-t) - math.Exp(-5*t)) / (4 * t)
	}
	e := entry{name: "the law"}
	for i := range times {
		t := float64(i) / (times - 1)
		m := moment(t)
		s := math.Sqrt(math.Max(moment(2*t)-m*m, 0))
		for j := range points {
			wave := math.Sin(2*math.Pi*float64(j)/points + math.Pi/4)
			e.mean, e.std = append(e.mean, m*wave), append(e.std, s*math.Abs(wave))
		}
	}
	return e
}

// moments are mean and standard deviation, with n − 1, of fields one after the other.
func moments(x []float64) entry {
	const d = times * points
	n := len(x) / d
	e := entry{mean: make([]float64, d), std: make([]float64, d), samples: n}
	for i, v := range x {
		e.mean[i%d] += v / float64(n)
	}
	for i, v := range x {
		e.std[i%d] += (v - e.mean[i%d]) * (v - e.mean[i%d]) / float64(n-1)
	}
	for j, v := range e.std {
		e.std[j] = math.Sqrt(v)
	}
	return e
}

// floor is the mean error of the spread of sets of n independent draws.
func floor(law entry, n int) float64 {
	const sets = 100
	rng := rand.New(rand.NewPCG(1, 1))
	var sum float64
	for range sets {
		var x []float64
		for range n {
			nu := 1 + 4*rng.Float64()
			for i := range times {
				decay := math.Exp(-nu * float64(i) / (times - 1))
				for j := range points {
					x = append(x, decay*math.Sin(2*math.Pi*float64(j)/points+math.Pi/4))
				}
			}
		}
		e := moments(x)
		e.judge(law)
		sum += e.off / sets
	}
	return sum
}

// judge finds the errors: n independent draws miss the mean by Var/n at each point.
func (e *entry) judge(law entry) {
	var mean, floor, spread, all float64
	for i := range e.mean {
		mean += (e.mean[i] - law.mean[i]) * (e.mean[i] - law.mean[i])
		floor += law.std[i] * law.std[i] / float64(e.samples)
		spread += (e.std[i] - law.std[i]) * (e.std[i] - law.std[i])
		all += law.std[i] * law.std[i]
	}
	e.mmse, e.off = mean/floor, math.Sqrt(spread/all)
}
