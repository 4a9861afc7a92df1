package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"abide/dataio"
	"abide/internal/engine"
	"abide/prior"
	"abide/spec"
	"abide/train"
)

// trained gives the prior of a spec its network: the model beside the spec where
// it was made from the same data and settings, else one from the cache, else one
// trained now, which then stands in the cache.
func (a *app) trained(ctx context.Context, e *engine.Engine, s *spec.Spec, p *prior.Prior) (*prior.Prior, error) {
	if p.Kind == "onnx" {
		return p, a.checkImported(e, s, p)
	}
	if !isTrained(s.Prior) {
		return p, nil
	}
	l, err := newLesson(s)
	if err != nil {
		return nil, err
	}
	if far := l.beyond(); far != "" {
		a.note("prior: warning: %s: the network extrapolates", far)
	}
	m, why, err := shipped(s, p.Fingerprint)
	if err != nil {
		return nil, err
	}
	if m == nil {
		cache, err := a.cachePath(p.Fingerprint)
		if err != nil {
			return nil, err
		}
		if m, err = train.ReadMatching(cache, p.Fingerprint); err != nil {
			return nil, fmt.Errorf("%w (or remove that file)", err)
		}
		if m != nil {
			a.note("prior: the network trained before, from the cache %s", cache)
		} else {
			a.note("prior: %s: training anew (%d steps); it is kept in %s", why, l.settings.Steps, filepath.Dir(cache))
			if m, err = a.train(ctx, e, l, cache, &trainingLog{every: checkpointEvery}); err != nil {
				return nil, err
			}
		}
	} else {
		a.note("prior: the network %s", s.Path(s.Prior.String("model")))
	}
	out, err := l.prior(m)
	if err != nil {
		return nil, err
	}
	if s.Run.Has("dtype") {
		out.DType = p.DType
	}
	return out, nil
}

// shipped reads the model that a spec names; nil, and why, where it does not fit.
func shipped(s *spec.Spec, fingerprint string) (*train.Model, string, error) {
	path := s.Path(s.Prior.String("model"))
	if path == "" {
		return nil, "no network of this data and these settings is at hand", nil
	}
	m, err := train.ReadMatching(path, fingerprint)
	if err != nil {
		return nil, "", s.Prior.Errorf("model", "%v", err)
	}
	if _, err := os.Stat(path); err != nil {
		return m, path + " is not there", nil
	}
	return m, "spec or data differ from " + path, nil
}

// cachePath is where the network of a fingerprint is kept; the folder is made.
func (a *app) cachePath(fingerprint string) (string, error) {
	folder := a.getenv("ABIDE_CACHE")
	if folder == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("cache: %w: name a folder in ABIDE_CACHE", err)
		}
		folder = filepath.Join(user, "abide")
	}
	folder = filepath.Join(folder, "priors")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("cache: %w: name a writable folder in ABIDE_CACHE", err)
	}
	return filepath.Join(folder, fingerprint+".safetensors"), nil
}

// train fits a network and writes it to path. A training that was stopped
// before continues from its checkpoint in the cache.
func (a *app) train(ctx context.Context, e *engine.Engine, l *lesson, path string, log *trainingLog) (*train.Model, error) {
	cache, err := a.cachePath(l.fingerprint)
	if err != nil {
		return nil, err
	}
	t, err := l.trainer(e)
	if err != nil {
		return nil, usage(err)
	}
	a.note("network of %s; %d rows of %d columns%s; %d steps",
		t.Network.Cost().Describe(l.settings.Batch, l.numberBytes()), l.table.Rows, l.at.Dim(), l.givenText(), l.settings.Steps)
	c := &trainingCheckpoint{path: strings.TrimSuffix(cache, ".safetensors") + ".training.safetensors", key: l.fingerprint, trainer: t, every: log.every}
	from := -1
	if c.resume() {
		from = t.Step()
		a.note("training continues from its checkpoint %s", c.path)
	}
	defer log.close()
	if err := log.open(c.path, from); err != nil {
		return nil, err
	}
	bar := a.progress("training", l.settings.Steps)
	err = t.Run(ctx, func(at train.Progress, _ *train.State) error {
		bar.at(at.Step, "  held-out loss "+lossText(at.Heldout)+", best "+lossText(at.Best))
		if err := log.add(at); err != nil { // before the checkpoint, which must not know more than the curve
			return err
		}
		return c.due()
	})
	bar.end()
	if errors.Is(err, context.Canceled) {
		if err := c.save(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("training stopped; give the same command again to continue from %s", c.path)
	}
	if err != nil {
		return nil, err
	}
	m := t.Model(l.table, l.at)
	if err := dataio.WriteFile(path, m.Write); err != nil {
		return nil, err
	}
	c.remove()
	log.finish()
	a.note("trained on %d rows: held-out loss %s at step %d of %d; wrote %s", m.Card.Rows, lossText(m.Card.HeldoutLoss), m.Card.BestStep, l.settings.Steps, path)
	return m, nil
}

// lossText is a held-out loss for people; without held-out rows there is none.
func lossText(v float64) string {
	if v == -1 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "not measured"
	}
	return fmt.Sprintf("%.4f", v)
}
