package engine

import (
	"fmt"
	"strings"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// TypeID is the family of a DuckDB type.
type TypeID uint8

// The types that results can have.
const (
	TypeBoolean     = TypeID(duckdb.TypeBoolean)
	TypeTinyInt     = TypeID(duckdb.TypeTinyInt)
	TypeSmallInt    = TypeID(duckdb.TypeSmallInt)
	TypeInteger     = TypeID(duckdb.TypeInteger)
	TypeBigInt      = TypeID(duckdb.TypeBigInt)
	TypeUTinyInt    = TypeID(duckdb.TypeUTinyInt)
	TypeUSmallInt   = TypeID(duckdb.TypeUSmallInt)
	TypeUInteger    = TypeID(duckdb.TypeUInteger)
	TypeUBigInt     = TypeID(duckdb.TypeUBigInt)
	TypeHugeInt     = TypeID(duckdb.TypeHugeInt)
	TypeUHugeInt    = TypeID(duckdb.TypeUHugeInt)
	TypeFloat       = TypeID(duckdb.TypeFloat)
	TypeDouble      = TypeID(duckdb.TypeDouble)
	TypeDecimal     = TypeID(duckdb.TypeDecimal)
	TypeVarchar     = TypeID(duckdb.TypeVarchar)
	TypeBlob        = TypeID(duckdb.TypeBlob)
	TypeBit         = TypeID(duckdb.TypeBit)
	TypeDate        = TypeID(duckdb.TypeDate)
	TypeTime        = TypeID(duckdb.TypeTime)
	TypeTimeNS      = TypeID(duckdb.TypeTimeNS)
	TypeTimeTZ      = TypeID(duckdb.TypeTimeTZ)
	TypeTimestamp   = TypeID(duckdb.TypeTimestamp)
	TypeTimestampS  = TypeID(duckdb.TypeTimestampS)
	TypeTimestampMS = TypeID(duckdb.TypeTimestampMS)
	TypeTimestampNS = TypeID(duckdb.TypeTimestampNS)
	TypeTimestampTZ = TypeID(duckdb.TypeTimestampTZ)
	TypeInterval    = TypeID(duckdb.TypeInterval)
	TypeUUID        = TypeID(duckdb.TypeUUID)
	TypeEnum        = TypeID(duckdb.TypeEnum)
	TypeList        = TypeID(duckdb.TypeList)
	TypeArray       = TypeID(duckdb.TypeArray)
	TypeMap         = TypeID(duckdb.TypeMap)
	TypeStruct      = TypeID(duckdb.TypeStruct)
	TypeNull        = TypeID(duckdb.TypeSQLNull)
)

var typeNames = map[TypeID]string{
	TypeBoolean: "BOOLEAN", TypeTinyInt: "TINYINT", TypeSmallInt: "SMALLINT", TypeInteger: "INTEGER",
	TypeBigInt: "BIGINT", TypeUTinyInt: "UTINYINT", TypeUSmallInt: "USMALLINT", TypeUInteger: "UINTEGER",
	TypeUBigInt: "UBIGINT", TypeHugeInt: "HUGEINT", TypeUHugeInt: "UHUGEINT", TypeFloat: "FLOAT",
	TypeDouble: "DOUBLE", TypeVarchar: "VARCHAR", TypeBlob: "BLOB", TypeBit: "BIT", TypeDate: "DATE",
	TypeTime: "TIME", TypeTimeNS: "TIME_NS", TypeTimeTZ: "TIME WITH TIME ZONE", TypeTimestamp: "TIMESTAMP",
	TypeTimestampS: "TIMESTAMP_S", TypeTimestampMS: "TIMESTAMP_MS", TypeTimestampNS: "TIMESTAMP_NS",
	TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE", TypeInterval: "INTERVAL", TypeUUID: "UUID", TypeEnum: "ENUM",
	TypeNull: `"NULL"`,
}

// Field is a named type: a column of a result or a child of a nested type.
type Field struct {
	Name string
	Type Type
}

// Type is a DuckDB type.
type Type struct {
	ID TypeID
	// Width and Scale are the digits of a DECIMAL.
	Width, Scale uint8
	// Size is the length of an ARRAY.
	Size int
	// Children are the element of a LIST or ARRAY, the key and value of a MAP, the fields of a STRUCT.
	Children []Field
	// Dictionary are the values of an ENUM.
	Dictionary []string

	layout TypeID
}

// Layout returns the type that says how values lie in memory: for a DECIMAL the integer type of its unscaled values, for
// an ENUM the unsigned type of its codes, and the plain integer behind dates, times, timestamps and UUIDs.
func (t *Type) Layout() TypeID { return t.layout }

// String returns the type in DuckDB's syntax.
func (t *Type) String() string {
	switch t.ID {
	case TypeDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Width, t.Scale)
	case TypeList:
		return t.Children[0].Type.String() + "[]"
	case TypeArray:
		return fmt.Sprintf("%s[%d]", t.Children[0].Type.String(), t.Size)
	case TypeMap:
		return fmt.Sprintf("MAP(%s, %s)", t.Children[0].Type.String(), t.Children[1].Type.String())
	case TypeStruct:
		var parts []string
		for _, f := range t.Children {
			parts = append(parts, QuoteName(f.Name)+" "+f.Type.String())
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	if n, ok := typeNames[t.ID]; ok {
		return n
	}
	return fmt.Sprintf("TYPE %d", t.ID)
}

// layouts are the types whose values lie in memory like those of another one.
var layouts = map[TypeID]TypeID{
	TypeDate: TypeInteger, TypeTime: TypeBigInt, TypeTimeNS: TypeBigInt, TypeTimeTZ: TypeUBigInt,
	TypeTimestamp: TypeBigInt, TypeTimestampS: TypeBigInt, TypeTimestampMS: TypeBigInt,
	TypeTimestampNS: TypeBigInt, TypeTimestampTZ: TypeBigInt, TypeUUID: TypeHugeInt,
}

// newType reads a logical type; the caller still owns it.
func newType(lt duckdb.LogicalType) Type {
	t := Type{ID: TypeID(duckdb.GetTypeId(lt))}
	t.layout = t.ID
	if l, ok := layouts[t.ID]; ok {
		t.layout = l
	}
	child := func(name string, c duckdb.LogicalType) {
		t.Children = append(t.Children, Field{Name: name, Type: newType(c)})
		duckdb.DestroyLogicalType(&c)
	}
	switch t.ID {
	case TypeDecimal:
		t.Width, t.Scale = duckdb.DecimalWidth(lt), duckdb.DecimalScale(lt)
		t.layout = TypeID(duckdb.DecimalInternalType(lt))
	case TypeEnum:
		t.layout = TypeID(duckdb.EnumInternalType(lt))
		for n := range duckdb.EnumDictionarySize(lt) {
			t.Dictionary = append(t.Dictionary, duckdb.EnumDictionaryValue(lt, duckdb.IdxT(n)))
		}
	case TypeList:
		child("", duckdb.ListTypeChildType(lt))
	case TypeArray:
		t.Size = int(duckdb.ArrayTypeArraySize(lt))
		child("", duckdb.ArrayTypeChildType(lt))
	case TypeMap:
		child("key", duckdb.MapTypeKeyType(lt))
		child("value", duckdb.MapTypeValueType(lt))
	case TypeStruct:
		for n := range duckdb.StructTypeChildCount(lt) {
			child(duckdb.StructTypeChildName(lt, n), duckdb.StructTypeChildType(lt, n))
		}
	}
	return t
}
