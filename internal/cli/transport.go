package cli

import "abide/spec"

// checkTransport refuses what a flow of optimal transport cannot carry: its points
// on the way are no data with independent noise, so that there is no denoiser, no
// score and no covariance, only the flow itself.
func checkTransport(s *spec.Spec) error {
	if s.Prior.Kind != "flow" || s.Prior.String("coupling") != "ot" {
		return nil
	}
	if k := s.Method.Kind; k != "none" && k != "project" {
		return s.Prior.Errorf("coupling", "a flow of optimal transport has no denoiser, which method %q needs; allowed: coupling = independent, or method.kind = none, project", k)
	}
	if k := s.Sampler.Kind; !(k == "heun" || k == "ddim" && s.Sampler.Float("eta") == 0) {
		return s.Prior.Errorf("coupling", "a flow of optimal transport has no score, which sampler %q needs; allowed: coupling = independent, or sampler.kind = heun, ddim with eta = 0", k)
	}
	return nil
}
