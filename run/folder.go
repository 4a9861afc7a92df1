package run

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func open(path string) (fs.File, error) { return os.Open(path) }

// Unfinished is what the name of a run folder in the making ends with.
const Unfinished = ".partial"

const eventsName = "events.jsonl"

// Folder is a run folder in the making: everything is written to
// "<name>.partial", which takes its name when the run is done.
type Folder struct {
	Name    string
	partial string
	events  *os.File
}

// Create opens the folder in the making. An unfinished one is continued with
// resume, discarded with restart, and otherwise refused; a finished one of that
// name is refused unless force, and what is no run folder is never replaced.
func Create(name string, resume, restart, force bool) (*Folder, error) {
	f := &Folder{Name: filepath.Clean(name), partial: filepath.Clean(name) + Unfinished}
	if _, err := os.Lstat(f.Name); err == nil {
		if !replaceable(f.Name) {
			return nil, fmt.Errorf("run: %s is there already and is no run folder: choose another with --out", f.Name)
		}
		if !force {
			return nil, fmt.Errorf("run: folder %s is there already: choose another with --out, or replace it with --force", f.Name)
		}
	}
	_, err := os.Stat(f.partial)
	unfinished := err == nil
	switch {
	case unfinished && restart:
		if err := os.RemoveAll(f.partial); err != nil {
			return nil, fmt.Errorf("run: discarding %s: %w", f.partial, err)
		}
	case unfinished && !resume:
		return nil, fmt.Errorf("run: an unfinished run is in %s: continue it with --resume or discard it with --restart", f.partial)
	case !unfinished && resume:
		return nil, fmt.Errorf("run: there is no unfinished run %s to resume", f.partial)
	}
	if err := os.MkdirAll(f.partial, 0o755); err != nil {
		return nil, fmt.Errorf("run: making the run folder: %w: choose a writable place with --out", err)
	}
	f.events, err = os.OpenFile(f.Path(eventsName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		f.Discard()
		return nil, fmt.Errorf("run: making the run folder: %w: choose a writable place with --out", err)
	}
	return f, nil
}

// replaceable says whether a folder is a run's, known by its events, or empty:
// nothing else may be removed to make place for a run.
func replaceable(name string) bool {
	if _, err := os.Stat(filepath.Join(name, eventsName)); err == nil {
		return true
	}
	files, err := os.ReadDir(name)
	return err == nil && len(files) == 0
}

// Path is where a file of the folder is written.
func (f *Folder) Path(file string) string { return filepath.Join(f.partial, file) }

// Event appends to events.jsonl.
func (f *Folder) Event(e Event) {
	line, err := json.Marshal(e)
	if err == nil {
		f.events.Write(append(line, '\n'))
	}
}

// Finish drops the checkpoint and gives the folder its name.
func (f *Folder) Finish() error {
	f.events.Close()
	if err := os.RemoveAll(f.Path(checkpointName)); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if err := os.RemoveAll(f.Name); err != nil {
		return fmt.Errorf("run: replacing %s: %w", f.Name, err)
	}
	if err := os.Rename(f.partial, f.Name); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

// Close leaves the folder unfinished, with its checkpoint, for a later resume.
// A folder without a checkpoint is removed: nothing half-written stays.
func (f *Folder) Close() {
	f.events.Close()
	if _, err := os.Stat(f.Path(checkpointName)); err != nil {
		os.RemoveAll(f.partial)
	}
}

// Discard removes the folder in the making.
func (f *Folder) Discard() {
	if f.events != nil {
		f.events.Close()
	}
	os.RemoveAll(f.partial)
}

// Next is the first of base, base-2, base-3, … that no finished run has taken.
func Next(base string) string {
	name := base
	for i := 2; ; i++ {
		if _, err := os.Stat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, i)
	}
}
