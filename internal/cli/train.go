package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"abide/report"
	"abide/spec"
	"abide/train"
)

func (a *app) trainCommand() *cobra.Command {
	var f trainFlags
	var keys keyFlags
	cmd := &cobra.Command{
		Use:   "train SPEC [key=value…]",
		Short: "Train the diffusion or flow prior of a spec and write its network",
		Long: `Train the network of a diffusion or flow prior and write it, as safetensors with its settings, columns and
held-out loss, to the model that the spec names, or to --out. A training that was stopped
continues where it was; an unfinished one is kept in the cache (ABIDE_CACHE names another).`,
		Example: `  abide train examples/concrete/mix.toml
  abide train spec.toml prior.steps=5000 --out small.safetensors`,
		Args: needsSpec,
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.trainSpec(ctx, args[0], append(args[1:], keys.overrides()...), f)
		}),
	}
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "file to write (default: [prior] model, or the cache)")
	f.add(cmd)
	cmd.Flags().StringVar(&keys.backend, "backend", "", "go, xla or auto; the same as run.backend=…")
	return cmd
}

// trainedPrior is what `abide train --json` prints.
type trainedPrior struct {
	Model      string     `json:"model"`
	Parameters int        `json:"parameters"`
	FLOPs      int        `json:"flops_per_sample"`
	Card       train.Card `json:"card"`

	Folder string           `json:"folder"`
	Report *report.Training `json:"report"`
}

func (a *app) trainSpec(ctx context.Context, name string, overrides []string, f trainFlags) error {
	out := f.out
	if f.samples < 0 {
		return usage(fmt.Errorf("train: --samples %d: 0 for none, or how many to judge the prior by", f.samples))
	}
	text, err := a.source(name)
	if err != nil {
		return err
	}
	s, err := spec.Parse(name, text, overrides)
	if err != nil {
		return err
	}
	if !isTrained(s.Prior) {
		return s.Prior.Errorf("kind", "a prior of kind %q has nothing to train; allowed: diffusion, flow", s.Prior.Kind)
	}
	l, err := newLesson(s)
	if err != nil {
		return err
	}
	if f.samples > 0 { // what cannot be sampled is said before minutes are spent
		if _, err := newSettings(s); err != nil {
			return err
		}
	}
	e, err := openEngine(s)
	if err != nil {
		return err
	}
	if out == "" {
		out = s.Path(s.Prior.String("model"))
	}
	if out == "" {
		if out, err = a.cachePath(l.fingerprint); err != nil {
			return err
		}
	}
	if err := writable(out); err != nil {
		return err
	}
	log := f.log(name)
	m, err := a.train(ctx, e, l, out, log)
	if err != nil {
		return err
	}
	page, err := a.trainingPage(ctx, e, s, l, m, log, out, f.samples)
	if err != nil {
		return err
	}
	result := trainedPrior{Model: out, Parameters: m.Network.Cost().Parameters, FLOPs: m.Network.Cost().FLOPs, Card: m.Card, Folder: log.folder, Report: page}
	if a.json {
		return a.printJSON(result)
	}
	fmt.Fprintf(a.stdout, "%s\n  parameters      %d\n  FLOPs           %d per sample\n  rows            %d\n  held-out loss   %s at step %d\n  fingerprint     %s\n",
		filepath.Clean(out), result.Parameters, result.FLOPs, m.Card.Rows, lossText(m.Card.HeldoutLoss), m.Card.BestStep, m.Card.Fingerprint)
	return a.printTraining(page, log.folder)
}

// writable finds out, before minutes are spent on training, that a file cannot
// be written where it is wanted.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file: name another with --out", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".abide-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w: name another place with --out", path, err)
	}
	f.Close()
	return os.Remove(f.Name())
}
