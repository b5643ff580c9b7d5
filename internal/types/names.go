package types

import (
	"strconv"
	"strings"
)

// simpleNames are the names of the kinds without parameters, as typeof shows them.
var simpleNames = map[Kind]string{
	Unknown: "unknown", Boolean: "boolean", TinyInt: "tinyint", SmallInt: "smallint", Integer: "integer",
	BigInt: "bigint", Real: "real", Double: "double", Varbinary: "varbinary", JSON: "json", Date: "date",
	IntervalDayToSecond: "interval day to second", IntervalYearToMonth: "interval year to month",
	UUID: "uuid", IPAddress: "ipaddress", HyperLogLog: "HyperLogLog", P4HyperLogLog: "P4HyperLogLog",
	TDigest: "tdigest", SetDigest: "SetDigest", JSONPath: "JsonPath", Color: "color", CodePoints: "CodePoints",
}

// rawNames are the base names of the kinds with parameters.
var rawNames = map[Kind]string{
	Decimal: "decimal", Varchar: "varchar", Char: "char", Time: "time", TimeTZ: "time with time zone",
	Timestamp: "timestamp", TimestampTZ: "timestamp with time zone", Array: "array", Map: "map", Row: "row",
	QDigest: "qdigest", Function: "function",
}

// nameStyle is what differs between Trino's two ways of writing a type.
type nameStyle struct {
	decimalSep string
	interval   func(string) string
	field      func(string) string
}

var (
	displayStyle  = nameStyle{",", func(s string) string { return s }, func(s string) string { return s }}
	protocolStyle = nameStyle{", ", strings.ToUpper, quoteFieldName}
)

// String returns the type's name as typeof, SHOW COLUMNS and error messages show it: decimal(10,2), row fields
// without quotes.
func (t Type) String() string {
	var b strings.Builder
	t.write(&b, displayStyle)
	return b.String()
}

// ProtocolName returns the type's name as the client protocol's columns show it, which is SQL text: decimal(10, 2),
// INTERVAL DAY TO SECOND, row fields quoted when they must be.
func (t Type) ProtocolName() string {
	var b strings.Builder
	t.write(&b, protocolStyle)
	return b.String()
}

// RawType is the name without parameters, the rawType of the protocol's typeSignature: "decimal", "array",
// "timestamp with time zone".
func (t Type) RawType() string {
	if s, ok := simpleNames[t.Kind]; ok {
		return s
	}
	return rawNames[t.Kind]
}

// NumericArguments returns the parameters of a type that are numbers, in the order of the protocol's typeSignature:
// precision and scale of a decimal, the length of a varchar (UnboundedLength for a plain one) or char, the fractional
// digits of a time or timestamp. It is empty for other types; the parameters of composite types are in Args.
func (t Type) NumericArguments() []int64 {
	switch t.Kind {
	case Decimal:
		return []int64{int64(t.P), int64(t.S)}
	case Varchar, Char, Time, TimeTZ, Timestamp, TimestampTZ:
		return []int64{int64(t.P)}
	}
	return nil
}

func (t Type) write(b *strings.Builder, st nameStyle) {
	if s, ok := simpleNames[t.Kind]; ok {
		if t.Kind == IntervalDayToSecond || t.Kind == IntervalYearToMonth {
			s = st.interval(s)
		}
		b.WriteString(s)
		return
	}
	n := strconv.Itoa(t.P)
	switch t.Kind {
	case Decimal:
		b.WriteString("decimal(" + n + st.decimalSep + strconv.Itoa(t.S) + ")")
	case Varchar:
		b.WriteString("varchar")
		if t.P != UnboundedLength {
			b.WriteString("(" + n + ")")
		}
	case Char:
		b.WriteString("char(" + n + ")")
	case Time:
		b.WriteString("time(" + n + ")")
	case TimeTZ:
		b.WriteString("time(" + n + ") with time zone")
	case Timestamp:
		b.WriteString("timestamp(" + n + ")")
	case TimestampTZ:
		b.WriteString("timestamp(" + n + ") with time zone")
	default:
		t.writeArgs(b, st)
	}
}

func (t Type) writeArgs(b *strings.Builder, st nameStyle) {
	b.WriteString(rawNames[t.Kind])
	b.WriteByte('(')
	for i, f := range t.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		if f.Name != "" {
			b.WriteString(st.field(f.Name))
			b.WriteByte(' ')
		}
		f.Type.write(b, st)
	}
	b.WriteByte(')')
}

// quoteFieldName quotes a row field's name unless it is a plain identifier and no reserved word.
func quoteFieldName(name string) string {
	plain := name != ""
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !isDigit(c) && c != '_') {
			plain = false
		}
	}
	if plain && !reservedWords[strings.ToUpper(name)] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// reservedWords are the keywords that cannot be identifiers without quotes (the reserved words in Trino's grammar).
var reservedWords = wordSet(`ALTER AND AS AUTO BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG
	CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE
	DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN
	INNER INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE
	LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT
	SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
