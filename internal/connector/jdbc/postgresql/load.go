package postgresql

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Load appends rows with COPY. They go as text, which the server reads as values of whatever types the columns have.
func (d Dialect) Load(ctx context.Context, conn *sql.Conn, table jdbc.Name, columns []string, b *connector.Batch, kinds []types.Type, last, value string) error {
	names := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		names = append(names, d.Quote(c))
	}
	if last != "" {
		names = append(names, d.Quote(last))
	}
	var text []byte
	for i := range b.Rows {
		var err error
		if text, err = copyRow(text, b, kinds, i); err != nil {
			return err
		}
		if last != "" {
			if len(columns) > 0 {
				text = append(text, '\t')
			}
			text = escaped(text, []byte(value))
		}
		text = append(text, '\n')
	}
	copyIn := "COPY " + d.Quote(table.Schema) + "." + d.Quote(table.Table) + " (" + strings.Join(names, ", ") + ") FROM STDIN"
	return onConnection(conn, func(c *pgx.Conn) error {
		_, err := c.PgConn().CopyFrom(ctx, bytes.NewReader(text), copyIn)
		return err
	})
}

// copyRow appends a row, with tabs between its values.
func copyRow(text []byte, b *connector.Batch, kinds []types.Type, row int) ([]byte, error) {
	for n, t := range kinds {
		if n > 0 {
			text = append(text, '\t')
		}
		v := &b.Columns[n]
		if v.IsNull(row) {
			text = append(text, `\N`...)
			continue
		}
		var err error
		if text, err = copyValue(text, v, t, row); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// copyValue appends a value as COPY reads it.
func copyValue(text []byte, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	switch t.Kind {
	case types.Varchar, types.Char, types.JSON:
		raw := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		if bytes.IndexByte(raw, 0) >= 0 {
			return nil, trinoerr.New(trinoerr.JdbcNonTransientError, "invalid byte sequence for encoding \"UTF8\": 0x00")
		}
		return escaped(text, raw), nil
	case types.Array:
		literal, err := arrayLiteral(nil, v, t, i)
		return escaped(text, literal), err
	}
	return plain(text, v, t, i)
}

// plain appends a value in which nothing has to be escaped but the backslash of bytes.
func plain(text []byte, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	switch t.Kind {
	case types.Boolean:
		return strconv.AppendBool(text, v.I8[i] != 0), nil
	case types.TinyInt:
		return strconv.AppendInt(text, int64(v.I8[i]), 10), nil
	case types.SmallInt:
		return strconv.AppendInt(text, int64(v.I16[i]), 10), nil
	case types.Integer:
		return strconv.AppendInt(text, int64(v.I32[i]), 10), nil
	case types.BigInt:
		return strconv.AppendInt(text, v.I64[i], 10), nil
	case types.Real:
		return strconv.AppendFloat(text, float64(v.F32[i]), 'g', -1, 32), nil
	case types.Double:
		return strconv.AppendFloat(text, v.F64[i], 'g', -1, 64), nil
	case types.Decimal:
		if t.P > 18 {
			return wire.TextDecimal(text, v.I128[i].Hi, v.I128[i].Lo, t.S), nil
		}
		return wire.TextDecimal(text, v.I64[i]>>63, uint64(v.I64[i]), t.S), nil
	case types.Varbinary:
		text = append(text, `\\x`...)
		return hex.AppendEncode(text, v.Data[v.Offsets[i]:v.Offsets[i+1]]), nil
	case types.Date:
		return dated(text, int64(v.I32[i]), func(text []byte, days int64) []byte { return wire.TextDate(text, days) }), nil
	case types.Time:
		return wire.TextTime(text, v.I64[i]*1_000_000, 6), nil
	case types.Timestamp, types.TimestampTZ:
		us := v.I64[i]
		if t.Kind == types.TimestampTZ && t.P <= 3 {
			us *= 1000
		}
		ofDay := (us%microsOfDay + microsOfDay) % microsOfDay
		return dated(text, (us-ofDay)/microsOfDay, func(text []byte, days int64) []byte {
			text = wire.TextTimestamp(text, days*microsOfDay+ofDay, 0, 6)
			if t.Kind == types.TimestampTZ {
				text = append(text, "+00"...)
			}
			return text
		}), nil
	case types.UUID:
		return wire.TextUUID(text, uint64(v.I128[i].Hi), v.I128[i].Lo), nil
	}
	return nil, trinoerr.New(trinoerr.NotSupported, "Values of type %s cannot be written", t)
}

// dated appends a date, in PostgreSQL's way when it is before Christ. There the year before 1 is 1 BC.
func dated(text []byte, days int64, write func(text []byte, days int64) []byte) []byte {
	year, month, day := wire.Civil(days)
	if year > 0 {
		return append(text, bytes.TrimPrefix(write(nil, days), []byte("+"))...)
	}
	// 400 years have a whole number of days, and the same calendar each.
	cycles := (1-year)/400 + 1
	shown := write(nil, wire.Days(year+400*cycles, month, day))
	_, rest, _ := bytes.Cut(shown, []byte("-"))
	text = append(text, strings.Repeat("0", max(0, 4-len(strconv.FormatInt(1-year, 10))))...)
	text = strconv.AppendInt(text, 1-year, 10)
	text = append(append(text, '-'), rest...)
	return append(text, " BC"...)
}

// escaped appends a text in which backslashes and the ends of values and rows are escaped.
func escaped(text, raw []byte) []byte {
	for _, c := range raw {
		switch c {
		case '\\':
			text = append(text, `\\`...)
		case '\t':
			text = append(text, `\t`...)
		case '\n':
			text = append(text, `\n`...)
		case '\r':
			text = append(text, `\r`...)
		default:
			text = append(text, c)
		}
	}
	return text
}

// arrayLiteral appends an array as {…}, each item in quotes.
func arrayLiteral(text []byte, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	text = append(text, '{')
	from, end := int(v.Offsets[i]), int(v.Offsets[i+1])
	item := t.Elem(0)
	for n := from; n < end; n++ {
		if n > from {
			text = append(text, ',')
		}
		if v.Items.IsNull(n) {
			text = append(text, "NULL"...)
			continue
		}
		if item.Kind == types.Array {
			var err error
			if text, err = arrayLiteral(text, v.Items, item, n); err != nil {
				return nil, err
			}
			continue
		}
		raw := []byte(nil)
		switch item.Kind {
		case types.Varchar, types.Char, types.JSON:
			raw = v.Items.Data[v.Items.Offsets[n]:v.Items.Offsets[n+1]]
		case types.Varbinary:
			raw = hex.AppendEncode([]byte(`\x`), v.Items.Data[v.Items.Offsets[n]:v.Items.Offsets[n+1]])
		default:
			var err error
			if raw, err = plain(nil, v.Items, item, n); err != nil {
				return nil, err
			}
		}
		text = append(text, '"')
		for _, c := range raw {
			if c == '"' || c == '\\' {
				text = append(text, '\\')
			}
			text = append(text, c)
		}
		text = append(text, '"')
	}
	return append(text, '}'), nil
}
