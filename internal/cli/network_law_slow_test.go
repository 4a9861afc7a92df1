//go:build slow

package cli

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"abide/dataio"
	"abide/diagnose"
	"abide/spec"
)

// laws are four exact readings of a field on 8 × 8 points of a periodic square, and its mean.
const networkLaws = `
[[constraint]]
kind = "sensors"
axes = [{ name = "x", points = 8, length = 1.0, boundary = "periodic" }, { name = "y", points = 8, length = 1.0, boundary = "periodic" }]
points = [[0.125, 0.125], [0.5, 0.25], [0.75, 0.75], [0.25, 0.625]]
value = "cos(2*pi*x)*sin(2*pi*y)"

[[constraint]]
kind = "mass"
axis = "none"
axes = [{ name = "x", points = 8, length = 1.0, boundary = "periodic" }, { name = "y", points = 8, length = 1.0, boundary = "periodic" }]
value = 0.3

[sampler]
kind = "dpm-solver++"
steps = 32
`

const networkField = `[prior]
kind = "gaussian-field"
shape = [8, 8]
length = 0.3
boundary = "periodic"
`

// A network trained on 4,000 draws of a Gaussian field, and laws that the draws do not obey:
// the law that samples should have is that of the field given the laws, whatever the network
// learned. Energy distances to it in units of the floor, of methods on their way from a network,
// and of the network itself to the field.
//
//	go test -tags slow -run TestMethodsOnATrainedNetwork -v ./internal/cli
func TestMethodsOnATrainedNetwork(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		write(t, path, text)
		return path
	}
	must(t, folder, "run", file("draws.toml", networkField+"[method]\nkind = \"none\"\n[run]\nsamples = 4000\n"), "--out", "draws", "-q")
	trained := file("trained.toml", "[prior]\nkind = \"diffusion\"\ndata = \"draws/samples.npz\"\nstandardise = \"all\"\nsteps = 4000\nbatch = 256\n"+networkLaws)
	s, err := spec.Load(file("exact.toml", networkField+networkLaws+"[report]\nreference = \"exact\"\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newStudy(s, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.refer(); err != nil {
		t.Fatal(err)
	}
	const n, d = 500, 64
	far := st.exact.draw(1, 0, 2000)
	floor := 0.0
	for i := range 8 {
		floor += diagnose.EnergyDistance(st.exact.draw(1, 1+i, n), far, d) / 8
	}
	run := func(method string) []float64 {
		must(t, folder, "run", trained, "--out", method, "-q", "method.kind="+method, "run.samples=500", "run.chunk=250")
		arrays, err := dataio.ReadNPZ(filepath.Join(folder, method, "samples.npz"))
		if err != nil {
			t.Fatal(err)
		}
		return arrays[0].F64
	}
	own := func(i, n int) []float64 {
		return st.problem.Prior.Draw(rand.New(rand.NewPCG(uint64(i), 5)), n)
	}
	t.Logf("the network itself is at %.1f floors from its field", diagnose.EnergyDistance(run("none"), own(0, 2000), d)/diagnose.EnergyDistance(own(1, n), own(0, 2000), d))
	for _, method := range []string{"tweedie-projection", "tocflow", "hardflow", "ppr", "project", "eci", "pcfm"} {
		floors := diagnose.EnergyDistance(run(method), far, d) / floor
		t.Logf("%-20s at %.1f floors", method, floors)
		if near := floors < 3; near != (method == "tweedie-projection") || floors > 3 && floors < 4 {
			t.Errorf("%s is at %.1f floors: tweedie-projection should be below 3, others above 4", method, floors)
		}
	}
}
