package spec

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const base = `
[prior]
kind = "gaussian"
mean = [0, 0]
[[constraint]]
expr = "x[0] <= 1"
[[constraint]]
kind = "half-space"
normal = [1, 0]
offset = 1
[method]
kind = "twisted-smc"
particles = 5000
[sampler]
kind = "ddim"
eta = 0.5
process = { kind = "edm", rho = 5 }
`

// An override says what the same key in the file would say.
func TestOverrideEqualsFile(t *testing.T) {
	for _, c := range []struct{ override, old, new string }{
		{"run.samples=2000", "[sampler]", "[run]\nsamples = 2000\n[sampler]"},
		{"run.samples = 2000", "[sampler]", "[run]\nsamples = 2000\n[sampler]"},
		{"title=two words", "\n[prior]", "title = \"two words\"\n[prior]"},
		{"title=\"two words\"", "\n[prior]", "title = \"two words\"\n[prior]"},
		{"prior.mean=[1, 2]", "mean = [0, 0]", "mean = [1, 2]"},
		{"prior.mean[1]=2", "mean = [0, 0]", "mean = [0, 2]"},
		{"prior.columns=[a,'b']", "mean = [0, 0]", "mean = [0, 0]\ncolumns = [\"a\", \"b\"]"},
		{"constraint[1].offset=3", "offset = 1", "offset = 3"},
		{"constraint[0].expr=x[0] + x[1] == 1", `"x[0] <= 1"`, `"x[0] + x[1] == 1"`},
		{"constraint[0].expr=-x[0] <= 1", `"x[0] <= 1"`, `"-x[0] <= 1"`},
		{"sampler.process.rho=6", "rho = 5", "rho = 6"},
		{"sampler.process={kind = \"vp\"}", `{ kind = "edm", rho = 5 }`, `{ kind = "vp" }`},
		{"sampler.eta=1e-1", "eta = 0.5", "eta = 0.1"},
		{"method.rejuvenate=false", "particles = 5000", "particles = 5000\nrejuvenate = false"},
		{"report.rank=x[0] - max(x[1], 0)", "[sampler]", "[report]\nrank = \"x[0] - max(x[1], 0)\"\n[sampler]"},
		// A new kind drops the keys of the file that only the old one knew.
		{"method.kind=project", "kind = \"twisted-smc\"\nparticles = 5000", `kind = "project"`},
		{"sampler.kind=heun", "kind = \"ddim\"\neta = 0.5", `kind = "heun"`},
		{"sampler.process.kind=vp", `{ kind = "edm", rho = 5 }`, `{ kind = "vp" }`},
		{"constraint[1].kind=half-space", "", ""},
	} {
		changed := strings.Replace(base, c.old, c.new, 1)
		if changed == base && c.old != "" {
			t.Fatalf("%q is not in the spec", c.old)
		}
		if d := cmp.Diff(plain(mustParse(t, changed)), plain(mustParse(t, base, c.override))); d != "" {
			t.Errorf("%s (-file +override):\n%s", c.override, d)
		}
	}
	s := mustParse(t, base, "run.seed=1", "run.seed=2")
	if s.Run.Int("seed") != 2 {
		t.Errorf("the last override does not win: seed %d", s.Run.Int("seed"))
	}
}

func TestOverrideErrors(t *testing.T) {
	for _, c := range []struct{ override, want string }{
		{"run.sampels=5", `run.sampels: unknown key; allowed: samples, seed, backend, dtype, workers, chunk, trajectory; did you mean "samples"?`},
		{"runn.samples=5", `runn: unknown key;`},
		{"run.samples", `has no =; allowed: key=value`},
		{"run.samples=", `run.samples: has no value`},
		{"=3", `is no path of a key`},
		{"run..samples=3", `run..samples: is no path of a key`},
		{"constraint[x].offset=3", `constraint[x].offset: is no path of a key`},
		{"constraint[-1].offset=3", `is no path of a key`},
		{"constraint[0]offset=3", `is no path of a key`},
		{"constraint[0.offset=3", `is no path of a key`},
		{"run.samples=10k", `run.samples: is the text "10k"; allowed: an integer`},
		{"run.samples=1e3", `run.samples: is the number 1e3; allowed: an integer; did you mean "1000"?`},
		{"run.samples=-3", `run.samples: -3 is out of range`},
		{"run.samples=[1,2]", `run.samples: is a list of 2; allowed: an integer`},
		{"prior.mean=[0, 1", `prior.mean: "[0, 1" is no TOML value`},
		{"prior.mean={", `prior.mean: "{" is no TOML value`},
		{"prior.mean=[0,,1]", `prior.mean: has no value`},
		{"prior.mean[2]=1", `prior.mean[2]: the spec has 2 of prior.mean; allowed: places from 0 to 1`},
		{"prior[0].mean=1", `prior[0].mean: prior is no list; allowed: prior without [0]`},
		{"prior.kind.x=1", `prior.kind.x: prior.kind is the text "gaussian", not a block`},
		{"constraint.offset=3", `constraint.offset: constraint is a list; allowed: constraint[0] and so on`},
		{"constraint[7].offset=3", `constraint[7].offset: the spec has 2 of constraint; allowed: places from 0 to 1`},
		{"constraint[0].offset=3", `constraint[0].offset: unknown key for kind "formula" (it belongs to half-space)`},
		{"constraint[1].expr=x[0] <= 1", `constraint[1].expr: stands beside kind = "half-space"`},
		{"potential[0].weight=1", `potential[0].weight: the spec has no potential`},
		{"method.kind=projekt", `method.kind: "projekt" is no kind of method`},
		{"sampler.process.kind=ve", `sampler.process.sigma_min: is missing`},
		{"title=\xff", `is not UTF-8`},
		{"method.particles=10", `method.particles: 10 particles are fewer than run.samples = 1000`},
	} {
		_, err := Parse("s.toml", []byte(base), []string{c.override})
		if err == nil {
			t.Errorf("%q is accepted", c.override)
			continue
		}
		if got := err.Error(); !strings.Contains(got, c.want) || !(strings.HasPrefix(got, "override ") || strings.HasPrefix(got, "s.toml:")) {
			t.Errorf("%q: got %s\nwant %s", c.override, got, c.want)
		}
	}
	// A kind given by an override does not excuse a key given by another.
	if _, err := Parse("s.toml", []byte(base), []string{"method.particles=6000", "method.kind=project"}); err == nil || !strings.HasPrefix(err.Error(), `override "method.particles=6000": method.particles: unknown key`) {
		t.Errorf("got %v", err)
	}
}

func TestSweep(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want [][]string
	}{
		{nil, [][]string{nil}},
		{[]string{"run.seed=3"}, [][]string{{"run.seed=3"}}},
		{[]string{"method.kind=[project,twisted-smc]"}, [][]string{{"method.kind=project"}, {"method.kind=twisted-smc"}}},
		{[]string{"run.seed=[1, 2]", "title=a", "sampler.process.rho=[5,7]"}, [][]string{
			{"run.seed=1", "title=a", "sampler.process.rho=5"}, {"run.seed=1", "title=a", "sampler.process.rho=7"},
			{"run.seed=2", "title=a", "sampler.process.rho=5"}, {"run.seed=2", "title=a", "sampler.process.rho=7"},
		}},
		{[]string{"constraint[0].expr=[max(x[0], 1) <= 2, x[1] <= 1]"}, [][]string{{"constraint[0].expr=max(x[0], 1) <= 2"}, {"constraint[0].expr=x[1] <= 1"}}},
		{[]string{"sampler.process.kind=[\"vp\", 'edm',]"}, [][]string{{"sampler.process.kind=\"vp\""}, {"sampler.process.kind='edm'"}}},
		// Lists for keys that take lists, and what is no list or no key, stay as they are.
		{[]string{"prior.mean=[0,1]"}, [][]string{{"prior.mean=[0,1]"}}},
		{[]string{"prior.columns=[a,b]"}, [][]string{{"prior.columns=[a,b]"}}},
		{[]string{"constraint[0].lower=[0,1]"}, [][]string{{"constraint[0].lower=[0,1]"}}},
		{[]string{"run.seeds=[1,2]"}, [][]string{{"run.seeds=[1,2]"}}},
		{[]string{"run.seed=[]"}, [][]string{{"run.seed=[]"}}},
		{[]string{"run.seed=[1,2"}, [][]string{{"run.seed=[1,2"}}},
		{[]string{"nonsense"}, [][]string{{"nonsense"}}},
	} {
		got, err := Sweep(c.in)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Sweep(%q) = %q, %v\nwant %q", c.in, got, err, c.want)
		}
	}
	wide := "run.seed=[" + strings.Repeat("1,", 200) + "]"
	if _, err := Sweep([]string{wide, wide}); err == nil || !strings.Contains(err.Error(), "more than 10000 runs") {
		t.Errorf("40000 runs: %v", err)
	}
}
