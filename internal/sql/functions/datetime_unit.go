package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// caster is a Caster for conversions inside of functions.
func (s *Site) caster() *Caster {
	return &Caster{TypeSQL: s.TypeSQL, Zone: s.Zone, Now: s.Now}
}

func toDate(s *Site) (string, error) {
	return s.caster().Cast(s.Args[0], types.Of(types.Date), false)
}

func dateFormat(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		return "wb_date_format(" + localMicros(o) + ", " + s.Args[1].SQL + ")"
	}), nil
}

func formatDatetime(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		if o.Type.Kind != types.TimestampTZ {
			return "wb_format_local(" + micros(o) + ", " + s.Args[1].SQL + ")"
		}
		zone := field(o, "z")
		seconds := "wb_offset_seconds(" + micros(o) + ", " + zone + ")"
		return "wb_format_datetime(" + localMicros(o) + ", " + zone + ", " + seconds + ", " + s.Args[1].SQL + ")"
	}), nil
}

// dateUnits and timestampUnits are the units that date_trunc and its like take.
var (
	dateUnits = map[string]bool{"day": true, "week": true, "month": true, "quarter": true, "year": true}
	timeUnits = map[string]bool{"millisecond": true, "second": true, "minute": true, "hour": true}
)

// unit returns the constant unit; ok is false when it is not constant.
func unitOf(s *Site) (unit string, ok bool, err error) {
	v, isText := s.Args[0].Value.(string)
	if !s.Args[0].Const || !isText {
		return "", false, nil
	}
	v = strings.ToLower(v)
	t := s.Args[len(s.Args)-1].Type
	if dateUnits[v] || timeUnits[v] && t.Kind != types.Date {
		return v, true, nil
	}
	return "", true, trinoerr.New(trinoerr.InvalidFunctionArgument, "'%s' is not a valid %s field", v, unitKind(t))
}

func unitKind(t types.Type) string {
	switch t.Kind {
	case types.Date:
		return "DATE"
	case types.Time, types.TimeTZ:
		return "TIME"
	}
	return "TIMESTAMP"
}

// native reports whether DuckDB's own types hold a date or timestamp as it is.
func native6(t types.Type) bool {
	return t.Kind == types.Date || t.Kind == types.Timestamp && t.P <= microPrecision
}

// rebuild makes a value of changed local microseconds; the finer digits are kept or dropped.
func (s *Site) rebuild(o Operand, us string, keepFine bool) string {
	c := s.caster()
	picos := "CAST(0 AS BIGINT)"
	if keepFine {
		picos = finePicos(o)
	}
	if o.Type.Kind == types.Date {
		return cast("make_timestamp("+us+")", "DATE")
	}
	if o.Type.Kind == types.TimestampTZ {
		us = "wb_instant(" + us + ", " + field(o, "z") + ")"
		return notNull(o, c.assemble(append(c.timestampOf(us, picos, o.Type.P, o.Type), field(o, "z")), o.Type))
	}
	return notNull(o, c.assemble(c.timestampOf(us, picos, o.Type.P, o.Type), o.Type))
}

func dateTrunc(s *Site) (string, error) {
	unit, constant, err := unitOf(s)
	if err != nil {
		return "", err
	}
	o := s.Args[1]
	if constant && native6(o.Type) {
		return cast("date_trunc('"+unit+"', "+o.SQL+")", s.TypeSQL(o.Type)), nil
	}
	return s.once(o, func(o Operand) string {
		return s.rebuild(o, "wb_trunc("+s.Args[0].SQL+", "+localMicros(o)+")", false)
	}), nil
}

// addable are DuckDB's interval constructors by unit.
var addable = map[string]string{
	"millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
}

func dateAdd(s *Site) (string, error) {
	unit, constant, err := unitOf(s)
	if err != nil {
		return "", err
	}
	n, o := s.Args[1], s.Args[2]
	if constant && native6(o.Type) {
		switch {
		case unit == "day" && o.Type.Kind == types.Date:
			return "(" + o.SQL + " + " + cast(n.SQL, "INTEGER") + ")", nil
		case unit == "week" && o.Type.Kind == types.Date:
			return "(" + o.SQL + " + " + cast(n.SQL+" * 7", "INTEGER") + ")", nil
		case unit == "day":
			return "(" + o.SQL + " + to_days(" + cast(n.SQL, "INTEGER") + "))", nil
		case unit == "week":
			return "(" + o.SQL + " + to_days(" + cast(n.SQL+" * 7", "INTEGER") + "))", nil
		case addable[unit] != "":
			return "(" + o.SQL + " + " + addable[unit] + "(" + n.SQL + "))", nil
		}
		months := map[string]string{"month": "1", "quarter": "3", "year": "12"}[unit]
		return cast(o.SQL+" + to_months("+cast(n.SQL+" * "+months, "INTEGER")+")", s.TypeSQL(o.Type)), nil
	}
	return s.once(o, func(o Operand) string {
		if constant && timeUnits[unit] && o.Type.Kind == types.TimestampTZ {
			c := s.caster()
			us := "wb_add('" + unit + "', " + n.SQL + ", " + micros(o) + ")"
			return notNull(o, c.assemble(append(c.timestampOf(us, finePicos(o), o.Type.P, o.Type), field(o, "z")), o.Type))
		}
		return s.rebuild(o, "wb_add("+s.Args[0].SQL+", "+n.SQL+", "+localMicros(o)+")", true)
	}), nil
}

func dateDiff(s *Site) (string, error) {
	unit, constant, err := unitOf(s)
	if err != nil {
		return "", err
	}
	a, b := s.Args[1], s.Args[2]
	if constant && a.Type.Kind == types.Date && unit == "day" {
		return cast(b.SQL+" - "+a.SQL, "BIGINT"), nil
	}
	return s.once(a, func(a Operand) string {
		return s.once(b, func(b Operand) string {
			if a.Type.Kind != types.TimestampTZ {
				return "wb_diff(" + s.Args[0].SQL + ", " + micros(a) + ", " + micros(b) + ")"
			}
			// Both are looked at in the zone of the first.
			return "wb_diff(" + s.Args[0].SQL + ", " + localMicros(a) + ", wb_local(" + micros(b) + ", " + field(a, "z") + "))"
		})
	}), nil
}

func atTimezone(s *Site) (string, error) {
	o := s.Args[0]
	return s.once(o, func(o Operand) string {
		parts := []string{field(o, "t")}
		if o.Type.P > microPrecision {
			parts = append(parts, field(o, "p"))
		}
		return notNull(o, s.caster().assemble(append(parts, zoneArgument(s.Args[1])), s.Result))
	}), nil
}

func withTimezone(s *Site) (string, error) {
	o := s.Args[0]
	return s.once(o, func(o Operand) string {
		c := s.caster()
		zone := "wb_zone(" + s.Args[1].SQL + ")"
		us := "wb_instant(" + micros(o) + ", " + zone + ")"
		return notNull(o, c.assemble(append(c.timestampOf(us, finePicos(o), o.Type.P, s.Result), zone), s.Result))
	}), nil
}

func offset(op string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		return s.once(s.Args[0], func(o Operand) string {
			return "(wb_offset_seconds(" + micros(o) + ", " + field(o, "z") + ") " + op + ")"
		}), nil
	}
}

// zoneArgument is the zone that AT TIME ZONE names, or whose offset it gives as an interval.
func zoneArgument(o Operand) string {
	if o.Type.Kind == types.IntervalDayToSecond {
		return "wb_offset_zone(" + o.SQL + ")"
	}
	return "wb_zone(" + o.SQL + ")"
}

// timeAtTimezone shows the same instant with another offset: that of the zone at the time of the query.
func timeAtTimezone(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		offset := s.caster().offsetNow(zoneArgument(s.Args[1]))
		picos := "((" + field(o, "t") + " + (" + offset + " - " + field(o, "o") + ") * 60000000000000 + " + dayPicos + ") % " + dayPicos + ")"
		return s.caster().zonedTime(o, picos, offset, s.Result)
	}), nil
}

// The units of times of day, in picoseconds.
var unitPicos = map[string]string{
	"millisecond": "1000000000", "second": "1000000000000", "minute": "60000000000000", "hour": "3600000000000000",
}

// timeUnit is the size of the constant unit of a function over times.
func timeUnit(s *Site) (string, error) {
	v, ok := s.Args[0].Value.(string)
	v = strings.ToLower(v)
	t := s.Args[len(s.Args)-1].Type
	if !s.Args[0].Const || !ok {
		return "", notSupported(s.Function, t)
	}
	if unitPicos[v] == "" {
		return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "'%s' is not a valid %s field", v, unitKind(t))
	}
	return unitPicos[v], nil
}

func (s *Site) timeResult(o Operand, picos string) string {
	if o.Type.Kind == types.TimeTZ {
		return s.caster().zonedTime(o, picos, field(o, "o"), s.Result)
	}
	return timeOf(picos, s.Result)
}

func timeTrunc(s *Site) (string, error) {
	unit, err := timeUnit(s)
	return s.once(s.Args[1], func(o Operand) string {
		return s.timeResult(o, "("+timePicos(o)+" // "+unit+" * "+unit+")")
	}), err
}

func timeAdd(s *Site) (string, error) {
	unit, err := timeUnit(s)
	return s.once(s.Args[2], func(o Operand) string {
		n := "(" + s.Args[1].SQL + " % (" + dayPicos + " // " + unit + "))"
		return s.timeResult(o, "(("+timePicos(o)+" + "+n+" * "+unit+" + "+dayPicos+") % "+dayPicos+")")
	}), err
}

func timeDiff(s *Site) (string, error) {
	unit, err := timeUnit(s)
	utc := func(o Operand) string {
		if o.Type.Kind != types.TimeTZ {
			return timePicos(o)
		}
		return "(((" + timePicos(o) + " - " + field(o, "o") + " * 60000000000000) % " + dayPicos + " + " + dayPicos + ") % " + dayPicos + ")"
	}
	return "((" + utc(s.Args[2]) + " - " + utc(s.Args[1]) + ") // " + unit + ")", err
}
