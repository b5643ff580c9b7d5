package clickhouse

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maxDigits is how many digits of a second's fraction can be read; further ones are cut.
const maxDigits = 6

// declared matches a type with its parameters.
var declared = regexp.MustCompile(`^(\w+)(?:\((.*)\))?$`)

// declare describes a column from its type as ClickHouse writes it, which says whether there are NULLs too.
func declare(c *jdbc.NativeColumn, text string) {
	c.Length, c.Precision, c.Scale, c.NotNull = -1, -1, -1, true
	for {
		m := declared.FindStringSubmatch(text)
		if m == nil {
			c.Type, c.Base = text, text
			return
		}
		switch m[1] {
		case "Nullable":
			c.NotNull = false
			text = m[2]
			continue
		case "LowCardinality": // a way to store texts
			c.Detail, text = m[1], m[2]
			continue
		}
		c.Type, c.Base = text, m[1]
		parameters := strings.Split(m[2], ", ")
		number := func(i int) int {
			if i < len(parameters) {
				if n, err := strconv.Atoi(parameters[i]); err == nil {
					return n
				}
			}
			return 0
		}
		switch c.Base {
		case "Decimal":
			c.Precision, c.Scale = number(0), number(1)
		case "FixedString":
			c.Length = number(0)
		case "DateTime":
			c.Precision, c.Detail = 0, m[2] // the time zone
		case "DateTime64":
			c.Precision = number(0)
			if len(parameters) > 1 {
				c.Detail = parameters[1]
			}
		}
		return
	}
}

// simple are types that are read as they are.
var simple = map[string]jdbc.Mapping{
	"Bool":    {Type: types.Of(types.Boolean), Compare: jdbc.Equality},
	"Int8":    {Type: types.Of(types.TinyInt), Compare: jdbc.Order},
	"Int16":   {Type: types.Of(types.SmallInt), Compare: jdbc.Order},
	"Int32":   {Type: types.Of(types.Integer), Compare: jdbc.Order},
	"Int64":   {Type: types.Of(types.BigInt), Compare: jdbc.Order},
	"UInt8":   {Type: types.Of(types.SmallInt), Compare: jdbc.Order},
	"UInt16":  {Type: types.Of(types.Integer), Compare: jdbc.Order},
	"UInt32":  {Type: types.Of(types.BigInt), Compare: jdbc.Order},
	"UInt64":  {Type: types.DecimalOf(20, 0), Compare: jdbc.Order},
	"Float32": {Type: types.Of(types.Real)},
	"Float64": {Type: types.Of(types.Double), Compare: jdbc.Equality},
	"Date":    {Type: types.Of(types.Date), Compare: jdbc.Order},
	"Date32":  {Type: types.Of(types.Date), Compare: jdbc.Order},
	"UUID":    {Type: types.Of(types.UUID), Compare: jdbc.Equality},
	"Enum8":   {Type: types.Of(types.Varchar), Read: "toString(%s)", Written: true},
	"Enum16":  {Type: types.Of(types.Varchar), Read: "toString(%s)", Written: true},
}

// ReadAs says how a column is read.
func (Dialect) ReadAs(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	if m, ok := simple[c.Base]; ok {
		return m, true
	}
	switch c.Base {
	case "Decimal":
		return jdbc.Mapping{Type: types.DecimalOf(max(c.Precision, 1), max(c.Scale, 0)), Compare: jdbc.Order}, c.Precision > 0 && c.Precision <= types.MaxDecimalPrecision
	case "String":
		if c.Detail != "" && !s.StringAsVarchar { // of these the driver does not tell NULLs apart
			return jdbc.Mapping{Type: types.Of(types.Varbinary), Read: "CAST(%s AS Nullable(String))", Written: true, Compare: jdbc.Order}, true
		}
		if s.StringAsVarchar { // any bytes may be in them
			return jdbc.Mapping{Type: types.Of(types.Varchar), Read: "toValidUTF8(CAST(%s AS Nullable(String)))", Written: true, Compare: jdbc.Order}, true
		}
		return jdbc.Mapping{Type: types.Of(types.Varbinary), Compare: jdbc.Order}, true
	case "FixedString": // is equal to what has fewer zeros at the end
		if s.StringAsVarchar {
			return jdbc.Mapping{Type: types.Of(types.Varchar), Read: "toValidUTF8(%s)", Written: true, Compare: jdbc.Containment}, true
		}
		return jdbc.Mapping{Type: types.Of(types.Varbinary), Compare: jdbc.Containment}, true
	case "DateTime", "DateTime64":
		m := jdbc.Mapping{Type: types.TimestampP(min(c.Precision, maxDigits)), Compare: jdbc.Order}
		if c.Detail != "" {
			m.Type = types.TimestampTZP(m.Type.P)
		}
		if c.Precision > maxDigits {
			m.Compare = jdbc.NotCompared
		}
		return m, true
	}
	return jdbc.Mapping{}, false
}

// TypeFor is the type of a new column. Without NOT NULL, it can have NULLs: sessions say so.
func (Dialect) TypeFor(t types.Type) (string, bool) {
	switch t.Kind {
	case types.Boolean:
		return "Bool", true
	case types.TinyInt:
		return "Int8", true
	case types.SmallInt:
		return "Int16", true
	case types.Integer:
		return "Int32", true
	case types.BigInt:
		return "Int64", true
	case types.Real:
		return "Float32", true
	case types.Double:
		return "Float64", true
	case types.Decimal:
		return fmt.Sprintf("Decimal(%d, %d)", t.P, t.S), true
	case types.Varchar, types.Char, types.Varbinary:
		return "String", true
	case types.Date:
		return "Date32", true // of more years than Date
	case types.UUID:
		return "UUID", true
	case types.Timestamp:
		if t.P == 0 {
			return "DateTime", true
		}
		return fmt.Sprintf("DateTime64(%d)", t.P), t.P <= maxDigits
	case types.TimestampTZ:
		if t.P == 0 {
			return "DateTime('UTC')", true
		}
		return fmt.Sprintf("DateTime64(%d, 'UTC')", t.P), t.P <= maxDigits
	}
	return "", false
}

// wholes are the ranges of whole numbers without a sign.
var wholes = map[string]types.Int128{"UInt8": types.Int128From(math.MaxUint8), "UInt16": types.Int128From(math.MaxUint16), "UInt32": types.Int128From(math.MaxUint32), "UInt64": {Lo: math.MaxUint64}}

// The last seconds and days that can be written into DateTime and Date. Converted to the very last second, a value counts as out of bounds.
const (
	lastSecond = 1<<32 - 2
	lastDate   = 1<<16 - 1
)

// Fits refuses values that a column does not have: ClickHouse would store another one.
func (Dialect) Fits(native string, t types.Type, v any) error {
	var base jdbc.NativeColumn
	declare(&base, native)
	refuse := func(low, high string) error {
		return trinoerr.New(trinoerr.InvalidArguments, "Value must be between %s and %s in ClickHouse: %s", low, high, types.Text(t, v))
	}
	seconds := func(micros int64) error {
		if base.Base == "DateTime" && (micros < 0 || micros > lastSecond*1_000_000) {
			return refuse("1970-01-01 00:00:00", "2106-02-07 06:28:14")
		}
		return nil
	}
	switch x := v.(type) {
	case int64:
		if high, ok := wholes[base.Base]; ok && (x < 0 || types.Int128From(x).Cmp(high) > 0) {
			return refuse("0", types.Text(types.DecimalOf(20, 0), high))
		}
	case types.Int128:
		if high, ok := wholes[base.Base]; ok && (x.Cmp(types.Int128{}) < 0 || x.Cmp(high) > 0) {
			return refuse("0", types.Text(types.DecimalOf(20, 0), high))
		}
	case types.DateValue:
		if base.Base == "Date32" && (x < firstDay || x > lastDay) {
			return refuse("1900-01-01", "2299-12-31")
		}
		if base.Base == "Date" && (x < 0 || x > lastDate) {
			return refuse("1970-01-01", "2149-06-06")
		}
	case types.TimestampValue:
		return seconds(x.EpochMicros)
	case types.TimestampTZValue:
		return seconds(x.EpochMillis * 1000)
	case string:
		return fitsLength(&base, len(x))
	case []byte:
		return fitsLength(&base, len(x))
	}
	return nil
}

// fitsLength refuses texts that are too long.
func fitsLength(c *jdbc.NativeColumn, length int) error {
	if c.Base == "FixedString" && length > c.Length {
		return trinoerr.New(trinoerr.InvalidArguments, "Value must have at most %d bytes in ClickHouse, not %d", c.Length, length)
	}
	return nil
}
