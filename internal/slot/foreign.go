package slot

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Files of tables are read and written by other programs too, so their columns have other types than values have within a
// task (see duck.Physical): fields of rows bear their names instead of f1, f2, …, and a timestamp with time zone is a plain
// one in UTC, one of nanoseconds is not divided in two. This file has the SQL that converts, both ways.

// fromForeign returns the SQL of a value of a foreign file, as the physical type wants it but for a cast to this. digits, when
// larger than the precision of the timestamps in it, is that of the file. shape, when not nil, says what its fields are in the file.
func fromForeign(value string, t types.Type, digits int, shape *connector.FileShape) string {
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
		instant := "CAST(" + value + " AS TIMESTAMP)"
		if digits > t.P && t.P < 6 {
			instant = floorMicros(micros(value, digits), t.P)
		}
		return "CASE WHEN " + value + " IS NOT NULL THEN row(" + instant + ", 'UTC') END"
	}
	part := func(v string, t types.Type, i int) string { return fromForeign(v, t, digits, shape.Part(i)) }
	if t.Kind == types.Row {
		return rowFromForeign(value, t, shape, part)
	}
	return converted(value, t, part)
}

// toForeign returns the SQL of a value for a foreign file; with utc, timestamps with time zone are of DuckDB's type of that name.
func toForeign(value string, t types.Type, utc bool) string {
	switch {
	case t.Kind == types.TimestampTZ && utc:
		return "CAST((" + value + ").t AS TIMESTAMPTZ)" // the engine's zone is UTC
	case t.Kind == types.TimestampTZ:
		return "(" + value + ").t"
	case t.Kind == types.Timestamp && t.P > 6:
		return "make_timestamp_ns(epoch_us((" + value + ").t) * 1000 + (" + value + ").p // 1000)"
	}
	part := func(v string, t types.Type, _ int) string { return toForeign(v, t, utc) }
	if t.Kind == types.Row {
		return rowToForeign(value, t, part)
	}
	return converted(value, t, part)
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

// conversion is the SQL of a part of a composite value, converted: of what argument i of its type is about.
type conversion func(value string, t types.Type, i int) string

// floorMicros cuts microseconds to an instant of p digits of a second's fraction, as Trino's readers do.
func floorMicros(us string, p int) string {
	unit := 1
	for range 6 - p {
		unit *= 10
	}
	return fmt.Sprintf("make_timestamp(%s - ((%s %% %d + %d) %% %d))", us, us, unit, unit, unit)
}

// converted applies a conversion to the parts of arrays and maps; the SQL stays as it is where there is nothing to do.
func converted(value string, t types.Type, part conversion) string {
	x := fmt.Sprintf("x%d", nesting(t))
	switch t.Kind {
	case types.Array:
		if elem := part(x, t.Elem(0), 0); elem != x {
			return "list_transform(" + value + ", lambda " + x + ": " + elem + ")"
		}
	case types.Map:
		key, val := part(x+".key", t.Elem(0), 0), part(x+".value", t.Elem(1), 1)
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
func rowFromForeign(value string, t types.Type, shape *connector.FileShape, part conversion) string {
	fields := make([]string, len(t.Args))
	for i, f := range t.Args {
		name := f.Name
		if in := shape.Part(i); in != nil {
			name = in.Name
			if in.Missing {
				fields[i] = fmt.Sprintf("'f%d': NULL", i+1)
				continue
			}
		}
		fields[i] = fmt.Sprintf("'f%d': %s", i+1, part("struct_extract("+value+", "+engine.QuoteText(name)+")", f.Type, i))
	}
	return "CASE WHEN " + value + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
}

func rowToForeign(value string, t types.Type, part conversion) string {
	fields := make([]string, len(t.Args))
	for i, f := range t.Args {
		name := f.Name
		if name == "" {
			name = fmt.Sprintf("field%d", i)
		}
		fields[i] = fmt.Sprintf("%s: %s", engine.QuoteText(name), part(fmt.Sprintf("%s.f%d", value, i+1), f.Type, i))
	}
	return "CASE WHEN " + value + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
}
