//go:build xla

package engine

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// HasXLA says whether this binary was built with the XLA backend.
const HasXLA = true

var openXLA = sync.OnceValues(func() (*Engine, error) {
	path, looked := FindPlugin()
	switch {
	case path == "" && len(looked) == 1:
		return nil, fmt.Errorf("engine: xla: %s, named by %s, is no file: %s", looked[0], PluginVariable, PluginAdvice)
	case path == "":
		return nil, fmt.Errorf("engine: xla: no PJRT plug-in in the %d places looked at: %s", len(looked), PluginAdvice)
	case strings.Contains(path, ","):
		return nil, fmt.Errorf("engine: xla: plug-in %q: what follows the comma would be read as an option: move the file", path)
	}
	// An absolute path never downloads; the switch makes sure nothing else does.
	xla.EnableAutoInstall(false)
	// Plug-ins for the CPU may offer several devices and start a thread for each,
	// even where there are fewer cores; abide uses one device.
	var options pjrt.NamedValuesMap
	if strings.Contains(strings.ToLower(path), "cpu") {
		options = pjrt.NamedValuesMap{"cpu_device_count": int64(1)}
	}
	b, err := xla.NewWithOptions(path, options)
	if err != nil && options != nil {
		b, err = xla.NewWithOptions(path, nil) // one that does not know the option
	}
	if err != nil {
		return nil, fmt.Errorf("engine: xla: loading plug-in %s: %w", path, err)
	}
	return &Engine{name: "xla", backend: b}, nil
})
