package mesh

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
)

// mshScanner takes numbers one by one from an MSH file, ASCII or binary. The first
// error stays: all later numbers are 0, and loops ask ok().
type mshScanner struct {
	r            *bufio.Reader
	binary, swap bool
	offset       int64
	line         int
	token        []byte
	err          error
}

const mshLongest = 4096 // bytes of a word or line; nothing Gmsh writes is near it

func newMSHScanner(r io.Reader) *mshScanner {
	return &mshScanner{r: bufio.NewReaderSize(r, 1<<16), line: 1}
}

func (s *mshScanner) ok() bool { return s.err == nil }

// fail reports where the reader stands: the line in text, the byte in binary files.
func (s *mshScanner) fail(format string, args ...any) {
	if s.err != nil {
		return
	}
	where := fmt.Sprintf("line %d", s.line)
	if s.binary {
		where = fmt.Sprintf("byte %d", s.offset)
	}
	s.err = fmt.Errorf("mesh: MSH file, %s: %w", where, fmt.Errorf(format, args...))
}

func (s *mshScanner) ended(err error, what string) {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		s.fail("the file ends where %s is needed: is it cut off?", what)
		return
	}
	s.fail("%w", err)
}

func (s *mshScanner) byte() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	s.offset++
	if c == '\n' {
		s.line++
	}
	return c, nil
}

func (s *mshScanner) back(c byte) {
	_ = s.r.UnreadByte() // after a byte was read it cannot fail
	s.offset--
	if c == '\n' {
		s.line--
	}
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// word is the next run of bytes that are not blank; nil where the file ends before it.
// It is valid until the next call. The byte after it is left.
func (s *mshScanner) word() []byte {
	s.token = s.token[:0]
	for s.ok() {
		c, err := s.byte()
		if err != nil {
			if err != io.EOF {
				s.fail("%w", err)
			}
			break
		}
		if blank(c) {
			if len(s.token) == 0 {
				continue
			}
			s.back(c)
			return s.token
		}
		if s.token = append(s.token, c); len(s.token) > mshLongest {
			s.fail("a word of more than %d bytes, beginning with %q: is it a MSH file?", mshLongest, clip(s.token))
		}
	}
	if len(s.token) == 0 || !s.ok() {
		return nil
	}
	return s.token
}

// rest is the rest of the line, without its end.
func (s *mshScanner) rest() string {
	s.token = s.token[:0]
	for s.ok() {
		c, err := s.byte()
		if err == io.EOF || c == '\n' {
			break
		}
		if err != nil {
			s.fail("%w", err)
			break
		}
		if s.token = append(s.token, c); len(s.token) > mshLongest {
			s.fail("a line of more than %d bytes: is it a MSH file?", mshLongest)
		}
	}
	return string(s.token)
}

func (s *mshScanner) bytes(n int) []byte {
	if cap(s.token) < 8 {
		s.token = make([]byte, 0, 64)
	}
	b := s.token[:n]
	if _, err := io.ReadFull(s.r, b); err != nil {
		s.ended(err, "a number")
		clear(b)
		return b
	}
	s.offset += int64(n)
	return b
}

// decimal is a whole number in text.
func (s *mshScanner) decimal() int64 {
	w := s.word()
	if !s.ok() {
		return 0
	}
	if w == nil {
		s.ended(io.EOF, "a whole number")
		return 0
	}
	v, err := strconv.ParseInt(string(w), 10, 64)
	if err != nil {
		s.fail("%q where a whole number is needed", clip(w))
	}
	return v
}

// integer is a number that binary files keep in 4 bytes.
func (s *mshScanner) integer() int {
	if !s.ok() {
		return 0
	}
	if s.binary {
		v := binary.LittleEndian.Uint32(s.bytes(4))
		if s.swap {
			v = bits.ReverseBytes32(v)
		}
		return int(int32(v))
	}
	v := s.decimal()
	if v != int64(int32(v)) {
		s.fail("%d where a number of 32 bits is needed", v)
		return 0
	}
	return int(v)
}

// size is a count or the tag of a point or element: 8 bytes in binary files, not negative.
func (s *mshScanner) size() int64 {
	if !s.ok() {
		return 0
	}
	v := int64(0)
	if s.binary {
		u := binary.LittleEndian.Uint64(s.bytes(8))
		if s.swap {
			u = bits.ReverseBytes64(u)
		}
		v = int64(u)
	} else {
		v = s.decimal()
	}
	if v < 0 {
		s.fail("%d where a count or tag is needed: none is negative or above 2⁶³", v)
		return 0
	}
	return v
}

// real is a coordinate.
func (s *mshScanner) real() float64 {
	if !s.ok() {
		return 0
	}
	if s.binary {
		u := binary.LittleEndian.Uint64(s.bytes(8))
		if s.swap {
			u = bits.ReverseBytes64(u)
		}
		return math.Float64frombits(u)
	}
	w := s.word()
	if !s.ok() {
		return 0
	}
	if w == nil {
		s.ended(io.EOF, "a number")
		return 0
	}
	v, err := strconv.ParseFloat(string(w), 64)
	if err != nil {
		s.fail("%q where a number is needed", clip(w))
	}
	return v
}

// skip reads to the end of a section that is not needed, $End and its name.
func (s *mshScanner) skip(name string) {
	end, match := "$End"+name, 0
	for s.ok() && match < len(end) {
		c, err := s.byte()
		switch {
		case err != nil:
			s.ended(err, end)
		case c == end[match]:
			match++
		case c == '$': // only the first letter is a $
			match = 1
		default:
			match = 0
		}
	}
}

func clip(w []byte) string {
	if len(w) > 40 {
		return string(w[:40]) + "…"
	}
	return string(w)
}
