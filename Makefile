# Ordinary commands, with what makes them fast: SIMD kernels in the pure-Go
# engine, and no cgo, so that the binary is static. `go run ./cmd/abide …` and
# `go test ./...` work as well.

GO    ?= go
FAST  := CGO_ENABLED=0 GOEXPERIMENT=simd

.PHONY: build run demo test build-xla bench lint clean

build:
	$(FAST) $(GO) build -o bin/abide ./cmd/abide

run: build
	bin/abide run examples/concrete/mix.toml

demo: build
	bin/abide demo

test:
	$(FAST) $(GO) test -timeout 20m ./...

# The XLA backend needs cgo, a C compiler and a PJRT plug-in; `abide doctor` says which was found.
build-xla:
	CGO_ENABLED=1 $(GO) build -tags xla -o bin/abide-xla ./cmd/abide

bench:
	$(FAST) $(GO) test -run '^$$' -bench . -benchmem ./bench/...

lint:
	$(FAST) $(GO) vet ./...
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt these files:"; echo "$$out"; exit 1; fi

clean:
	rm -rf bin runs abide-demo
