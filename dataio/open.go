package dataio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openRegular opens a file for reading and returns its size. Folders, devices
// and pipes are refused: their size says nothing about what they hold.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("dataio: %s: no such file%s; check the path: %w", path, neighbour(path), fs.ErrNotExist)
	case err != nil:
		return nil, 0, fmt.Errorf("dataio: %s: cannot be read; check path and permissions: %w", path, err)
	case info.IsDir():
		return nil, 0, fmt.Errorf("dataio: %s: is a folder; name a file in it", path)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("dataio: %s: is a device or pipe; copy its content to a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("dataio: %s: cannot be read; check its permissions: %w", path, err)
	}
	return f, info.Size(), nil
}

// neighbour suggests a file of the same folder with nearly the same name.
func neighbour(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Sprintf(" (nor a folder %s)", filepath.Dir(path))
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return didYouMean(filepath.Base(path), names)
}
