package slot

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Files of tables are read and written by other programs too, so their columns have other types than values have within a
// task (see duck.Physical): fields of rows bear their names instead of f1, f2, …, and a timestamp with time zone is a plain
// one in UTC, one of nanoseconds is not divided in two. This file has the SQL that converts, both ways.

// fromForeign returns the SQL of a value of a foreign file, as the physical type wants it but for a cast to this. digits, when
// larger than the precision of the timestamps in it, is that of the file.
func fromForeign(value string, t types.Type, digits int) string {
	switch t.Kind {
	case types.Timestamp:
		switch {
		case t.P > 6 && digits > 6:
			return "CASE WHEN " + value + " IS NOT NULL THEN row(make_timestamp(" + micros(value, digits) + "), " + nanosOfMicro(value) + " * 1000) END"
		case t.P > 6:
			return "CASE WHEN " + value + " IS NOT NULL THEN row(CAST(" + value + " AS TIMESTAMP), 0) END"
		case digits > t.P && t.P < 6:
			return roundMicros(micros(value, digits), t.P)
		}
	case types.TimestampTZ:
		return "CASE WHEN " + value + " IS NOT NULL THEN row(CAST(" + value + " AS TIMESTAMP), 'UTC') END"
	}
	return converted(value, t, func(v string, t types.Type) string { return fromForeign(v, t, digits) }, rowFromForeign)
}

// toForeign returns the SQL of a value for a foreign file.
func toForeign(value string, t types.Type) string {
	switch {
	case t.Kind == types.TimestampTZ:
		return "(" + value + ").t"
	case t.Kind == types.Timestamp && t.P > 6:
		return "make_timestamp_ns(epoch_us((" + value + ").t) * 1000 + (" + value + ").p // 1000)"
	}
	return converted(value, t, toForeign, rowToForeign)
}

// nanosOfMicro returns the nanoseconds of a timestamp's last microsecond, which are not negative.
func nanosOfMicro(value string) string {
	return "((epoch_ns(" + value + ") % 1000 + 1000) % 1000)"
}

// micros returns the whole microseconds of a timestamp.
func micros(value string, digits int) string {
	if digits > 6 { // a cast would round
		return "((epoch_ns(" + value + ") - " + nanosOfMicro(value) + ") // 1000)"
	}
	return "epoch_us(CAST(" + value + " AS TIMESTAMP))"
}

// roundMicros rounds microseconds to a timestamp of p digits of a second's fraction, halves up, as Trino's readers do.
func roundMicros(us string, p int) string {
	unit := 1
	for range 6 - p {
		unit *= 10
	}
	us = fmt.Sprintf("(%s + %d)", us, unit/2)
	return fmt.Sprintf("make_timestamp(%s - ((%s %% %d + %d) %% %d))", us, us, unit, unit, unit)
}

// converted applies a conversion to the parts of composite values; the SQL stays as it is where there is nothing to do.
func converted(value string, t types.Type, part func(string, types.Type) string,
	row func(value string, t types.Type, part func(string, types.Type) string) string) string {
	x := fmt.Sprintf("x%d", nesting(t))
	switch t.Kind {
	case types.Row:
		return row(value, t, part)
	case types.Array:
		if elem := part(x, t.Elem(0)); elem != x {
			return "list_transform(" + value + ", lambda " + x + ": " + elem + ")"
		}
	case types.Map:
		key, val := part(x+".key", t.Elem(0)), part(x+".value", t.Elem(1))
		if key != x+".key" || val != x+".value" {
			return "map_from_entries(list_transform(map_entries(" + value + "), lambda " + x + ": {'k': " + key + ", 'v': " + val + "}))"
		}
	}
	return value
}

// nesting is how deep a type is: it makes names of parameters that do not clash.
func nesting(t types.Type) int {
	deepest := 0
	for _, a := range t.Args {
		deepest = max(deepest, nesting(a.Type)+1)
	}
	return deepest
}

// rowFromForeign takes fields by their names. DuckDB casts rows by name, so the fields get those of the physical type.
func rowFromForeign(value string, t types.Type, part func(string, types.Type) string) string {
	fields := make([]string, len(t.Args))
	for i, f := range t.Args {
		fields[i] = fmt.Sprintf("'f%d': %s", i+1, part(value+"."+engine.QuoteName(f.Name), f.Type))
	}
	return "CASE WHEN " + value + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
}

func rowToForeign(value string, t types.Type, part func(string, types.Type) string) string {
	fields := make([]string, len(t.Args))
	for i, f := range t.Args {
		name := f.Name
		if name == "" {
			name = fmt.Sprintf("field%d", i)
		}
		fields[i] = fmt.Sprintf("%s: %s", engine.QuoteText(name), part(fmt.Sprintf("%s.f%d", value, i+1), f.Type))
	}
	return "CASE WHEN " + value + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
}
