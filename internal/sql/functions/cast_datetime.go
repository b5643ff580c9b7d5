package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Dates and times of every precision are taken apart into microseconds (or picoseconds since midnight) and what is finer,
// and put together again in the form that their type has in DuckDB: see Physical in package plan/duck.

func field(o Operand, name string) string { return "struct_extract(" + o.SQL + ", '" + name + "')" }

// clock is the part of a timestamp that has DuckDB's own type.
func clock(o Operand) string {
	if o.Type.Kind == types.TimestampTZ || o.Type.P > microPrecision {
		return field(o, "t")
	}
	return o.SQL
}

// micros are the microseconds since 1970-01-01 of a date or timestamp, rounded down; those of a zoned one are in UTC.
func micros(o Operand) string {
	if o.Type.Kind == types.Date {
		return "(CAST(" + o.SQL + " - DATE '1970-01-01' AS BIGINT) * 86400000000)"
	}
	return "epoch_us(" + clock(o) + ")"
}

// finePicos are the picoseconds of the microsecond of a timestamp.
func finePicos(o Operand) string {
	if o.Type.Kind == types.Date || o.Type.P <= microPrecision {
		return "CAST(0 AS BIGINT)"
	}
	return cast(field(o, "p"), "BIGINT")
}

// timestampOf makes a timestamp(p), or the t and p of a zoned one, of microseconds and picoseconds of the microsecond, which
// are rounded half up.
func (c *Caster) timestampOf(us, picos string, from int, to types.Type) []string {
	p := to.P
	switch {
	case p <= microPrecision && from > p:
		step := powerOfTen(microPrecision - p)
		if p == microPrecision {
			us = "(" + us + " + " + picos + " // 500000)"
		}
		// Below that, digits finer than a microsecond cannot change the rounding.
		if p < microPrecision {
			us = "(" + us + " + " + step + " // 2 - ((" + us + " + " + step + " // 2) % " + step + " + " + step + ") % " + step + ")"
		}
		return []string{"make_timestamp(" + us + ")"}
	case p <= microPrecision:
		return []string{"make_timestamp(" + us + ")"}
	}
	if from > p {
		step := powerOfTen(12 - p)
		picos = "((" + picos + " + " + step + " // 2) // " + step + " * " + step + ")"
		return []string{"make_timestamp(" + us + " + " + picos + " // 1000000)", cast(picos+" % 1000000", "INTEGER")}
	}
	return []string{"make_timestamp(" + us + ")", cast(picos, "INTEGER")}
}

// assemble makes the value of its parts.
func (c *Caster) assemble(parts []string, to types.Type) string {
	if len(parts) == 1 && to.Kind == types.Timestamp {
		return parts[0]
	}
	var text strings.Builder
	text.WriteString("row(")
	for i, p := range parts {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(p)
	}
	return cast(text.String()+")", c.TypeSQL(to))
}

func notNull(o Operand, sql string) string {
	return "CASE WHEN " + o.SQL + " IS NOT NULL THEN " + sql + " END"
}

func (c *Caster) zone() string { return "'" + c.Zone + "'" }

func dateToTimestamp(c *Caster, o Operand, to types.Type) string {
	if to.Kind == types.Timestamp && to.P <= microPrecision {
		return cast(o.SQL, "TIMESTAMP")
	}
	return c.once(o, func(o Operand) string {
		us := micros(o)
		if to.Kind == types.TimestampTZ {
			us = "wb_instant(" + us + ", " + c.zone() + ")"
			return notNull(o, c.assemble(append(c.timestampOf(us, "0", 0, to), c.zone()), to))
		}
		return notNull(o, c.assemble(c.timestampOf(us, "0", 0, to), to))
	})
}

func timestampToDate(c *Caster, o Operand, to types.Type) string {
	if o.Type.Kind == types.TimestampTZ {
		return c.once(o, func(o Operand) string {
			return cast("make_timestamp(wb_local("+micros(o)+", "+field(o, "z")+"))", "DATE")
		})
	}
	return cast(cast(clock(o), "TIMESTAMP"), "DATE")
}

func timestampToTimestamp(c *Caster, o Operand, to types.Type) string {
	if o.Type.P <= to.P && to.P <= microPrecision {
		return o.SQL
	}
	return c.once(o, func(o Operand) string {
		return notNull(o, c.assemble(c.timestampOf(micros(o), finePicos(o), o.Type.P, to), to))
	})
}

func timestampToZoned(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		us := "wb_check_instant(wb_instant(" + micros(o) + ", " + c.zone() + "))"
		return notNull(o, c.assemble(append(c.timestampOf(us, finePicos(o), o.Type.P, to), c.zone()), to))
	})
}

func zonedToTimestamp(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		us := "wb_local(" + micros(o) + ", " + field(o, "z") + ")"
		return notNull(o, c.assemble(c.timestampOf(us, finePicos(o), o.Type.P, to), to))
	})
}

func zonedToZoned(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		return notNull(o, c.assemble(append(c.timestampOf(micros(o), finePicos(o), o.Type.P, to), field(o, "z")), to))
	})
}

func parseTimestamp(c *Caster, o Operand, to types.Type) string {
	return c.once(Operand{SQL: "wb_parse_timestamp(" + padChar(o) + ")", Type: to}, func(h Operand) string {
		return notNull(h, c.assemble(c.timestampOf(hugeMicros(h), hugePicos(h), 12, to), to))
	})
}

func parseTimestampTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(charText(o), func(o Operand) string {
		h := Operand{SQL: "wb_parse_instant(" + o.SQL + ", " + c.zone() + ")", Type: to}
		zone := "wb_parse_zone(" + o.SQL + ", " + c.zone() + ")"
		return c.once(h, func(h Operand) string {
			return notNull(h, c.assemble(append(c.timestampOf(hugeMicros(h), hugePicos(h), 12, to), zone), to))
		})
	})
}

// hugePicos and hugeMicros split picoseconds since 1970-01-01.
func hugePicos(h Operand) string {
	return cast("(("+h.SQL+" % 1000000) + 1000000) % 1000000", "BIGINT")
}

func hugeMicros(h Operand) string {
	return cast("("+h.SQL+" - (("+h.SQL+" % 1000000) + 1000000) % 1000000) // 1000000", "BIGINT")
}

// The conversions of times of day.

const dayPicos = "86400000000000000"

// timePicos are the picoseconds since midnight of a time or of a timestamp's time of day.
func timePicos(o Operand) string {
	switch {
	case o.Type.Kind == types.TimeTZ:
		return field(o, "t")
	case o.Type.P > microPrecision:
		return o.SQL
	}
	return "(epoch_us(" + o.SQL + ") * 1000000)"
}

// roundTime rounds picoseconds half up to a precision; midnight comes after the last instant of the day.
func roundTime(picos string, from, to int) string {
	if from <= to {
		return picos
	}
	step := powerOfTen(12 - to)
	return "((" + picos + " + " + step + " // 2) // " + step + " * " + step + " % " + dayPicos + ")"
}

func timeOf(picos string, to types.Type) string {
	if to.P > microPrecision {
		return cast(picos, "BIGINT")
	}
	return "(TIME '00:00:00' + to_microseconds(CAST(" + picos + " // 1000000 AS BIGINT)))"
}

func timeToTime(c *Caster, o Operand, to types.Type) string {
	if o.Type.P <= to.P && to.P <= microPrecision {
		return o.SQL
	}
	return c.once(o, func(o Operand) string { return timeOf(roundTime(timePicos(o), o.Type.P, to.P), to) })
}

func timestampToTime(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		us := micros(o)
		if o.Type.Kind == types.TimestampTZ {
			us = "wb_local(" + us + ", " + field(o, "z") + ")"
		}
		return timeOf(roundTime(dayTime(o, us), o.Type.P, to.P), to)
	})
}

// timeToTimestamp is on the session's current date in Trino; that a task cannot know, so there is no such conversion here but
// through the current date: it is computed by the statement's clock.
func timeToTimestamp(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		today := "(CAST(current_date - DATE '1970-01-01' AS BIGINT) * 86400000000)"
		us := "(" + today + " + " + timePicos(o) + " // 1000000)"
		parts := c.timestampOf(us, "("+timePicos(o)+" % 1000000)", o.Type.P, to)
		if to.Kind == types.TimestampTZ {
			parts = c.timestampOf("wb_instant("+us+", "+c.zone()+")", "("+timePicos(o)+" % 1000000)", o.Type.P, to)
			parts = append(parts, c.zone())
		}
		return notNull(o, c.assemble(parts, to))
	})
}

func (c *Caster) zonedTime(o Operand, picos, offset string, to types.Type) string {
	return notNull(o, cast("row("+picos+", "+offset+")", c.TypeSQL(to)))
}

// offsetNow is a zone's offset in minutes at the statement's start, which is what Trino gives times.
func (c *Caster) offsetNow(zone string) string {
	return cast("wb_offset_seconds("+strconv.FormatInt(c.Now.UnixMicro(), 10)+", "+zone+") // 60", "INTEGER")
}

func timeToTimeTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		return c.zonedTime(o, roundTime(timePicos(o), o.Type.P, to.P), c.offsetNow(c.zone()), to)
	})
}

func timestampToTimeTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		return c.zonedTime(o, roundTime(dayTime(o, micros(o)), o.Type.P, to.P), c.offsetNow(c.zone()), to)
	})
}

// dayTime are the picoseconds since midnight of local microseconds and the finer digits of a timestamp.
func dayTime(o Operand, us string) string {
	return "((" + us + " % 86400000000 + 86400000000) % 86400000000 * 1000000 + " + finePicos(o) + ")"
}

func timeTZToTime(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string { return timeOf(roundTime(timePicos(o), o.Type.P, to.P), to) })
}

func timeTZToTimeTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		return c.zonedTime(o, roundTime(timePicos(o), o.Type.P, to.P), field(o, "o"), to)
	})
}

func zonedToTimeTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		local := "wb_local(" + micros(o) + ", " + field(o, "z") + ")"
		return c.zonedTime(o, roundTime(dayTime(o, local), o.Type.P, to.P), c.offsetNow(field(o, "z")), to)
	})
}

func parseTime(c *Caster, o Operand, to types.Type) string {
	return timeOf(roundTime("wb_parse_time("+padChar(o)+")", 12, to.P), to)
}

func parseTimeTZ(c *Caster, o Operand, to types.Type) string {
	return c.once(charText(o), func(o Operand) string {
		return c.zonedTime(o, roundTime("wb_parse_time("+o.SQL+")", 12, to.P), cast("wb_parse_offset("+o.SQL+")", "INTEGER"), to)
	})
}
