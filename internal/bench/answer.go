package bench

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
)

// kind says how values of a column are compared.
type kind uint8

const (
	text    kind = iota // letter by letter
	exact               // numbers: digit by digit, trailing zeros aside
	approx              // floating point: with a tolerance
	rounded             // a decimal and the floating point number that it was rounded from
)

// Answer is the result of a query.
type Answer struct {
	Columns []string
	Rows    [][]string // values in text form, null for NULL
	kinds   []kind
}

// null stands for NULL in an Answer. No value of TPC-H contains it.
const null = "\x00null"

// kindsOfTrino are the kinds of Trino's numeric types; the others are text.
var kindsOfTrino = map[string]kind{"tinyint": exact, "smallint": exact, "integer": exact, "bigint": exact, "decimal": exact,
	"real": approx, "double": approx}

// addPage adds the rows of a page of the client protocol.
func (a *Answer) addPage(data json.RawMessage) error {
	if len(data) == 0 {
		return nil
	}
	var page [][]json.RawMessage
	if err := json.Unmarshal(data, &page); err != nil {
		return fmt.Errorf("decode rows: %w", err)
	}
	for _, values := range page {
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = string(v)
			if row[i] == "null" {
				row[i] = null
			} else if v[0] == '"' {
				if err := json.Unmarshal(v, &row[i]); err != nil {
					return fmt.Errorf("decode value: %w", err)
				}
			}
		}
		a.Rows = append(a.Rows, row)
	}
	return nil
}

// addChunk adds the rows of a piece of DuckDB's result.
func (a *Answer) addChunk(c *engine.Chunk) error {
	for r := range c.Rows {
		row := make([]string, len(c.Columns))
		for i := range c.Columns {
			v, err := renderDuckDB(&c.Columns[i], r)
			if err != nil {
				return fmt.Errorf("column %s: %w", a.Columns[i], err)
			}
			row[i] = v
		}
		a.Rows = append(a.Rows, row)
	}
	return nil
}

// kindOfDuckDB is the kind of a DuckDB type.
func kindOfDuckDB(t *engine.Type) kind {
	switch t.ID {
	case engine.TypeTinyInt, engine.TypeSmallInt, engine.TypeInteger, engine.TypeBigInt, engine.TypeHugeInt, engine.TypeDecimal:
		return exact
	case engine.TypeFloat, engine.TypeDouble:
		return approx
	}
	return text
}

// renderDuckDB renders a value as the client protocol would.
func renderDuckDB(c *engine.Column, row int) (string, error) {
	if c.IsNull(row) {
		return null, nil
	}
	switch c.Type.ID {
	case engine.TypeTinyInt, engine.TypeSmallInt, engine.TypeInteger, engine.TypeBigInt, engine.TypeHugeInt, engine.TypeDecimal:
		return renderDecimal(c.Integer(row), int(c.Type.Scale)), nil
	case engine.TypeFloat:
		return strconv.FormatFloat(float64(engine.Values[float32](c)[row]), 'g', -1, 32), nil
	case engine.TypeDouble:
		return strconv.FormatFloat(engine.Values[float64](c)[row], 'g', -1, 64), nil
	case engine.TypeVarchar:
		return string(c.Bytes(row)), nil
	case engine.TypeDate:
		days := engine.Values[int32](c)[row]
		return time.Unix(int64(days)*86400, 0).UTC().Format(time.DateOnly), nil
	}
	return "", fmt.Errorf("values of DuckDB's type %s cannot be compared", c.Type)
}

// renderDecimal renders an unscaled value.
func renderDecimal(v engine.Int128, scale int) string {
	n := new(big.Int).Lsh(big.NewInt(v.Hi), 64)
	n.Add(n, new(big.Int).SetUint64(v.Lo))
	if scale == 0 {
		return n.String()
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	digits := n.String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}
