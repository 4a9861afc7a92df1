// Package onnx reads networks that other frameworks exported as ONNX and builds
// them as graphs, so that gradients pass through them.
//
// It is an interpreter of its own and not an importer library around ours, for
// three reasons: every operator below has a gradient that was compared with its
// source framework's (the engine's convolution, pooling, padding and resizing
// are not used: some of their gradients are missing, some wrong); shapes are
// computed on the host while the graph is built, which operators such as
// GroupNormalization exported as Reshape–InstanceNormalization–Reshape need; and
// a file is never believed: what it claims is compared with what it holds before
// memory is taken.
//
// Semantics are those of the ONNX operator specification, opset 7 to 24, of
// inference, in the default domain. An operator that is not in the table is an
// error with its name when the file is read, never a wrong number.
package onnx
