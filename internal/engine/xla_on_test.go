//go:build xla

package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The text is found wherever the pieces of the file end, and nowhere else.
func TestContainsAcrossPieces(t *testing.T) {
	const piece, text = 1 << 20, "needle"
	path := filepath.Join(t.TempDir(), "file")
	for at := piece - len(text) - 1; at <= piece+1; at++ {
		content := bytes.Repeat([]byte{'n'}, 2*piece)
		copy(content[at:], text)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for wanted, expect := range map[string]bool{text: true, "needless": false} {
			if got, err := contains(path, wanted); err != nil || got != expect {
				t.Errorf("%q at %d: found %v, %v", wanted, at, got, err)
			}
		}
	}
}
