package engine

import (
	"regexp"
	"strings"
)

// overflow is DuckDB's message for arithmetic that leaves its type.
var overflow = regexp.MustCompile(`^Overflow in (addition|subtraction|multiplication|division) of (INT8|INT16|INT32|INT64|INT128|DECIMAL)\S* \((.*)\)[!;.]`)

// sumOverflow is its message for a sum that does not fit its type any more.
var sumOverflow = regexp.MustCompile(`^Type INT128 with value (-?\d+) can't be cast because the value is out of range for the destination type (INT\d+)`)

// overflowTypes are the SQL names of DuckDB's integers.
var overflowTypes = map[string]string{"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}

// trinoOverflow words an overflow as Trino does: "bigint addition overflow: 9223372036854775807 + 1". Other messages stay.
func trinoOverflow(msg string) string {
	if m := sumOverflow.FindStringSubmatch(msg); m != nil && overflowTypes[m[2]] != "" {
		return overflowTypes[m[2]] + " overflow: " + m[1]
	}
	m := overflow.FindStringSubmatch(msg)
	switch {
	case m == nil:
		return msg
	case overflowTypes[m[2]] == "":
		return "Decimal overflow"
	}
	return overflowTypes[m[2]] + " " + m[1] + " overflow: " + strings.TrimSpace(m[3])
}
