package cli

import (
	"io"
	"os"
	"time"

	"abide/dataio"
	"abide/train"
)

// trainingCheckpoint keeps the state of a training in the cache.
type trainingCheckpoint struct {
	path    string
	key     string // the fingerprint of data and settings
	trainer *train.Trainer
	saved   time.Time
	every   time.Duration // least time between two checkpoints
}

// checkpointEvery is the least time between two checkpoints of a training, where
// nothing else is asked for.
const checkpointEvery = 5 * time.Second

// resume continues from the checkpoint, where there is one that can be used; one
// that cannot is as good as none, since training starts again from nothing.
func (c *trainingCheckpoint) resume() bool {
	c.saved = time.Now()
	f, err := os.Open(c.path)
	if err != nil {
		return false
	}
	defer f.Close()
	return c.trainer.Resume(f, c.key) == nil
}

// due saves when the last checkpoint is old enough.
func (c *trainingCheckpoint) due() error {
	if time.Since(c.saved) < c.every {
		return nil
	}
	return c.save()
}

func (c *trainingCheckpoint) save() error {
	c.saved = time.Now()
	return dataio.WriteFile(c.path, func(w io.Writer) error { return c.trainer.Save(w, c.key) })
}

// remove drops the checkpoint of a finished training.
func (c *trainingCheckpoint) remove() { os.Remove(c.path) }
