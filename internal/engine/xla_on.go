//go:build xla

package engine

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gomlx/go-xla/compute/xla"
)

// HasXLA says whether this binary was built with the XLA backend.
const HasXLA = true

var openXLA = sync.OnceValues(func() (*Engine, error) {
	path, looked := FindPlugin()
	if path == "" {
		return nil, fmt.Errorf("engine: xla: no PJRT plug-in among %s: %s", strings.Join(looked, ", "), PluginAdvice)
	}
	if strings.Contains(path, ",") {
		return nil, fmt.Errorf("engine: xla: plug-in %q: a comma in the path would be read as an option: move it", path)
	}
	// An absolute path never downloads; the switch makes sure nothing else does.
	xla.EnableAutoInstall(false)
	b, err := xla.New(path)
	if err != nil {
		return nil, fmt.Errorf("engine: xla: loading plug-in %s: %w", path, err)
	}
	return &Engine{name: "xla", backend: b}, nil
})
