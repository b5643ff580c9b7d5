package example

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// operators are the comparisons that the service knows, and what they become when their sides are exchanged.
var operators = map[string][2]string{
	connector.OpEqual: {"eq", "eq"}, connector.OpLess: {"lt", "gt"}, connector.OpLessOrEqual: {"le", "ge"},
	connector.OpGreater: {"gt", "lt"}, connector.OpGreaterOrEqual: {"ge", "le"},
}

// PushFilter takes comparisons of a column with a value. The service compares whole numbers, dates and texts as the engine does, texts by code point;
// of doubles it is not known what it makes of NaN, so they stay with the engine.
func (c *Connector) PushFilter(_ context.Context, scan connector.Scan, conjuncts []connector.Expression) (connector.PushedFilter, bool, error) {
	h, err := decode(scan.Handle)
	if err != nil || h.Limit > 0 { // conditions come before the limit
		return connector.PushedFilter{}, false, err
	}
	out := connector.PushedFilter{Exact: make([]bool, len(conjuncts))}
	for i, e := range conjuncts {
		w, ok := conditionOf(e)
		if ok && !slices.Contains(h.Where, w) {
			h.Where = append(h.Where, w)
		}
		out.Exact[i] = ok
	}
	if !slices.Contains(out.Exact, true) {
		return out, false, nil
	}
	out.Handle, err = json.Marshal(h)
	return out, err == nil, err
}

// conditionOf writes an expression as a condition.
func conditionOf(e connector.Expression) (w condition, ok bool) {
	call, ok := e.(*connector.Call)
	if !ok || len(call.Args) != 2 || operators[call.Function] == [2]string{} {
		return w, false
	}
	column, first := call.Args[0].(*connector.Reference)
	value, second := call.Args[1].(*connector.Constant)
	w.Operator = operators[call.Function][0]
	if !first {
		value, second = call.Args[0].(*connector.Constant)
		column, first = call.Args[1].(*connector.Reference)
		w.Operator = operators[call.Function][1]
	}
	if !first || !second || value.Value == nil {
		return w, false
	}
	switch column.Type.Kind {
	case types.Integer, types.BigInt, types.Date, types.Varchar:
		w.Field, w.Value = column.Column, types.Text(value.Type, value.Value)
		return w, true
	}
	return w, false
}

// PushLimit takes a limit, and keeps to it exactly.
func (c *Connector) PushLimit(_ context.Context, scan connector.Scan, count int64) (connector.PushedLimit, bool, error) {
	h, err := decode(scan.Handle)
	if err != nil || count == 0 || h.Limit > 0 && h.Limit <= count {
		return connector.PushedLimit{}, false, err
	}
	h.Limit = count
	raw, err := json.Marshal(h)
	return connector.PushedLimit{Handle: raw, Guaranteed: true}, err == nil, err
}
