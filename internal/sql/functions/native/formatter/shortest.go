package formatter

import (
	"strconv"
	"strings"
)

// shortest writes a finite number with the fewest digits that identify it: plain from 0.001 up to 10,000,000, with an exponent
// otherwise, and with a digit after the point.
func shortest(v float64, bitSize int) string {
	text := strconv.FormatFloat(v, 'e', -1, bitSize)
	mantissa, exponent, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exponent)
	if v == 0 || e >= -3 && e < 7 {
		plain := strconv.FormatFloat(v, 'f', -1, bitSize)
		if !strings.Contains(plain, ".") {
			plain += ".0"
		}
		return plain
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	return mantissa + "E" + strconv.Itoa(e)
}
