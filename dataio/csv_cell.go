package dataio

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type cellKind int

const (
	numberCell  cellKind = iota
	missingCell          // empty, NaN or infinite: a number that is not there
	textCell
)

var decimalComma = regexp.MustCompile(`^[+-]?[0-9]+,[0-9]+$`)

// parseCell reads a decimal number; where the cell is none, err says why and
// what to do.
func parseCell(cell string) (v float64, kind cellKind, err error) {
	s := strings.TrimSpace(cell)
	if s == "" {
		return math.NaN(), missingCell, errors.New("the cell is empty; fill it in, remove the row, or leave the column out")
	}
	if strings.ContainsAny(s, "_xX") { // Go's number syntax, not CSV's
		return math.NaN(), textCell, notANumber(s)
	}
	v, err = strconv.ParseFloat(s, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return math.NaN(), missingCell, fmt.Errorf("%s is too large for a 64-bit number; change the unit of the column", clip(s))
	case err != nil:
		return math.NaN(), textCell, notANumber(s)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return math.NaN(), missingCell, fmt.Errorf("%s is not a finite number; fill it in, remove the row, or leave the column out", s)
	}
	return v, numberCell, nil
}

func notANumber(s string) error {
	if decimalComma.MatchString(s) {
		return fmt.Errorf("%q is not a number; write it with a decimal point: %s", s, strings.Replace(s, ",", ".", 1))
	}
	return fmt.Errorf("%q is not a number; correct the cell, remove the row, or leave the column out", clip(s))
}

// unseen runes in a name would make two names differ that look alike.
func unseen(r rune) bool { return !unicode.IsGraphic(r) && r != '\t' }

// headerNames checks the header line and returns its names without the spaces
// around them.
func (t *csvTable) headerNames(line int, header []string) ([]string, error) {
	names := make([]string, len(header))
	numbers := 0
	for j, h := range header {
		name := strings.TrimSpace(h)
		if !utf8.ValidString(name) || strings.ContainsFunc(name, unseen) {
			return nil, t.errorf(line, "the name of column %d, %q, holds characters that are not plain UTF-8 text; save the file as UTF-8 with LF or CRLF line ends", j+1, clip(name))
		}
		names[j] = name
		if _, kind, _ := parseCell(name); kind == numberCell {
			numbers++
		}
	}
	if len(names) == 1 {
		for _, s := range []struct{ mark, name string }{{";", "semicolons"}, {"\t", "tabs"}} {
			if strings.Contains(names[0], s.mark) {
				return nil, t.errorf(line, "the cells are separated by %s; save the file with commas between cells and points as decimal marks", s.name)
			}
		}
	}
	if numbers == len(names) {
		return nil, t.errorf(line, "the first line holds numbers only; put a line with column names before it")
	}
	first := map[string]int{}
	for j, name := range names {
		if name == "" {
			return nil, t.errorf(line, "column %d has no name; name or remove it (a comma at the line's end, or a row index: pandas writes none with index=False)", j+1)
		}
		if i, twice := first[name]; twice {
			return nil, t.errorf(line, "columns %d and %d are both called %q; rename one", i+1, j+1, name)
		}
		first[name] = j
	}
	return names, nil
}
