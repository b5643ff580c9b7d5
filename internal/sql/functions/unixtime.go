package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// fromUnixtime rounds to milliseconds.
func fromUnixtime(s *Site) (string, error) {
	return s.each(s.Args, func(a []Operand) string {
		zone := "'" + s.Zone + "'"
		switch len(a) {
		case 2:
			zone = "wb_known_zone(" + a[1].SQL + ")"
		case 3:
			zone = "wb_offset_of(" + a[1].SQL + ", " + a[2].SQL + ")"
		}
		known := make([]string, len(a))
		for i := range a {
			known[i] = a[i].SQL + " IS NOT NULL"
		}
		return "CASE WHEN " + strings.Join(known, " AND ") + " THEN " + cast("row(make_timestamp(wb_unixtime("+a[0].SQL+")), "+zone+")", s.TypeSQL(s.Result)) + " END"
	}), nil
}

// fromNanos takes a whole number of nanoseconds, to which a decimal is rounded.
func fromNanos(s *Site) (string, error) {
	n := Operand{SQL: cast(s.Args[0].SQL, "HUGEINT"), Type: types.Of(types.BigInt)}
	if s.Args[0].Type.Kind == types.Decimal {
		n.SQL = cast("round("+s.Args[0].SQL+")", "HUGEINT")
	}
	return s.once(n, func(o Operand) string {
		picos := "CAST(((" + o.SQL + " % 1000 + 1000) % 1000) * 1000 AS INTEGER)"
		return notNull(o, cast("row(make_timestamp(wb_nanos_micros("+o.SQL+")), "+picos+", '"+s.Zone+"')", s.TypeSQL(s.Result)))
	}), nil
}

// parsedInstant calls a native function that finds an instant in a text, and the one that finds its zone.
func parsedInstant(function string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		return s.each(s.Args, func(a []Operand) string {
			s.Args = a
			args := s.list(0) + ", '" + s.Zone + "'"
			known := make([]string, len(a))
			for i := range a {
				known[i] = a[i].SQL + " IS NOT NULL"
			}
			return "CASE WHEN " + strings.Join(known, " AND ") + " THEN " +
				cast("row(make_timestamp("+function+"("+args+")), "+function+"_zone("+args+"))", s.TypeSQL(s.Result)) + " END"
		}), nil
	}
}

func parsedNanos(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		args := o.SQL + ", '" + s.Zone + "'"
		return s.once(Operand{SQL: "wb_parse_nanos(" + args + ")", Type: s.Result}, func(h Operand) string {
			c := s.caster()
			return notNull(h, c.assemble(append(c.timestampOf(hugeMicros(h), hugePicos(h), 12, s.Result), "wb_parse_nanos_zone("+args+")"), s.Result))
		})
	}), nil
}

func toUnixtime(s *Site) (string, error) {
	return "(" + micros(s.Args[0]) + " / 1000000)", nil
}

// isoLength is the length of the text for a number of fractional digits.
func isoLength(base int) func(Binding) (types.Type, error) {
	return func(b Binding) (types.Type, error) {
		p := b.Nums["p"]
		if p > 0 {
			p++
		}
		return types.VarcharN(base + p), nil
	}
}

func toISO(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		p := strconv.Itoa(o.Type.P)
		text := "replace(wb_timestamp_text(" + localMicros(o) + ", " + finePicos(o) + ", " + p + "), ' ', 'T')"
		if o.Type.Kind == types.TimestampTZ {
			text += " || wb_offset_text(" + micros(o) + ", " + field(o, "z") + ")"
		}
		return "(" + text + ")"
	}), nil
}
