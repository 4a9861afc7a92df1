package dataio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// npyMagic opens every npy file; two bytes of version follow, then the length
// of the header (2 bytes in version 1, 4 in versions 2 and 3, little-endian)
// and the header, a Python dictionary. Format: NumPy Enhancement Proposal 1
// (R. Kern, 2007) and numpy.lib.format.
const npyMagic = "\x93NUMPY"

// maxNPYHeader bounds a header; real ones have about a hundred bytes.
const maxNPYHeader = 1 << 20

type npyHeader struct {
	element element
	fortran bool
	shape   []int
	bytes   int // of magic, version, length and header together
}

func readNPYHeader(r io.Reader) (npyHeader, error) {
	start := make([]byte, len(npyMagic)+2)
	if _, err := io.ReadFull(r, start); err != nil {
		return npyHeader{}, truncated(err)
	}
	if string(start[:len(npyMagic)]) != npyMagic {
		return npyHeader{}, errors.New("not an npy file: it does not begin with \\x93NUMPY; write it with numpy.save")
	}
	width := 4
	switch version := start[len(npyMagic)]; version {
	case 1:
		width = 2
	case 2, 3:
	default:
		return npyHeader{}, fmt.Errorf("npy version %d is not known (1 to 3 are); write it with numpy.save", version)
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(r, length[:width]); err != nil {
		return npyHeader{}, truncated(err)
	}
	n := binary.LittleEndian.Uint32(length)
	if n > maxNPYHeader {
		return npyHeader{}, fmt.Errorf("npy header claims %d bytes; the file is damaged", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return npyHeader{}, truncated(err)
	}
	h, err := parseNPYHeader(string(text))
	if err != nil {
		return npyHeader{}, fmt.Errorf("npy header: %w", err)
	}
	h.bytes = len(start) + width + len(text)
	return h, nil
}

// truncated turns an unexpected end into a message with a remedy.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return err
}

// parseNPYHeader reads {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }.
func parseNPYHeader(text string) (npyHeader, error) {
	var h npyHeader
	seen := map[string]bool{}
	p := &pythonText{rest: text}
	p.expect("{")
	for !p.skip("}") && p.err == nil {
		key := p.quoted()
		p.expect(":")
		if seen[key] {
			p.fail("key %q stands twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			h.element = p.descr()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.shape()
		default:
			p.fail("unknown key %q", clip(key))
		}
		if !p.skip(",") && !strings.HasPrefix(p.rest, "}") {
			p.fail("a comma or } is missing")
		}
	}
	if p.err == nil && (len(seen) != 3 || p.rest != "") {
		p.fail("descr, fortran_order and shape are needed, and nothing after the dictionary")
	}
	return h, p.err
}

// pythonText reads the few Python literals an npy header is made of. After the
// first error every call does nothing.
type pythonText struct {
	rest string
	err  error
}

func (p *pythonText) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format+"; write the file with numpy.save", args...)
	}
	p.rest = ""
}

// skip passes over a mark and the blanks around it, where it comes next.
func (p *pythonText) skip(mark string) bool {
	const blanks = " \t\n\r\x00"
	rest, found := strings.CutPrefix(strings.TrimLeft(p.rest, blanks), mark)
	if found {
		p.rest = strings.TrimLeft(rest, blanks)
	}
	return found
}

func (p *pythonText) expect(mark string) {
	if !p.skip(mark) {
		p.fail("%q is missing before %q", mark, clip(p.rest))
	}
}

func (p *pythonText) quoted() string {
	for _, q := range []string{"'", "\""} {
		if p.skip(q) {
			text, rest, found := strings.Cut(p.rest, q)
			if !found {
				p.fail("a quote is not closed")
			}
			p.rest = rest
			p.skip("")
			return text
		}
	}
	p.fail("a quoted word is missing before %q", clip(p.rest))
	return ""
}

func (p *pythonText) boolean() bool {
	if p.skip("True") {
		return true
	}
	if !p.skip("False") {
		p.fail("fortran_order is neither True nor False")
	}
	return false
}

func (p *pythonText) shape() []int {
	shape := []int{}
	p.expect("(")
	for !p.skip(")") && p.err == nil {
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			p.fail("shape: %q is not a length", clip(p.rest))
			return nil
		}
		shape = append(shape, n)
		p.rest = p.rest[len(digits):]
		p.skip("L") // long integers of Python 2
		if !p.skip(",") && !strings.HasPrefix(p.rest, ")") {
			p.fail("shape: a comma or ) is missing")
		}
	}
	return shape
}

// descr reads a type such as '<f8'; types without numbers in them are refused.
func (p *pythonText) descr() element {
	if strings.HasPrefix(p.rest, "[") {
		p.fail("a structured type is not a plain array; save each field on its own")
		return element{}
	}
	text := p.quoted()
	if p.err != nil {
		return element{}
	}
	e, err := parseDescr(text)
	if err != nil {
		p.err, p.rest = err, ""
	}
	return e
}

func parseDescr(text string) (element, error) {
	order, code := byte('|'), text
	if text != "" && strings.IndexByte("<>|=", text[0]) >= 0 {
		order, code = text[0], text[1:]
	}
	e := element{big: order == '>'}
	switch code {
	case "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8":
		e.kind, e.size = code[0], int(code[1]-'0')
	case "b1":
		return e, fmt.Errorf("type %q is true/false, not numbers; convert it with .astype(float)", text)
	case "O":
		return e, fmt.Errorf("type %q holds Python objects, which only Python can load; convert it with .astype(float)", text)
	default:
		return e, fmt.Errorf("type %q is not supported (f2, f4, f8, i1 to i8 and u1 to u8 are); convert it with .astype(float)", clip(text))
	}
	if e.size > 1 && (order == '|' || order == '=') {
		return e, fmt.Errorf("type %q does not say its byte order; write the file with numpy.save", text)
	}
	return e, nil
}
