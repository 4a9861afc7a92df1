package spec

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// checkFixedPoint is the law of resolved specs: they say the same as the spec
// they come from, have its hash, and resolve to themselves.
func checkFixedPoint(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *Spec) {
	t.Helper()
	text := s.Resolved()
	again, err := Parse("test.toml", text, nil)
	if err != nil {
		t.Fatalf("the resolved spec is refused: %v\n%s", err, text)
	}
	if d := cmp.Diff(plain(s), plain(again), cmpopts.EquateNaNs()); d != "" {
		t.Fatalf("the resolved spec says something else (-spec +resolved):\n%s\n%s", d, text)
	}
	if second := again.Resolved(); !bytes.Equal(text, second) {
		t.Fatalf("not a fixed point:\n%s\nthen\n%s", text, second)
	}
	if s.Hash() != again.Hash() {
		t.Fatalf("the resolved spec has another hash:\n%s", text)
	}
}

func TestResolvedIsFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawSpec(t)
		s, err := Parse("test.toml", []byte(src), nil)
		if err != nil {
			t.Fatalf("a valid spec is refused: %v\n%s", err, src)
		}
		checkFixedPoint(t, s)
	})
}

// drawSpec writes a valid spec: any kinds, any keys, numbers of all sizes.
func drawSpec(t *rapid.T) string {
	var b strings.Builder
	d := rapid.IntRange(1, 4).Draw(t, "d")
	if rapid.Bool().Draw(t, "title") {
		fmt.Fprintf(&b, "title = %s\n", drawText(t))
	}
	b.WriteString(drawPrior(t, d))
	for range rapid.IntRange(0, 3).Draw(t, "constraints") {
		b.WriteString("[[constraint]]\n" + drawConstraint(t, d))
		if rapid.Bool().Draw(t, "tolerance") {
			fmt.Fprintf(&b, "tolerance = %s\n", drawPositive(t))
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "potentials") {
		b.WriteString("[[potential]]\n" + drawPotential(t, d))
	}
	b.WriteString(rapid.SampledFrom([]string{
		"", "[method]\nkind = \"none\"\n", "[method]\nkind = \"project\"\n", "[method]\nkind = \"guided\"\nweight = " + drawPositive(t) + "\n",
		"[method]\nparticles = 4096\ndefensive = 0\nkernel = 'ddpm'\nrejuvenate = false\n",
	}).Draw(t, "method"))
	b.WriteString(rapid.SampledFrom([]string{
		"", "[sampler]\nsteps = 0x20\n", "[sampler]\nkind = \"ddim\"\neta = 0.25\nprocess.kind = \"vp\"\n",
		"[sampler]\nkind = \"heun\"\ngrid = [80, 1e0, 2e-3]\n", "[sampler]\n[sampler.process]\nkind = \"ve\"\nsigma_min = 1e-3\nsigma_max = 1e3\n",
		"[sampler]\nkind = \"ode\"\nrule = \"rk4\"\ntimes = [1, 0.5, 0]\nprocess.kind = \"vp-cosine\"\n", "[sampler]\nkind = \"dormand-prince\"\nrtol = 1e-4\n",
		"[sampler]\nkind = \"langevin\"\nstep = 0.02\ndenoise = false\n", "[sampler]\nkind = \"heun\"\nchurn = 40\nchurn_noise = 1.003\ncorrector_steps = 1\n",
	}).Draw(t, "sampler"))
	b.WriteString(rapid.SampledFrom([]string{
		"", "[run]\nsamples = 1_000\nseed = 4611686018427387904\nbackend = \"auto\"\ndtype = \"float32\"\nworkers = 2\n", "[run]\nchunk = 64\n",
	}).Draw(t, "run"))
	b.WriteString(rapid.SampledFrom([]string{
		"", "[report]\nx = '''\nx[0]\n'''\ny = \"x[0]^2\"\n", "[report]\nrank = \"x[0]\"\nrank_label = " + drawText(t) + "\ntop = 0\ndata = \"a/b.npy\"\n",
	}).Draw(t, "report"))
	return b.String()
}

func drawPrior(t *rapid.T, d int) string {
	k := rapid.IntRange(1, 3).Draw(t, "k")
	switch rapid.IntRange(0, 18).Draw(t, "prior") {
	case 7:
		return fmt.Sprintf("[prior]\nkind = \"gaussian-mixture\"\ndata = \"a.csv\"\ncomponents = %s\ncovariances = %s\nfloor = 1e-3\n",
			rapid.SampledFrom([]string{"3", "[2, 5]"}).Draw(t, "components"), rapid.SampledFrom([]string{`"full"`, `"diagonal"`, `'spherical'`}).Draw(t, "form"))
	case 8:
		return fmt.Sprintf("[prior]\nkind = \"gaussian-field\"\nshape = [%d]\nlength = %s\nkernel = \"rbf\"\n", d+1, drawPositive(t))
	case 9:
		return fmt.Sprintf("[prior]\nkind = \"gaussian-field\"\nshape = [2, 2]\nextent = %s\nlength = 0.5\nnugget = 0\nboundary = 'periodic'\n", drawRowOf(t, 2, drawPositive))
	case 10:
		return "[prior]\nkind = \"ppca\"\ndata = \"a.csv\"\nlatent = 2\n"
	case 11:
		return fmt.Sprintf("[prior]\nkind = \"energy\"\nexpr = \"x[0]^2\"\nlower = %s\nupper = [3]\npoints = 11\n", drawRow(t, 1))
	case 12:
		return fmt.Sprintf("[prior]\nkind = \"product\"\n[[prior.parts]]\nkind = \"gaussian\"\nmean = %s\ncovariance = %s\n[[prior.parts]]\nkind = \"empirical\"\ndata = \"a.csv\"\n[[prior.parts]]\nkind = \"gaussian-field\"\nshape = [3, 3]\nlength = 1\n", drawRow(t, d), drawPositive(t))
	case 16:
		return fmt.Sprintf("[prior]\nkind = \"oracle-heat\"\ngrid = 4\ntimes = %d\nphi = %s\n", d+1, rapid.SampledFrom([]string{"0.5", "[0, 1]", "[-1.5, 3e-1]"}).Draw(t, "phi"))
	case 17:
		return fmt.Sprintf("[prior]\nkind = \"oracle-burgers\"\ngrid = 4\nnodes = [2, %d]\n", d)
	case 18:
		return fmt.Sprintf("[prior]\nkind = \"oracle-solutions\"\nfamily = \"reaction-diffusion\"\nrows = %d\ngrid = 5\n", d+1)
	case 15:
		return fmt.Sprintf("[prior]\nkind = \"state-space\"\ntransition = %s\nnoise = %s\nmean = %s\ncovariance = %s\nsteps = 3\n", drawMatrix(t, d, d), drawPositive(t), drawRow(t, d), diagonal(d))
	case 0:
		return fmt.Sprintf("[prior]\nkind = \"gaussian\"\nmean = %s\n", drawRow(t, d))
	case 1:
		return fmt.Sprintf("[prior]\nkind = \"gaussian\"\nmean = %s\ncovariance = %s\ncolumns = %s\n", drawRow(t, d), drawRowOf(t, d, drawPositive), drawNames(d))
	case 2:
		return fmt.Sprintf("[prior]\nkind = \"gaussian\"\nmean = %s\ncovariance = %s\n", drawRow(t, d), diagonal(d))
	case 3:
		return fmt.Sprintf("[prior]\nkind = \"gaussian-mixture\"\nmeans = %s\n", drawMatrix(t, k, d))
	case 4:
		return fmt.Sprintf("[prior]\nkind = \"gaussian-mixture\"\nmeans = %s\nweights = %s\ncovariances = [%s]\n", drawMatrix(t, k, d), drawRowOf(t, k, drawPositive),
			strings.TrimSuffix(strings.Repeat(diagonal(d)+",", k), ","))
	case 5:
		return fmt.Sprintf("[prior]\nkind = \"empirical\"\ndata = %s\n", rapid.SampledFrom([]string{`"a.csv"`, `'..\a b.NPY'`, `"/ü/\u0041.npz"`}).Draw(t, "data"))
	case 13:
		return "[prior]\nkind = \"onnx\"\nmodel = \"a.onnx\"\noutput = \"v\"\nshape = [1, 2, 2]\nshift = 0.5\nscale = [1, 2, 3, 4]\nhandover = 80\nresolution = 0\nprocess = { kind = \"ddpm\", schedule = \"cosine\" }\n"
	}
	if rapid.Bool().Draw(t, "network") {
		return "[prior]\nkind = \"flow\"\ndata = \"a.csv\"\nnetwork = " + drawNetwork(t) + "\n"
	}
	return "[prior]\nkind = \"diffusion\"\ndata = \"a.csv\"\nmodel = \"a.safetensors\"\ncolumns = " + drawNames(d) + "\nlearning_rate = 3e-4\nwidth = 64\n"
}

// drawNetwork writes a network of any kind, with any of its keys.
func drawNetwork(t *rapid.T) string {
	kinds := networkSection().Kinds
	k := &kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "network")]
	keys := []string{fmt.Sprintf("kind = %q", k.Name)}
	size := func() string { return fmt.Sprint(rapid.IntRange(2, 64).Draw(t, "size")) }
	add := func(name, value string) {
		if k.Key(name) != nil && rapid.Bool().Draw(t, name) {
			keys = append(keys, name+" = "+value)
		}
	}
	for _, name := range []string{"width", "depth", "embedding", "patch", "heads", "modes"} {
		add(name, size())
	}
	add("fourier", fmt.Sprintf("%.17e", rapid.Float64Range(0, 1000).Draw(t, "fourier")))
	add("levels", fmt.Sprint(rapid.IntRange(1, 8).Draw(t, "levels")))
	add("multipliers", drawRowOf(t, 3, func(*rapid.T) string { return size() }))
	add("shape", drawRowOf(t, rapid.IntRange(1, 3).Draw(t, "axes"), func(*rapid.T) string { return size() }))
	return "{ " + strings.Join(keys, ", ") + " }"
}

func drawConstraint(t *rapid.T, d int) string {
	m := rapid.IntRange(1, 3).Draw(t, "m")
	switch rapid.IntRange(0, 7).Draw(t, "constraint") {
	case 0:
		return "kind = \"formula\"\nexpr = \"x[0]*2 >= 1\"\n"
	case 1:
		return fmt.Sprintf("kind = \"half-space\"\nnormal = %s\noffset = %s\n", drawRowOf(t, d, drawPositive), drawNumber(t))
	case 2:
		return fmt.Sprintf("kind = \"polytope\"\nmatrix = %s\nbound = %s\n", diagonal(d), drawRow(t, d))
	case 3:
		return fmt.Sprintf("kind = \"box\"\nupper = %s\nlower = -inf\n", drawRow(t, d))
	case 4:
		return fmt.Sprintf("kind = \"ball\"\ncenter = %s\nradius = %s\n", drawRow(t, d), drawPositive(t))
	case 5:
		return fmt.Sprintf("kind = \"linear-equality\"\nmatrix = %s\nvalue = %s\n", diagonal(m), drawRow(t, m))
	case 6:
		return fmt.Sprintf("kind = \"fixed\"\nindex = [0]\nvalue = %s\n", drawNumber(t))
	}
	return "expr = \"norm(x) <= 1\"\n"
}

func drawPotential(t *rapid.T, d int) string {
	switch rapid.IntRange(0, 3).Draw(t, "potential") {
	case 0:
		return fmt.Sprintf("kind = \"cost\"\nexpr = \"x[0]\"\nweight = %s\n", drawNumber(t))
	case 1:
		return fmt.Sprintf("kind = \"penalty\"\nexpr = 'x[0] <= \"1\\'\nweight = %s\n", drawPositive(t))
	case 2:
		return fmt.Sprintf("kind = \"measurement\"\noperator = { kind = \"mask\", columns = [\"c0\"] }\ny = %s\nstd = %s\n", drawRow(t, 1), drawRowOf(t, 1, drawPositive))
	}
	return fmt.Sprintf("kind = \"measurement\"\noperator = { kind = \"matrix\", value = %s }\ny = %s\nstd = %s\n", drawMatrix(t, d, d), drawRow(t, d), drawPositive(t))
}

// drawNumber writes a number of any size, as an integer, a float or with an exponent.
func drawNumber(t *rapid.T) string {
	v := rapid.Float64Range(-1e99, 1e99).Draw(t, "v")
	return rapid.SampledFrom([]string{fmt.Sprintf("%.17e", v), fmt.Sprintf("%d", int64(math.Remainder(v, 1e6))), "0", "-0.0", "1e-300", "5e-324"}).Draw(t, "written")
}

func drawPositive(t *rapid.T) string {
	return fmt.Sprintf("%.17e", rapid.Float64Range(1e-30, 1e30).Draw(t, "positive"))
}

func drawRow(t *rapid.T, n int) string { return drawRowOf(t, n, drawNumber) }

func drawRowOf(t *rapid.T, n int, draw func(*rapid.T) string) string {
	var all []string
	for range n {
		all = append(all, draw(t))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func drawMatrix(t *rapid.T, m, n int) string {
	return drawRowOf(t, m, func(t *rapid.T) string { return drawRow(t, n) })
}

func diagonal(d int) string {
	var rows []string
	for i := range d {
		row := strings.Split(strings.Repeat("0", d), "")
		row[i] = "2.5"
		rows = append(rows, "["+strings.Join(row, ", ")+"]")
	}
	return "[" + strings.Join(rows, ",\n  # a row\n") + "]"
}

func drawNames(d int) string {
	var names []string
	for j := range d {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("c%d", j)))
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func drawText(t *rapid.T) string {
	return rapid.SampledFrom([]string{`"plain"`, `'C:\new'`, `"quotes \" and \\ and \u00e9 \U0001F600"`, `"=[#]{} "`, `"a` + "\u2028" + `b"`}).Draw(t, "text")
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.toml", "testdata/bad/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src, "run.samples=3")
		}
	}
	f.Add([]byte(gaussian), "constraint[0].lower=[1, a]")
	f.Add([]byte(gaussian), "a\nb.c=1")
	f.Add([]byte(base), "sampler.process.kind=[vp, edm]")
	f.Add([]byte("[prior]\nkind = \"product\"\n[[prior.parts]]\nkind = \"energy\"\nexpr = \"x[0]^2\"\nlower = [-9]\nupper = [9]\n[[prior.parts]]\nkind = \"gaussian-field\"\nshape = [3, 3]\nlength = 1\n"), "prior.parts[1].kind=ppca")
	f.Add([]byte("[prior]\nkind = \"gaussian-mixture\"\ndata = \"a.csv\"\ncovariances = \"spherical\"\n"), "prior.components=[2, 3]")
	f.Fuzz(func(t *testing.T, src []byte, text string) {
		if _, err := Sweep([]string{text}); err != nil && len(text) < 2*maxSweep {
			t.Fatalf("sweep of %q: %v", text, err)
		}
		for _, overrides := range [][]string{nil, {text}} {
			s, err := Parse("test.toml", src, overrides)
			if err == nil {
				checkFixedPoint(t, s)
				err = s.Bind([]string{"cement", "water"})
			}
			if err == nil {
				continue
			}
			if _, ok := err.(*Error); !ok || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%T is not an *Error of one line: %q", err, err)
			}
		}
	})
}
