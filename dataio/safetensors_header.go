package dataio

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSafetensorsHeader is the limit of the reference implementation.
const maxSafetensorsHeader = 100_000_000

const metadataKey = "__metadata__"

var safetensorsTypes = map[string]element{
	"F64": {kind: 'f', size: 8}, "F32": {kind: 'f', size: 4}, "F16": {kind: 'f', size: 2}, "BF16": {kind: 'b', size: 2},
	"I64": {kind: 'i', size: 8}, "I32": {kind: 'i', size: 4}, "I16": {kind: 'i', size: 2}, "I8": {kind: 'i', size: 1},
	"U64": {kind: 'u', size: 8}, "U32": {kind: 'u', size: 4}, "U16": {kind: 'u', size: 2}, "U8": {kind: 'u', size: 1},
}

// safetensorsEntry is what the header says of one tensor.
type safetensorsEntry struct {
	name       string
	element    element
	shape      []int
	count      int
	begin, end int64 // bytes, counted from the end of the header
}

// readSafetensorsHeader reads length and header; memory is taken as bytes
// arrive, whatever length the file claims.
func readSafetensorsHeader(r io.Reader) ([]byte, error) {
	length := make([]byte, 8)
	if _, err := io.ReadFull(r, length); err != nil {
		return nil, truncated(err)
	}
	n := binary.LittleEndian.Uint64(length)
	if n > maxSafetensorsHeader {
		return nil, fmt.Errorf("header claims %d bytes, more than the format allows; this is no safetensors file, or a damaged one", n)
	}
	var header bytes.Buffer
	if _, err := io.CopyN(&header, r, int64(n)); err != nil {
		return nil, truncated(err)
	}
	return header.Bytes(), nil
}

func parseSafetensorsHeader(header []byte) (entries []safetensorsEntry, metadata map[string]string, err error) {
	if !utf8.Valid(header) || !bytes.HasPrefix(header, []byte("{")) {
		return nil, nil, errors.New("not a JSON object; this is no safetensors file, or a damaged one")
	}
	dec := json.NewDecoder(bytes.NewReader(header))
	err = eachMember(dec, func(name string) error {
		if name == metadataKey {
			metadata = map[string]string{}
			return eachMember(dec, func(key string) error {
				var value *string
				if err := dec.Decode(&value); err != nil || value == nil {
					return fmt.Errorf("%s: %q is not text", metadataKey, clip(key))
				}
				metadata[key] = *value
				return nil
			})
		}
		e, err := parseEntry(dec, name)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("something follows the JSON object; the file is damaged")
	}
	return entries, metadata, checkLayout(entries)
}

// eachMember calls f at the value of each member of a JSON object; a key that
// stands twice is an error.
func eachMember(dec *json.Decoder, f func(key string) error) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("a JSON object is missing; the file is damaged")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return fmt.Errorf("%q stands twice; write the file again", clip(key))
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func parseEntry(dec *json.Decoder, name string) (safetensorsEntry, error) {
	var field struct {
		DType   string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets *[]int64 `json:"data_offsets"`
	}
	fail := func(format string, args ...any) (safetensorsEntry, error) {
		return safetensorsEntry{}, fmt.Errorf("tensor %q: %w", clip(name), fmt.Errorf(format, args...))
	}
	if err := dec.Decode(&field); err != nil {
		return fail("%w", err)
	}
	if field.Shape == nil || field.Offsets == nil || len(*field.Offsets) != 2 {
		return fail("dtype, shape and two data_offsets are needed")
	}
	e := safetensorsEntry{name: name, shape: field.Shape, begin: (*field.Offsets)[0], end: (*field.Offsets)[1]}
	var known bool
	if e.element, known = safetensorsTypes[field.DType]; !known {
		return fail("dtype %q is not supported (F16, BF16, F32, F64, I8 to I64, U8 to U64 are); convert the tensor", clip(field.DType))
	}
	var err error
	if e.count, err = product(field.Shape); err != nil {
		return fail("%w", err)
	}
	if e.begin < 0 || e.end < e.begin || e.end-e.begin != int64(e.count*e.element.size) {
		return fail("data_offsets [%d, %d] do not fit %s of shape %v, which needs %d bytes", e.begin, e.end, field.DType, e.shape, e.count*e.element.size)
	}
	return e, nil
}

// checkLayout sorts tensors by place and refuses overlaps and gaps.
func checkLayout(entries []safetensorsEntry) error {
	slices.SortStableFunc(entries, func(a, b safetensorsEntry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var at int64
	for _, e := range entries {
		switch {
		case e.begin < at:
			return fmt.Errorf("tensor %q begins at byte %d, inside the one before it; the file is damaged", clip(e.name), e.begin)
		case e.begin > at:
			return fmt.Errorf("bytes %d to %d belong to no tensor; the file is damaged", at, e.begin)
		}
		at = e.end
	}
	return nil
}

// safetensorsHeader is the JSON header, filled with blanks to a multiple of 8 bytes.
func safetensorsHeader(tensors []*Array, metadata map[string]string) ([]byte, error) {
	var members []string
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, fmt.Errorf("metadata %q is not UTF-8 text", clip(k))
			}
		}
		members = append(members, quote(metadataKey)+":"+quote(metadata)) // keys come sorted
	}
	seen := map[string]bool{}
	at := 0
	for _, a := range tensors {
		if a.Name == metadataKey || !utf8.ValidString(a.Name) || seen[a.Name] {
			return nil, fmt.Errorf("tensor name %q is reserved, not UTF-8 text, or used twice", clip(a.Name))
		}
		seen[a.Name] = true
		e := a.storage()
		end := at + a.Len()*e.size
		members = append(members, fmt.Sprintf(`%s:{"dtype":"%c%d","shape":%s,"data_offsets":[%d,%d]}`,
			quote(a.Name), e.kind-'a'+'A', 8*e.size, quote(append([]int{}, a.Shape...)), at, end))
		at = end
	}
	text := "{" + strings.Join(members, ",") + "}"
	text += strings.Repeat(" ", (8-len(text)%8)%8)
	if len(text) > maxSafetensorsHeader {
		return nil, fmt.Errorf("a header of %d bytes is longer than the format allows; use shorter names or metadata", len(text))
	}
	return []byte(text), nil
}

// quote is the JSON text of strings, string maps and lists of integers, which
// always have one.
func quote(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
