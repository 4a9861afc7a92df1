package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openResults makes a folder of results that have settings in common. Where it holds
// some of others, those are told and same is false.
func openResults[S comparable](folder string, settings S) (old S, same bool, err error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return old, false, err
	}
	name := filepath.Join(folder, "settings.json")
	found, err := readResult(name, &old)
	if err != nil {
		return old, false, err
	}
	if !found {
		return settings, true, writeWhole(name, settings)
	}
	return old, old == settings, nil
}

// readResult reads a result into v, where there is one.
func readResult(name string, v any) (found bool, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, fmt.Errorf("bench: %s: %w: remove it to run it again", name, err)
	}
	return true, nil
}

// writeWhole writes a file so that it is there in full or not at all.
func writeWhole(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	part := name + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(part, name)
}
