package system

import "github.com/waterbear-sql/waterbear/internal/types"

// description is what JDBC wants to know of a type. The members but number may be NULL.
type description struct {
	number int64 // of java.sql.Types
	size   any   // digits or characters that values have at most
	digits any   // after the point
	radix  any   // in which size counts
	octets any   // bytes that values have at most
}

// Numbers of java.sql.Types for types of which JDBC knows no more.
const (
	javaObject int64 = 2000
	javaArray  int64 = 2003
)

// plainTypes are the types without parameters that JDBC knows.
var plainTypes = map[types.Kind]description{
	types.Boolean:   {number: 16},
	types.TinyInt:   {number: -6, size: int64(3), radix: int64(10)},
	types.SmallInt:  {number: 5, size: int64(5), radix: int64(10)},
	types.Integer:   {number: 4, size: int64(10), radix: int64(10)},
	types.BigInt:    {number: -5, size: int64(19), radix: int64(10)},
	types.Real:      {number: 7, size: int64(24), radix: int64(2)},
	types.Double:    {number: 8, size: int64(53), radix: int64(2)},
	types.Varbinary: {number: -3, size: int64(types.UnboundedLength), octets: int64(types.UnboundedLength)},
	types.Date:      {number: 91, size: int64(14)},
	types.Array:     {number: javaArray},
}

// temporalTypes are those with a precision, with their size without a fraction.
var temporalTypes = map[types.Kind]struct{ number, size int64 }{
	types.Time:        {92, 8},
	types.TimeTZ:      {2013, 14},
	types.Timestamp:   {93, 21},
	types.TimestampTZ: {2014, 55},
}

// describe describes a type as Trino does.
func describe(t types.Type) description {
	p := int64(t.P)
	if base, ok := temporalTypes[t.Kind]; ok {
		size := base.size
		if p > 0 {
			size += 1 + p
		}
		return description{number: base.number, size: size, digits: p}
	}
	switch t.Kind {
	case types.Decimal:
		return description{number: 3, size: p, digits: int64(t.S), radix: int64(10)}
	case types.Varchar:
		return description{number: 12, size: p, octets: p}
	case types.Char:
		return description{number: 1, size: p, octets: p}
	}
	if d, ok := plainTypes[t.Kind]; ok {
		return d
	}
	return description{number: javaObject}
}

// simpleTypes are the types without parameters, and whether their values can be compared.
var simpleTypes = []struct {
	kind       types.Kind
	comparable bool
}{
	{types.UUID, true}, {types.Color, true}, {types.Integer, true}, {types.HyperLogLog, false}, {types.Varbinary, true}, {types.Boolean, true},
	{types.CodePoints, false}, {types.JSONPath, false}, {types.Real, true}, {types.JSON, true}, {types.Unknown, true}, {types.IPAddress, true},
	{types.BigInt, true}, {types.IntervalYearToMonth, true}, {types.SetDigest, false}, {types.P4HyperLogLog, false}, {types.Double, true},
	{types.IntervalDayToSecond, true}, {types.SmallInt, true}, {types.TinyInt, true}, {types.TDigest, false}, {types.Date, true},
}

// familyNames are the types with parameters, of which JDBC is told no more than their names.
var familyNames = []string{"time with time zone", "varchar", "qdigest", "timestamp with time zone", "array", "function", "char", "row", "time",
	"decimal", "map", "timestamp"}

// The values of nullable and searchable.
const (
	typeNullable      int64 = 1
	typeNotSearchable int64 = 0
	typeSearchable    int64 = 3
)

// jdbcTypes are the rows of types.
func jdbcTypes() (rows [][]any) {
	row := func(name string, d description, searchable int64) {
		rows = append(rows, []any{name, d.number, d.size, nil, nil, nil, typeNullable, false, searchable, nil, false, nil, nil,
			int64(0), int64(0), nil, nil, d.radix})
	}
	for _, s := range simpleTypes {
		searchable := typeNotSearchable
		if s.comparable {
			searchable = typeSearchable
		}
		row(types.Of(s.kind).String(), describe(types.Of(s.kind)), searchable)
	}
	for _, n := range familyNames {
		d := description{number: javaObject}
		if n == "array" {
			d.number = javaArray
		}
		row(n, d, typeNotSearchable)
	}
	return rows
}
