package engine

import (
	"fmt"

	"github.com/gomlx/compute"
)

// inputs are the device buffers of one call's inputs. They are kept for the next
// call of the same shapes where the backend shares the host's memory: making and
// destroying them costs XLA as much as a small network's first layer.
type inputs struct {
	buffers []compute.Buffer
	flat    []any // the memory behind each buffer, where it is shared
}

// take returns the buffers of a call that is over, or new, empty ones.
func (c *compiled) take() *inputs {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.idle); n > 0 {
		s := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return s
	}
	return &inputs{}
}

// give returns buffers that nothing reads any more.
func (c *compiled) give(s *inputs) {
	if len(s.flat) == 0 {
		s.finalize()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, s)
}

// fill copies the arrays of a call to the buffers, making those that are missing.
func (s *inputs) fill(e *Engine, dtype DType, in []Array) error {
	for i, a := range in {
		if i < len(s.flat) {
			a.write(s.flat[i])
			continue
		}
		b, flat, err := e.upload(dtype, a)
		if err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		s.buffers = append(s.buffers, b)
		if flat != nil {
			s.flat = append(s.flat, flat)
		}
	}
	return nil
}

func (s *inputs) finalize() {
	for _, b := range s.buffers {
		b.Finalize() // an error means that the backend is gone, and the buffer with it
	}
}
