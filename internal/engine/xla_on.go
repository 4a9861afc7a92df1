//go:build xla

package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
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
		if err := oneKernelAtATime(path); err != nil {
			return nil, fmt.Errorf("engine: xla: reading plug-in %s: %w", path, err)
		}
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

// sequential tells XLA's CPU compiler to order kernels for the cache instead of
// for running several at once: the kernels of a network keep all cores busy by
// themselves, and handing small ones to other threads costs more than they do
// (6 to 8 % of the 64 steps of bench/engine's job (a)).
const sequential = "xla_cpu_enable_concurrency_optimized_scheduler"

// oneKernelAtATime sets the flag where the plug-in knows it: an unknown one would
// end the process. What the user says of it in XLA_FLAGS counts.
func oneKernelAtATime(plugin string) error {
	flags := os.Getenv("XLA_FLAGS")
	if strings.Contains(flags, sequential) {
		return nil
	}
	known, err := contains(plugin, sequential)
	if err != nil || !known {
		return err
	}
	return os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" --"+sequential+"=false"))
}

// contains says whether a file holds a text; it reads the file in pieces.
func contains(path, text string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	buffer := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := f.Read(buffer[kept:])
		if bytes.Contains(buffer[:kept+n], []byte(text)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		end := kept + n
		kept = copy(buffer, buffer[max(0, end-len(text)+1):end])
	}
}
