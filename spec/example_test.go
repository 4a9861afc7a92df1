package spec_test

import (
	"fmt"

	"abide/spec"
)

func ExampleParse() {
	src := []byte(`
[prior]
kind = "gaussian"
mean = [0, 0]
[[constraint]]
expr = "x[0] + x[1] <= 1"
`)
	s, err := spec.Parse("two.toml", src, []string{"method.kind=project", "run.samples=500"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Method.Kind, s.Run.Int("samples"), s.Constraints[0].String("expr"))

	_, err = spec.Parse("two.toml", src, []string{"run.sampels=500"})
	fmt.Println(err)
	// Output:
	// project 500 x[0] + x[1] <= 1
	// override "run.sampels=500": run.sampels: unknown key; allowed: samples, seed, backend, dtype, workers, chunk, trajectory; did you mean "samples"?
}

func ExampleSweep() {
	runs, err := spec.Sweep([]string{"method.kind=[project,twisted-smc]", "run.seed=[0,1]"})
	fmt.Println(runs, err)
	// Output:
	// [[method.kind=project run.seed=0] [method.kind=project run.seed=1] [method.kind=twisted-smc run.seed=0] [method.kind=twisted-smc run.seed=1]] <nil>
}
