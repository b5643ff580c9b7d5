package delta

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// partitionValue reads the value of a table partitioning column; the empty text is NULL, too.
func partitionValue(t types.Type, text *string) (any, error) {
	if text == nil || *text == "" {
		return nil, nil
	}
	v, ok := parseText(t, *text)
	if !ok {
		return nil, trinoerr.New(trinoerr.DeltaLakeInvalidSchema, "Invalid partition value '%s' for %s partition key", *text, t)
	}
	return v, nil
}

// parseText reads a value as the log has it.
func parseText(t types.Type, s string) (any, bool) {
	if v, ok, plain := lake.ParsePlain(t, s); plain {
		return v, ok
	}
	switch t.Kind {
	case types.Varbinary:
		return []byte(s), true
	case types.Decimal:
		v, ok := types.Cast(s, types.Of(types.Varchar), t, "UTC")
		return v, ok
	case types.Date:
		_, v, err := types.ParseLiteral(t, s)
		return v, err == nil
	case types.Timestamp, types.TimestampTZ:
		us, ok := parseInstant(s)
		if !ok {
			return nil, false
		}
		if t.Kind == types.Timestamp {
			return types.TimestampValue{EpochMicros: us}, true
		}
		return types.TimestampTZValue{EpochMillis: types.FloorDiv(us, 1000), Zone: "UTC"}, true
	}
	return nil, false
}

// parseInstant reads a timestamp in one of the forms that logs have: with a space or a T, with a zone or, for UTC, without.
func parseInstant(s string) (micros int64, ok bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UnixMicro(), true
		}
	}
	return 0, false
}

// partitionText renders a value for the log, from how DuckDB renders it.
func partitionText(t types.Type, text *string) (*string, error) {
	if text == nil {
		return nil, nil
	}
	out := *text
	switch t.Kind {
	case types.Timestamp, types.TimestampTZ:
		us, ok := parseInstant(out)
		if !ok {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "timestamp %q of a table partition", out)
		}
		layout := "2006-01-02 15:04:05.000000"
		if t.Kind == types.TimestampTZ {
			layout = "2006-01-02T15:04:05.000000Z"
		}
		out = time.UnixMicro(us).UTC().Format(layout)
	case types.Varbinary:
		raw, err := unescapeBlob(out)
		if err != nil {
			return nil, err
		}
		out = string(raw)
	}
	return &out, nil
}

// unescapeBlob reads the text that DuckDB makes of a blob: bytes that are not printable are \xAB.
func unescapeBlob(s string) ([]byte, error) {
	var out []byte
	for len(s) > 0 {
		if len(s) >= 4 && strings.HasPrefix(s, `\x`) {
			b, err := hex.DecodeString(s[2:4])
			if err != nil {
				return nil, err
			}
			out, s = append(out, b...), s[4:]
			continue
		}
		out, s = append(out, s[0]), s[1:]
	}
	return out, nil
}

// statValue reads a smallest or largest value of a file's statistics; ok is false for what is not understood.
func statValue(t types.Type, raw json.RawMessage) (any, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, false
	}
	var s string
	if raw[0] != '"' {
		s = string(raw)
	} else if json.Unmarshal(raw, &s) != nil {
		return nil, false
	}
	switch t.Kind {
	case types.Varbinary, types.Array, types.Map, types.Row:
		return nil, false
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		// Some writers make 1.0 of it.
		s = strings.TrimSuffix(s, ".0")
	case types.Decimal:
		if strings.ContainsAny(s, "eE") {
			return nil, false
		}
	}
	v, ok := parseText(t, s)
	switch f := v.(type) {
	case float64:
		ok = ok && !math.IsNaN(f)
	case float32:
		ok = ok && f == f
	}
	return v, ok
}
