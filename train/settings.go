package train

import (
	"fmt"
	"math"

	"abide/internal/engine"
	"abide/network"
)

// Settings of a training run; they are part of the prior's fingerprint. The zero
// value of what is optional is the choice named first.
type Settings struct {
	Network   network.Architecture // shape and condition are those of the data
	Condition []Condition          `json:",omitempty"` // columns that are given instead of sampled
	Drop      float64              `json:",omitempty"` // how often a training row is shown without its condition

	Objective string `json:",omitempty"` // edm, denoising, implicit, sliced or flow
	Output    string `json:",omitempty"` // what the network predicts: edm, noise, x0, v or score; flow: always the velocity
	Weighting string `json:",omitempty"` // of noise levels: edm, noise, x0, likelihood
	Levels    string `json:",omitempty"` // which levels training draws: log-normal, vp or ve; flow: uniform or logit-normal
	Coupling  string `json:",omitempty"` // flow: independent or ot

	Physics Physics `json:",omitzero"` // laws trained for, beside the data

	Steps, Batch int     // optimiser steps, samples per step
	LearningRate float64 // the largest
	Schedule     string  `json:",omitempty"` // after the warm-up: cosine (to zero) or constant
	Warmup       float64 // share of the steps in which the rate rises linearly
	Clip         float64 `json:",omitempty"` // largest norm of the gradient of all weights; 0: any
	EMA          float64 // decay of the averaged weights, which are the ones used
	WeightDecay  float64 // AdamW; 0 is Adam
	Standardise  string  `json:",omitempty"` // of the points: columns, each by its own scale, or all by one
	DType        string  `json:",omitempty"` // float32 or float64, of weights, moments and arithmetic
	Holdout      float64 // fraction of the rows kept to measure the loss
	Patience     int     // stop after so many evaluations without improvement and keep the best weights; 0: train to the end and keep the last
	Every        int     // steps between measurements of the held-out loss; 0: an eightieth of the steps, at least 50
	Seed         uint64
}

// Architecture of the network for rows of d columns.
func (s Settings) Architecture(d int) network.Architecture {
	a := s.Network
	if len(a.Shape) == 0 {
		a.Shape = []int{d}
	}
	a.Condition = features(s.Condition)
	return a
}

// Check says what is wrong with settings for rows of d columns.
func (s Settings) Check(d int) error {
	a := s.Architecture(d)
	if a.Dim() != d {
		return fmt.Errorf("train: a network for points of shape %v, which is %d numbers; the data have %d columns", a.Shape, a.Dim(), d)
	}
	if _, err := s.objective(d); err != nil {
		return err
	}
	for _, c := range s.Condition {
		if err := c.check(); err != nil {
			return err
		}
	}
	return a.Check()
}

func (s Settings) every() int {
	if s.Every > 0 {
		return s.Every
	}
	return max(50, s.Steps/80)
}

func (s Settings) dtype() engine.DType {
	if s.DType == "float64" {
		return engine.Float64
	}
	return engine.Float32
}

// rate is the learning rate of a step: linear warm-up, then a cosine to zero or
// a constant.
func (s Settings) rate(step int) float64 {
	total, k := float64(s.Steps), float64(step)
	warm := math.Ceil(s.Warmup * total)
	switch {
	case k < warm:
		return s.LearningRate * (k + 1) / warm
	case s.Schedule == "constant":
		return s.LearningRate
	}
	return s.LearningRate * 0.5 * (1 + math.Cos(math.Pi*(k-warm)/(total-warm)))
}

// Progress is reported after every evaluation of the held-out loss.
type Progress struct {
	Step, Steps   int
	Loss, Heldout float64 // mean training loss since the last report; held-out loss of the averaged weights, NaN without held-out rows
	Best          float64 // the held-out loss of the weights that are kept so far
	BestStep      int
	LearningRate  float64 // of the last step
	GradientNorm  float64 // of the last step, before clipping
	Speed         float64 // samples per second since the last report or the start
}

// State is everything training needs to continue to the identical result.
// Arrays are of the precision of the training.
type State struct {
	Step             int
	Weights, M, V    []engine.Array // parameters and Adam moments
	Average, Best    []engine.Array // averaged weights, and the best of them by held-out loss
	BestLoss         float64
	BestStep, Waited int
	LossSum          float64 // since the last report
	Losses           int     // how many it is the sum of
}
