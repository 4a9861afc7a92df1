// Package guide holds guidance: maps from a denoiser to a denoiser that lean
// the clean estimate towards potentials.
package guide

import (
	"abide/internal/engine"
	"abide/prior"
)

// Guide makes a guided denoiser. Its graph gradient runs through the original.
type Guide interface {
	Guide(d prior.Denoiser) prior.Denoiser
}

// Energy is E of sampler coordinates u [N, d] → [N], as a graph.
type Energy func(u *engine.Node) *engine.Node
