package dataio

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// maxCell is the longest cell accepted; a longer one is nearly always a quote
// that was never closed.
const maxCell = 1 << 20

// table of a CSV file while it is read, all columns of it or the wanted ones.
type csvTable struct {
	file   string
	names  []string // of the columns kept
	source []int    // position of each kept column in the file
	strict bool     // columns were asked for by name: the first bad cell is an error
	rows   int
	data   []float64
	stats  []csvColumn
}

// csvColumn counts what a column holds, to tell numbers with slips from text.
type csvColumn struct {
	numbers, text int
	firstBad      error
}

func (t *csvTable) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("dataio: %s:%d: %w", t.file, line, fmt.Errorf(format, args...))
}

// readCSV reads comma-separated text with one header line. Blank lines are
// skipped, spaces around cells ignored, LF and CRLF both fine.
func readCSV(r io.Reader, file string, columns []string) (*Table, error) {
	t := &csvTable{file: file, strict: len(columns) > 0}
	in := bufio.NewReaderSize(r, 1<<16)
	if err := t.checkStart(in); err != nil {
		return nil, err
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1 // counted here, for a better message
	rows.TrimLeadingSpace = true
	rows.ReuseRecord = true

	header, err := rows.Read()
	if err == io.EOF {
		return nil, t.errorf(1, "the file is empty; a header line with column names, then one line per sample is needed")
	} else if err != nil {
		return nil, t.readError(err)
	}
	line, _ := rows.FieldPos(0)
	width := len(header)
	names, err := t.headerNames(line, header)
	if err != nil {
		return nil, err
	}
	if t.source, err = pickColumns(names, columns); err != nil {
		return nil, t.errorf(line, "%w", err)
	}
	for _, j := range t.source {
		t.names = append(t.names, names[j])
	}
	t.stats = make([]csvColumn, len(t.source))
	for {
		record, err := rows.Read()
		if err == io.EOF {
			return t.finish(line)
		} else if err != nil {
			return nil, t.readError(err)
		}
		line, _ := rows.FieldPos(0)
		if len(record) != width {
			return nil, t.errorf(line, "%d cells where the header has %d; give every line as many cells as the header (a comma inside a cell needs quotes around the cell)", len(record), width)
		}
		if err := t.add(line, record); err != nil {
			return nil, err
		}
	}
}

// checkStart passes over a UTF-8 byte-order mark and refuses what is not text.
func (t *csvTable) checkStart(in *bufio.Reader) error {
	start, err := in.Peek(1 << 10)
	if err != nil && err != io.EOF {
		return fmt.Errorf("dataio: %s: cannot be read: %w", t.file, err)
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return t.errorf(1, "the text is UTF-16; save it as UTF-8")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return t.errorf(1, "this is a zip archive (a spreadsheet?), not CSV text; export it as CSV")
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		return t.errorf(1, "this is a gzip archive, not CSV text; unpack it")
	case bytes.IndexByte(start, 0) >= 0:
		return t.errorf(1, "this is binary data, not CSV text; export it as CSV")
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err = in.Discard(3)
		return err
	}
	return nil
}

// readError says where and why the text is not CSV.
func (t *csvTable) readError(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("dataio: %s: cannot be read: %w", t.file, err)
	}
	return t.errorf(p.StartLine, "%w; quote the whole cell and double the quotes inside it", p.Err)
}

// add parses the wanted cells of one line.
func (t *csvTable) add(line int, record []string) error {
	for k, j := range t.source {
		cell := record[j]
		if len(cell) > maxCell {
			return t.errorf(line, "column %q: a cell of %d bytes; is a quote not closed?", t.names[k], len(cell))
		}
		v, kind, bad := parseCell(cell)
		s := &t.stats[k]
		switch {
		case bad == nil:
			s.numbers++
		case kind == textCell:
			s.text++
		}
		if bad != nil && s.firstBad == nil {
			s.firstBad = t.errorf(line, "column %q: %w", t.names[k], bad)
			if t.strict {
				return s.firstBad
			}
		}
		t.data = append(t.data, v)
	}
	t.rows++
	return nil
}

// finish drops text columns and refuses numeric ones with bad cells.
func (t *csvTable) finish(headerLine int) (*Table, error) {
	if t.rows == 0 {
		return nil, t.errorf(headerLine, "a header but no rows; add one line per sample")
	}
	out := &Table{Rows: t.rows}
	var keep []int
	for k, s := range t.stats {
		if s.firstBad != nil && s.numbers > s.text {
			return nil, s.firstBad
		}
		if s.firstBad == nil {
			keep = append(keep, k)
			out.Names = append(out.Names, t.names[k])
		}
	}
	if len(keep) == 0 {
		return nil, t.errorf(headerLine, "no column of numbers; the first cell that is none: %w", t.stats[0].firstBad)
	}
	width := len(t.source)
	if len(keep) == width {
		out.Data = t.data
		return out, nil
	}
	out.Data = make([]float64, 0, t.rows*len(keep))
	for i := range t.rows {
		for _, k := range keep {
			out.Data = append(out.Data, t.data[i*width+k])
		}
	}
	return out, nil
}
