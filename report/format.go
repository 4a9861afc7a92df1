package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// special spells a number that is not finite.
func special(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case v > 0:
		return "+Inf"
	}
	return "-Inf"
}

// number writes v with four significant digits, without trailing zeros.
func number(v float64) string {
	if !finite(v) {
		return special(v)
	}
	a := math.Abs(v)
	if v == 0 {
		return "0"
	}
	if a < 1e-3 || a >= 1e7 {
		return scientific(v, 3)
	}
	if a >= 1000 {
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if strings.Contains(s, "e") { // 999.96 rounds up to 1e+03
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return s
}

// scientific writes v as 3.12e-7: no plus sign, no leading zeros in the exponent.
func scientific(v float64, digits int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	e, _ := strconv.Atoi(exponent)
	return mantissa + "e" + strconv.Itoa(e)
}

// fixed writes v with a given number of decimals, for columns of a table that
// share one; numbers too large or too small for that fall back to number.
func fixed(v float64, decimals int) string {
	if !finite(v) || math.Abs(v) >= 1e7 {
		return number(v)
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if v != 0 && strings.Trim(s, "-0.") == "" {
		return scientific(v, 2)
	}
	return strings.TrimPrefix(s, negativeZero(s))
}

// negativeZero is "-" where s is a rounded or signed zero, so that it can be cut off.
func negativeZero(s string) string {
	if strings.HasPrefix(s, "-") && strings.Trim(s, "-0.") == "" {
		return "-"
	}
	return ""
}

// decimals gives the largest of the values four significant digits; whole numbers need none.
func decimals(values ...float64) int {
	largest, whole := 0.0, true
	for _, v := range values {
		if finite(v) {
			largest = max(largest, math.Abs(v))
			whole = whole && v == math.Trunc(v)
		}
	}
	if whole {
		return 0
	}
	return min(max(3-int(math.Floor(math.Log10(largest))), 0), 6)
}

// percent writes a share. It never rounds to 100 % or 0 % what is not.
func percent(share float64) string {
	switch {
	case !finite(share):
		return special(share)
	case share < 1 && share > 0.9995:
		return "> 99.9 %"
	case share > 0 && share < 0.0005:
		return "< 0.1 %"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
}

// count writes a whole number with thousands separated.
func count(n int) string { return grouped(strconv.Itoa(n)) }

// whole rounds a count that is a float, such as an ESS.
func whole(v float64) string {
	if !finite(v) || math.Abs(v) >= 1e15 {
		return number(v)
	}
	if math.Abs(v) < 10 {
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	}
	return grouped(strconv.FormatFloat(v, 'f', 0, 64))
}

// grouped sets commas into a string of digits with an optional sign; four
// digits stay as they are.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= 4 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// duration writes seconds for people.
func duration(s float64) string {
	switch {
	case !finite(s):
		return special(s)
	case s < 0.0995:
		return strconv.FormatFloat(1000*s, 'f', 0, 64) + " ms"
	case s < 99.95:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return fmt.Sprintf("%s min %d s", grouped(strconv.FormatFloat(math.Floor(s/60), 'f', 0, 64)), int(math.Mod(s, 60)))
}

// withUnit appends a unit, where there is one.
func withUnit(s, unit string) string {
	if unit == "" {
		return s
	}
	return s + " " + unit
}

// plain replaces what a terminal or an XML parser would act on or refuse:
// control characters, noncharacters and invalid bytes.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' {
			return ' '
		}
		if unicode.IsControl(c) || c == 0xFFFE || c == 0xFFFF {
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// countOf writes "1 point" or "2 points".
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
