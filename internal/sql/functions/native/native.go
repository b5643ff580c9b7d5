// Package native holds the parts of SQL functions that neither DuckDB's functions nor SQL expressions over them compute
// exactly: they are Go functions that every DuckDB instance gets under names that begin with "wb_".
//
// The functions are pure: the same arguments give the same result. They know nothing of DuckDB; package engine registers
// Functions, and the tables of package functions call them. Start with Function.
package native

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Function is a scalar function. Its types are written as DuckDB's, and have these Go representations:
//
//	BOOLEAN bool    TINYINT to BIGINT int64    HUGEINT types.Int128    FLOAT float32    DOUBLE float64
//	VARCHAR string  BLOB []byte                DATE, TIME, TIMESTAMP, DECIMAL, UUID the integer behind them
//	T[] []any       STRUCT(a A, b B) []any     MAP(K, V) []any of []any{key, value}
//
// NULL inside of nested values is nil. A parameter of type ANY takes values of every type.
type Function struct {
	Name   string
	Params []string
	Result string
	// Call computes a row. It is not called when an argument is NULL: the result is NULL then. A nil result is NULL. A
	// *trinoerr.Error becomes the statement's error.
	Call func(a []any) (any, error)
}

// Functions are all of them.
var Functions = join(errorFunctions, numberFunctions, textFunctions, datetimeFunctions, formatFunctions, stringFunctions, jsonFunctions, encodingFunctions, pathFunctions,
	textFormatFunctions, numberFormatFunctions, listaggFunctions, hllFunctions, quantileFunctions, setDigestFunctions, valueHashFunctions, patternFunctions, murmur32Functions, hiveHashFunctions)

func join(tables ...[]Function) []Function {
	var out []Function
	for _, t := range tables {
		out = append(out, t...)
	}
	return out
}

func params(p ...string) []string { return p }

// moment is an instant or local time: microseconds since 1970-01-01 and the picoseconds of the microsecond.
type moment struct {
	micros int64
	picos  int64 // 0 to 999,999
}

const (
	picosPerMicro = 1_000_000
	microsPerDay  = 86_400_000_000
)

// huge returns a moment in picoseconds.
func (m moment) huge() types.Int128 {
	return addInt(mulMicro(m.micros), m.picos)
}

// mulMicro returns v * 1,000,000.
func mulMicro(v int64) types.Int128 {
	// 128-bit product of a 64-bit integer and a small factor, by halves.
	lo := uint64(v) & 0xffffffff * picosPerMicro
	hi := (v >> 32) * picosPerMicro
	r := types.Int128{Hi: hi >> 32, Lo: uint64(hi) << 32}
	return addInt128(r, types.Int128{Lo: lo})
}

func addInt128(a, b types.Int128) types.Int128 {
	lo := a.Lo + b.Lo
	hi := a.Hi + b.Hi
	if lo < a.Lo {
		hi++
	}
	return types.Int128{Hi: hi, Lo: lo}
}

func addInt(a types.Int128, n int64) types.Int128 { return addInt128(a, types.Int128From(n)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
