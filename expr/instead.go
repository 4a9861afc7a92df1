package expr

import "strings"

// instead says what to write for an operator that formulas do not have.
func instead(operator string) string {
	switch operator {
	case "<":
		return "write <=: on continuous columns the boundary itself has no weight"
	case ">":
		return "write >=: on continuous columns the boundary itself has no weight"
	case "=":
		return "write == for an equation"
	case "!=":
		return "points where two sides differ are nearly all points, so this holds nothing back: write <=, >= or =="
	case "and", "&&":
		return "write two constraints, one for each relation"
	case "or", "||":
		return "write the nearer of the two as a minimum, as in min(a, b) <= 0 for a <= 0 or b <= 0"
	case "not", "!":
		return "turn the relation round: write >= for <="
	case "%":
		return "there is no remainder in formulas; a percentage is a number, as in 0.05"
	case "?", "??", "?.", "?:":
		return "there are no conditions in formulas: use min, max or abs"
	case "|":
		return "write the function around its argument, as in sum(x); abs(a) for |a|"
	case ";":
		return "one formula only: write the second one as a constraint or potential of its own"
	case "..":
		return "part of the vector is written x[i:j], without x[j]"
	case "::":
		return "x[i:j] takes no step"
	case ".":
		return "quote a column name that has a dot in it, as in 'a.b'; write 0.5 for a fraction"
	case "in", "matches", "contains", "startsWith", "endsWith", "let", "if", "else":
		return "a reserved word: quote it where it names a column, as in '" + operator + "'"
	}
	return "not an operator of formulas: there are + - * / ** and one of <= >= =="
}

// foreign says what to write for a character that formulas do not have.
func foreign(r rune) string {
	for _, pair := range [...][2]string{
		{"≤⩽≦", "<="}, {"≥⩾≧", ">="}, {"−–—", "-"}, {"×·⋅∙", "*"}, {"÷", "/"}, {"²", "**2"}, {"³", "**3"},
		{"√", "sqrt( )"}, {"∑", "sum( )"}, {"“”‘’´", "' around a column name"}, {"≡", "=="},
	} {
		if strings.ContainsRune(pair[0], r) {
			return "this character has no meaning in a formula: write " + pair[1]
		}
	}
	return "this character has no meaning in a formula: quote the column name where it belongs to one, as in 'fly ash'"
}

// insteadOfFunction says what to write for well-known functions that formulas
// do not have, or "".
func insteadOfFunction(name string) string {
	switch strings.ToLower(name) {
	case "ln":
		return "log is the natural logarithm: write log(…)"
	case "log10":
		return "write log(…)/log(10)"
	case "log2":
		return "write log(…)/log(2)"
	case "mean", "average", "avg":
		return "write sum(…) over the number of entries"
	case "tan":
		return "write sin(…)/cos(…)"
	case "square", "sq":
		return "write (…)**2"
	case "length", "norm2", "hypot":
		return "write norm(…)"
	case "fabs", "magnitude":
		return "write abs(…)"
	case "len", "count":
		return "the number of columns is fixed: write it as a number"
	}
	return ""
}

// insteadOfName says what to write for names of constants, or "".
func insteadOfName(name string) string {
	switch strings.ToLower(name) {
	case "inf", "infinity", "nan":
		return "a formula holds finite numbers only; leave the relation out where there is no bound"
	case "pi":
		return "write 3.141592653589793"
	case "e":
		return "write exp(1)"
	}
	return ""
}
