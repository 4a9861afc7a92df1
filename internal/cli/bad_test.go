package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every malformed spec ends with exit code 2 and one message that names file,
// line, column and key; stdout stays empty and nothing is left on the disk.
func TestMalformedSpecs(t *testing.T) {
	files, err := filepath.Glob("../../spec/testdata/bad/*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d malformed specs (%v), want at least 40", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			text := read(t, file)
			folder := t.TempDir()
			write(t, filepath.Join(folder, name), string(text))
			line, _, _ := strings.Cut(string(text), "\n")
			refused(t, folder, exitUsage, []string{name + ":" + strings.TrimPrefix(line, "# want: ")}, "run", name)
		})
	}
}

// refused runs abide, which must fail with one message that has all the wanted
// parts, and must leave the folder as it was.
func refused(t *testing.T, folder string, want int, parts []string, args ...string) {
	t.Helper()
	before := listing(t, folder)
	code, out, errs := call(t, folder, args...)
	if code != want {
		t.Errorf("exit code %d, want %d", code, want)
	}
	if out != "" {
		t.Errorf("stdout is not empty: %q", out)
	}
	if !strings.HasPrefix(errs, "abide: ") || strings.Count(errs, "\n") != 1 {
		t.Errorf("not one message of one line: %q", errs)
	}
	if strings.Contains(errs, "internal error") || strings.Contains(errs, "goroutine") {
		t.Errorf("a panic: %s", errs)
	}
	for _, part := range parts {
		if !strings.Contains(errs, part) {
			t.Errorf("%q\nlacks %q", errs, part)
		}
	}
	if after := listing(t, folder); after != before {
		t.Errorf("left on the disk:\n%s\nbefore:\n%s", after, before)
	}
}

// listing names every file below a folder with its size; the cache's folders
// are abide's own business.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && path != folder && !strings.HasPrefix(path, filepath.Join(folder, "cache")) {
			b.WriteString(strings.TrimPrefix(path, folder) + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const dataSpec = `
[prior]
kind = "empirical"
data = "rows.csv"
`

// What is wrong with data, with formulas over their columns, or with the rows of
// constraints taken together is found before anything is written.
func TestBadInput(t *testing.T) {
	rows := "a,b\n1,2\n3,5\n4,4\n"
	gaussian := "[prior]\nkind = \"gaussian\"\nmean = [0, 0]\n"
	for _, c := range []struct {
		name, spec, data string
		want             []string
	}{
		{"no file", strings.Replace(dataSpec, "rows.csv", "none.csv", 1), rows, []string{"spec.toml:4:8: prior.data", "none.csv"}},
		{"a folder", strings.Replace(dataSpec, "rows.csv", "folder.csv", 1), rows, []string{"spec.toml:4:8: prior.data", "folder.csv"}},
		{"empty", dataSpec, "", []string{"prior.data", "rows.csv", "empty"}},
		{"header only", dataSpec, "a,b\n", []string{"prior.data", "rows.csv"}},
		{"one row", dataSpec, "a,b\n1,2\n", []string{"prior.data", "need at least 2"}},
		{"ragged", dataSpec, "a,b\n1,2\n3\n", []string{"prior.data", "rows.csv:3:"}},
		{"too wide", dataSpec, "a,b\n1,2\n3,4,5\n", []string{"prior.data", "rows.csv:3:"}},
		{"nan", dataSpec, "a,b\n1,2\n3,nan\n", []string{"prior.data", "rows.csv:3:", "b"}},
		{"infinite", dataSpec, "a,b\n1,2\ninf,4\n", []string{"prior.data", "rows.csv:3:", "a"}},
		{"blank cell", dataSpec, "a,b\n1,2\n,4\n5,6\n", []string{"prior.data", "rows.csv:3:", "a"}},
		{"a word", dataSpec, "a,b\n1,2\n3,4\nfive,6\n", []string{"prior.data", "rows.csv:4:", "five"}},
		{"only words", dataSpec, "a,b\nx,y\nz,w\n", []string{"prior.data", "rows.csv"}},
		{"equal names", dataSpec, "a,a\n1,2\n3,4\n", []string{"prior.data", "\"a\""}},
		{"open quote", dataSpec, "a,b\n\"1,2\n3,4\n", []string{"prior.data", "rows.csv"}},
		{"constant column", dataSpec, "a,b\n1,2\n1,4\n", []string{"prior.data", "\"a\" is constant", "leave it out"}},
		{"numbers too large", dataSpec, "a,b\n1e300,2\n2,4\n", []string{"prior.data", "\"a\" has numbers too large"}},
		{"column called logw", dataSpec, "a,logw\n1,2\n3,4\n", []string{"prior.columns", "rename it"}},
		{"binary", dataSpec, "\x00\x01\xff\xfe", []string{"prior.data", "rows.csv"}},
		{"no such column", dataSpec + "columns = [\"a\", \"bb\"]\n", rows, []string{"prior.data", "no column \"bb\"", "did you mean"}},
		{"not npy", strings.Replace(dataSpec, "rows.csv", "bad.npy", 1), rows, []string{"prior.data", "bad.npy"}},
		{"not npz", strings.Replace(dataSpec, "rows.csv", "bad.npz", 1), rows, []string{"prior.data", "bad.npz"}},
		{"formula: column", dataSpec + "[[constraint]]\nexpr = \"a + c <= 1\"\n", rows, []string{"spec.toml:6:13: constraint[0].expr", "c"}},
		{"formula: syntax", dataSpec + "[[constraint]]\nexpr = \"a + * b <= 1\"\n", rows, []string{"spec.toml:6:", "constraint[0].expr"}},
		{"formula: index", gaussian + "[[constraint]]\nexpr = \"x[2] <= 1\"\n", "", []string{"spec.toml:5:", "constraint[0].expr", "index 2 is out of range"}},
		{"formula: no relation", gaussian + "[[constraint]]\nexpr = \"x[0]\"\n", "", []string{"spec.toml:5:", "constraint[0].expr"}},
		{"formula: strict", gaussian + "[[constraint]]\nexpr = \"x[0] < 1\"\n", "", []string{"constraint[0].expr", "<="}},
		{"formula: function", gaussian + "[[potential]]\nkind = \"cost\"\nexpr = \"sine(x[0])\"\n", "", []string{"potential[0].expr", "sine"}},
		{"normal too long", gaussian + "[[constraint]]\nkind = \"half-space\"\nnormal = [1, 2, 3]\noffset = 1\n", "", []string{"spec.toml:6:", "constraint[0].normal"}},
		{"box: column", dataSpec + "[[constraint]]\nkind = \"box\"\nlower = 0\ncolumns = [\"c\"]\n", rows, []string{"constraint[0].columns[0]", "\"c\""}},
		{"fixed: index", gaussian + "[[constraint]]\nkind = \"fixed\"\nindex = [5]\nvalue = 1\n", "", []string{"constraint[0].index[0]", "5"}},
		{"mask: column", dataSpec + "[[potential]]\nkind = \"measurement\"\noperator = { kind = \"mask\", columns = [\"q\"] }\ny = [1]\nstd = 1\n", rows, []string{"potential[0].operator", "\"q\""}},
		{"contradiction", gaussian + "[[constraint]]\nname = \"low\"\nexpr = \"x[0] + x[1] <= 1\"\n[[constraint]]\nname = \"high\"\nexpr = \"x[0] + x[1] >= 2\"\n", "", []string{"spec.toml:7:", "x[0] + x[1] <= 1", "x[0] + x[1] >= 2", "relax or remove"}},
		{"contradiction of three", gaussian + "[[constraint]]\nexpr = \"x[0] >= 1\"\n[[constraint]]\nexpr = \"x[1] >= 1\"\n[[constraint]]\nexpr = \"x[0] + x[1] <= 1\"\n", "", []string{"spec.toml:", "x[0] >= 1", "x[1] >= 1", "x[0] + x[1] <= 1"}},
		{"redundant equations", gaussian + "[[constraint]]\nexpr = \"x[0] + x[1] == 1\"\n[[constraint]]\nexpr = \"2*x[0] + 2*x[1] == 2\"\n", "", []string{"spec.toml:", "x[0] + x[1] == 1", "2*x[0] + 2*x[1] == 2"}},
		{"tolerance below rounding", gaussian + "[[constraint]]\nexpr = \"1e12*x[0] <= 1\"\ntolerance = 1e-12\n", "", []string{"spec.toml:", "tolerance"}},
		{"method without rows", gaussian + "[method]\nkind = \"project\"\n", "", []string{"spec.toml:5:", "method.kind", "needs a constraint"}},
		{"bridge and process", gaussian + "[sampler]\nkind = \"euler-maruyama\"\ngrid = [10, 1]\n", "", []string{"spec.toml:5:", "sampler.kind"}},
		{"drift without a bound", gaussian + "[sampler]\nkind = \"euler-maruyama\"\nprocess = { kind = \"flow\" }\n", "", []string{"spec.toml:5:", "sampler.kind", "infinite at time 1"}},
		{"a = 1 wanted", gaussian + "[sampler]\nkind = \"heun\"\nprocess = { kind = \"vp\" }\n", "", []string{"spec.toml:5:", "sampler.kind", "edm or ve"}},
		{"chain for particles", gaussian + "[sampler]\nkind = \"langevin\"\n", "", []string{"spec.toml:5:", "sampler.kind", "one noise level"}},
		{"trajectory of particles", gaussian + "[run]\ntrajectory = true\n", "", []string{"spec.toml:5:", "run.trajectory", "drawn anew"}},
		{"nothing held out", strings.Replace(dataSpec, "empirical", "diffusion", 1), rows, []string{"prior.holdout", "3 rows leave 3 to train on and 0 to measure with"}},
		{"condition that differs by rounding", strings.Replace(dataSpec, "empirical", "diffusion", 1) + "holdout = 0\ncondition = [\"b\"]\n", "a,b\n1,0.1\n2,0.1\n4,0.1\n5,0.1\n7,0.1\n9,0.1\n", []string{"spec.toml:6:14: prior.condition", "\"b\" is constant"}},
		{"backend", gaussian + "[run]\nbackend = \"gpu\"\n", "", []string{"spec.toml:5:", "run.backend", "go, xla, auto"}},
		{"too many samples", gaussian + "[run]\nsamples = 999999999\n", "", []string{"spec.toml:5:", "run.samples", "memory"}},
		{"axis", gaussian + "[report]\nx = \"x[0]\"\ny = \"x[9]\"\n", "", []string{"spec.toml:6:", "report.y"}},
		{"data to compare", gaussian + "columns = [\"a\", \"c\"]\n[report]\ndata = \"rows.csv\"\n", rows, []string{"spec.toml:6:", "report.data", "\"c\""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, "spec.toml"), c.spec)
			write(t, filepath.Join(folder, "rows.csv"), c.data)
			write(t, filepath.Join(folder, "bad.npy"), "\x93NUMPY but not really")
			write(t, filepath.Join(folder, "bad.npz"), "PK but not really")
			if err := os.Mkdir(filepath.Join(folder, "folder.csv"), 0o755); err != nil {
				t.Fatal(err)
			}
			refused(t, folder, exitUsage, c.want, "run", "spec.toml")
			refused(t, folder, exitUsage, c.want, "check", "spec.toml")
		})
	}
}

// Faults of overrides name the override.
func TestBadOverrides(t *testing.T) {
	for _, c := range []struct{ override, want string }{
		{"run.samples", "has no ="},
		{"run.samples=many", "run.samples"},
		{"run.samples=0", "run.samples"},
		{"sampler.stepz=3", `did you mean "steps"`},
		{"constraint[3].offset=1", "constraint[3].offset"},
		{"=1", "override"},
		{"method.kind=[project,twisted", "method.kind"},
		{"method.particles=10", "fewer than run.samples"},
	} {
		t.Run(c.override, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, "spec.toml"), "[prior]\nkind = \"gaussian\"\nmean = [0]\n")
			refused(t, folder, exitUsage, []string{"override ", c.override, c.want}, "run", "spec.toml", c.override)
		})
	}
}

// A place where no folder can be made, for any user: under a file, and on one.
func TestUnwritableFolder(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "spec.toml"), "[prior]\nkind = \"gaussian\"\nmean = [0]\n")
	refused(t, folder, exitFailed, []string{"spec.toml", "choose a writable place with --out"}, "run", "spec.toml", "--out", "spec.toml/run")
	refused(t, folder, exitFailed, []string{"spec.toml is there already"}, "run", "spec.toml", "--out", "spec.toml", "--force")
	refused(t, folder, exitFailed, []string{"--out"}, "demo", "--out", "spec.toml/demo")
	refused(t, folder, exitFailed, []string{"no unfinished run"}, "run", "spec.toml", "--resume")
	refused(t, folder, exitUsage, []string{"nowhere.toml"}, "run", "nowhere.toml")
	refused(t, folder, exitUsage, []string{"."}, "run", ".")
}
