package deltalog

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// parsedStats are the columns of a checkpoint that have statistics as fields instead of as JSON.
type parsedStats struct{ columns []leaf }

const parsedPrefix = "add.stats_parsed."

// newParsedStats finds them, and has them read.
func newParsedStats(columns map[string]leaf, want wanted, use func(path string)) parsedStats {
	var p parsedStats
	if want&wantAdds == 0 {
		return p
	}
	for path, c := range columns {
		if strings.HasPrefix(path, parsedPrefix) && !strings.ContainsAny(path, "[{") {
			p.columns = append(p.columns, c)
			use(path)
		}
	}
	slices.SortFunc(p.columns, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return p
}

// json renders the statistics of a row as commits have them; empty when there are none.
func (p parsedStats) json(row rowOf) string {
	root := map[string]any{}
	for _, c := range p.columns {
		v, ok := row.value(c.path)
		if !ok {
			continue
		}
		rendered, ok := jsonValue(c.column, v)
		if !ok {
			continue
		}
		at := root
		steps := strings.Split(strings.TrimPrefix(c.path, parsedPrefix), ".")
		for _, step := range steps[:len(steps)-1] {
			inner, ok := at[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[step] = inner
			}
			at = inner
		}
		at[steps[len(steps)-1]] = rendered
	}
	if len(root) == 0 {
		return ""
	}
	out, err := json.Marshal(root)
	if err != nil {
		return ""
	}
	return string(out)
}

// jsonValue renders a smallest or largest value or a count; ok is false for what statistics cannot have.
func jsonValue(c *parquet.Column, v parquet.Value) (any, bool) {
	t := c.Type()
	converted := deprecated.ConvertedType(-1)
	if ct := t.ConvertedType(); ct != nil {
		converted = *ct
	}
	logical := t.LogicalType()
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean(), true
	case parquet.Int32, parquet.Int64:
		n := fieldValue{Value: v}.whole()
		switch {
		case converted == deprecated.Date:
			return time.Unix(n*86400, 0).UTC().Format(time.DateOnly), true
		case isTimestamp(logical, converted):
			return timestampText(logical, converted, n)
		case converted == deprecated.Decimal:
			return decimalNumber(big.NewInt(n), scaleOf(logical)), true
		}
		return n, true
	case parquet.Int96:
		return nil, false
	case parquet.Float:
		return finite(float64(v.Float()))
	case parquet.Double:
		return finite(v.Double())
	case parquet.FixedLenByteArray, parquet.ByteArray:
		if converted == deprecated.Decimal {
			return decimalNumber(signed(v.ByteArray()), scaleOf(logical)), true
		}
		return text(v), converted == deprecated.UTF8
	}
	return nil, false
}

func finite(f float64) (any, bool) { return f, !math.IsNaN(f) && !math.IsInf(f, 0) }

// signed reads a big-endian integer in two's complement.
func signed(raw []byte) *big.Int {
	n := new(big.Int).SetBytes(raw)
	if len(raw) > 0 && raw[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return n
}

func decimalNumber(n *big.Int, scale int) json.Number {
	s := new(big.Int).Abs(n).String()
	if scale > 0 {
		if len(s) <= scale {
			s = strings.Repeat("0", scale-len(s)+1) + s
		}
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return json.Number(s)
}

func scaleOf(l *format.LogicalType) int {
	if l != nil {
		if d, ok := l.Value.(*format.DecimalType); ok && d.Scale >= 0 && d.Scale <= 38 {
			return int(d.Scale)
		}
	}
	return 0
}

func isTimestamp(l *format.LogicalType, c deprecated.ConvertedType) bool {
	if l != nil {
		if _, ok := l.Value.(*format.TimestampType); ok {
			return true
		}
	}
	return c == deprecated.TimestampMillis || c == deprecated.TimestampMicros
}

// timestampText renders a timestamp, of which statistics may be rounded down to milliseconds.
func timestampText(l *format.LogicalType, c deprecated.ConvertedType, n int64) (any, bool) {
	utc := true
	perSecond := int64(1_000_000)
	if c == deprecated.TimestampMillis {
		perSecond = 1000
	}
	if l != nil {
		if ts, ok := l.Value.(*format.TimestampType); ok {
			utc = ts.IsAdjustedToUTC
			switch ts.Unit.Value.(type) {
			case *format.MilliSeconds:
				perSecond = 1000
			case *format.NanoSeconds:
				perSecond = 1_000_000_000
			}
		}
	}
	seconds, rest := n/perSecond, n%perSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+perSecond
	}
	layout := "2006-01-02T15:04:05.000000"
	if utc {
		layout += "Z"
	}
	return time.Unix(seconds, rest*(1_000_000_000/perSecond)).UTC().Format(layout), true
}
