package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// cast binds CAST and TRY_CAST.
func (x *exprBinder) cast(e *ast.Cast) (plan.Expr, error) {
	t, err := dataType(e, e.Type)
	if err != nil {
		return nil, err
	}
	arg, err := x.expr(e.Value)
	if err != nil {
		return nil, err
	}
	if !castable(arg.Type(), t) {
		return nil, errAt(e, trinoerr.TypeMismatch, "Cannot cast %s to %s", arg.Type(), t)
	}
	if arg.Type().Equal(t) {
		return arg, nil
	}
	if arg, err = unparsedJSON(arg, t); err != nil {
		return nil, err
	}
	return &plan.Cast{Arg: arg, Typ: t, Try: e.Safe}, nil
}

// kinds is a set of kinds.
type kinds map[types.Kind]bool

func kindSet(ks ...types.Kind) kinds {
	s := kinds{}
	for _, k := range ks {
		s[k] = true
	}
	return s
}

var numericKinds = []types.Kind{types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal}

// casts lists what each kind can be cast to explicitly, besides itself. Composite types are cast parameter by parameter.
var casts = func() map[types.Kind]kinds {
	m := map[types.Kind]kinds{}
	for _, k := range numericKinds {
		m[k] = kindSet(append([]types.Kind{types.Boolean, types.Varchar, types.JSON}, numericKinds...)...)
	}
	text := append([]types.Kind{types.Boolean, types.Varchar, types.Char, types.Date, types.Time, types.TimeTZ, types.Timestamp,
		types.TimestampTZ, types.UUID, types.IPAddress, types.JSON, types.JSONPath, types.CodePoints,
		types.Varbinary}, numericKinds...)
	m[types.Boolean] = kindSet(append([]types.Kind{types.Varchar, types.JSON}, numericKinds...)...)
	m[types.Varchar] = kindSet(text...)
	m[types.Char] = kindSet(types.Varchar, types.JSON, types.JSONPath, types.CodePoints)
	m[types.Date] = kindSet(types.Varchar, types.Timestamp, types.TimestampTZ, types.JSON)
	m[types.Time] = kindSet(types.Varchar, types.TimeTZ, types.Timestamp, types.TimestampTZ)
	m[types.TimeTZ] = kindSet(types.Varchar, types.Time, types.Timestamp, types.TimestampTZ)
	m[types.Timestamp] = kindSet(types.Varchar, types.Date, types.Time, types.TimeTZ, types.TimestampTZ, types.JSON)
	m[types.TimestampTZ] = kindSet(types.Varchar, types.Date, types.Time, types.TimeTZ, types.Timestamp)
	m[types.IntervalDayToSecond] = kindSet(types.Varchar)
	m[types.IntervalYearToMonth] = kindSet(types.Varchar)
	m[types.UUID] = kindSet(types.Varchar, types.Varbinary)
	m[types.IPAddress] = kindSet(types.Varchar, types.Varbinary)
	m[types.Varbinary] = kindSet(types.UUID, types.IPAddress, types.HyperLogLog, types.P4HyperLogLog, types.QDigest,
		types.TDigest, types.SetDigest)
	m[types.JSON] = kindSet(append([]types.Kind{types.Boolean, types.Varchar, types.Array, types.Map, types.Row}, numericKinds...)...)
	m[types.HyperLogLog] = kindSet(types.Varbinary, types.P4HyperLogLog)
	m[types.P4HyperLogLog] = kindSet(types.Varbinary, types.HyperLogLog)
	m[types.QDigest] = kindSet(types.Varbinary)
	m[types.TDigest] = kindSet(types.Varbinary)
	m[types.SetDigest] = kindSet(types.Varbinary, types.HyperLogLog)
	m[types.Array], m[types.Map], m[types.Row] = kindSet(types.JSON), kindSet(types.JSON), kindSet(types.JSON)
	return m
}()

// castable reports whether values of one type can be cast to another.
func castable(from, to types.Type) bool {
	switch {
	case from.Equal(to), from.Kind == types.Unknown:
		return true
	case to.Kind == types.JSON:
		return toJSON(from)
	case from.Kind == types.JSON:
		return fromJSON(to)
	case (from.Kind == types.UUID || from.Kind == types.IPAddress) && to.Kind == types.Varchar:
		return to.P == types.UnboundedLength
	case from.Kind != to.Kind:
		return casts[from.Kind][to.Kind]
	}
	if len(from.Args) != len(to.Args) {
		return false
	}
	if from.Kind == types.QDigest {
		return false
	}
	for i := range from.Args {
		if !castable(from.Elem(i), to.Elem(i)) {
			return false
		}
	}
	return true
}

func toJSON(t types.Type) bool {
	switch t.Kind {
	case types.JSON, types.Unknown:
		return true
	case types.Array:
		return toJSON(t.Elem(0))
	case types.Map:
		return toJSON(t.Elem(1))
	case types.Row:
		for _, f := range t.Args {
			if !toJSON(f.Type) {
				return false
			}
		}
		return true
	case types.Char:
		return false
	}
	return casts[t.Kind][types.JSON]
}

func fromJSON(t types.Type) bool {
	switch t.Kind {
	case types.JSON:
		return true
	case types.Array:
		return fromJSON(t.Elem(0))
	case types.Map:
		return fromJSON(t.Elem(1))
	case types.Row:
		for _, f := range t.Args {
			if !fromJSON(f.Type) {
				return false
			}
		}
		return true
	}
	return casts[types.JSON][t.Kind]
}
