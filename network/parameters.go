package network

import (
	"math"

	"abide/internal/engine"
)

// parameters lists the weights of a network while its layers are put together,
// and adds up its [Cost]. No memory is taken for values until fill, so that a
// hostile architecture can be measured first.
type parameters struct {
	list []parameter
	cost Cost
	next int // stream of the next weights, when not their place in the list
}

type parameter struct {
	weights *engine.Weights
	stream  int
	std     float64 // of the initial values; 0: all are start
	start   float32
}

// stream names the keyed stream of the weights that are added next.
func (p *parameters) stream(i int) *parameters {
	p.next = i + 1
	return p
}

// normal adds weights that start as N(0, std²).
func (p *parameters) normal(name string, std float64, dims ...int) *engine.Weights {
	return p.add(parameter{weights: &engine.Weights{Name: name, Shape: dims}, std: std})
}

// constant adds weights that all start at one value.
func (p *parameters) constant(name string, start float32, dims ...int) *engine.Weights {
	return p.add(parameter{weights: &engine.Weights{Name: name, Shape: dims}, start: start})
}

func (p *parameters) add(q parameter) *engine.Weights {
	q.stream = len(p.list)
	if p.next > 0 {
		q.stream, p.next = p.next-1, 0
	}
	p.list = append(p.list, q)
	n := 1
	for _, d := range q.weights.Shape {
		n *= d
	}
	p.cost.Parameters += n
	return q.weights
}

// computes adds to the cost of one pass of one sample.
func (p *parameters) computes(flops, activation int) {
	p.cost.FLOPs += flops
	p.cost.Activation += activation
}

// Cost is what the network asks for.
func (p *parameters) Cost() Cost { return p.cost }

func (p *parameters) shapes() []Shape {
	var list []Shape
	for _, q := range p.list {
		list = append(list, Shape{q.weights.Name, q.weights.Shape})
	}
	return list
}

// fill makes the initial values from keyed streams of seed.
func (p *parameters) fill(seed uint64) {
	for _, q := range p.list {
		n := 1
		for _, d := range q.weights.Shape {
			n *= d
		}
		q.weights.Data = make([]float32, n)
		if q.std > 0 {
			fill(q.weights, q.std, seed, q.stream)
			continue
		}
		for j := range q.weights.Data {
			q.weights.Data[j] = q.start
		}
	}
}

// Weights lists all parameters in a fixed order.
func (p *parameters) Weights() []*engine.Weights {
	var all []*engine.Weights
	for _, q := range p.list {
		all = append(all, q.weights)
	}
	return all
}

// lecun is the standard deviation that keeps the variance of a sum of n inputs
// (LeCun, Bottou, Orr and Müller 1998, section 4.6).
func lecun(n int) float64 { return 1 / math.Sqrt(float64(n)) }
