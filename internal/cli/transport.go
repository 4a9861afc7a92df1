package cli

import "abide/spec"

// isTransport tells whether a prior is a flow of optimal transport.
func isTransport(b *spec.Block) bool { return b.Kind == "flow" && b.String("coupling") == "ot" }

// checkTransport refuses what a flow of optimal transport cannot carry: its points
// on the way are no data with independent noise, so that there is no denoiser, no
// score and no covariance, only the flow itself.
func checkTransport(s *spec.Spec) error {
	if !isTransport(s.Prior) {
		return nil
	}
	if k := s.Method.Kind; k != "none" && k != "project" {
		return s.Prior.Errorf("coupling", "a flow of optimal transport has no denoiser, which method %q needs; allowed: coupling = independent, or method.kind = none, project", k)
	}
	b, key := s.Sampler, ""
	switch b.Kind {
	case "ode", "dormand-prince", "dpm-solver++":
	case "euler", "heun":
		if b.Float("churn") > 0 {
			key = "churn"
		}
	case "ddim":
		if b.Float("eta") > 0 {
			key = "eta"
		}
	default:
		return s.Prior.Errorf("coupling", "a flow of optimal transport has no score, which sampler %q needs; allowed: coupling = independent, or sampler.kind = ode, dormand-prince, dpm-solver++, heun, euler, ddim", b.Kind)
	}
	if key == "" && b.Int("corrector_steps") > 0 {
		key = "corrector_steps"
	}
	if key != "" {
		return b.Errorf(key, "adds noise by a score, which a flow of optimal transport does not have; allowed: %s = 0, or prior.coupling = independent", key)
	}
	return nil
}
