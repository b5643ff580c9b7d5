package faker

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// PushFilter makes values of the kind that a query wants: WHERE price > 0 gives rows with prices above 0, not fewer rows. Conditions that
// compare a column with a constant do so; the engine drops what does not satisfy the others.
func (c *Connector) PushFilter(_ context.Context, scan connector.Scan, conjuncts []connector.Expression) (connector.PushedFilter, bool, error) {
	h, err := readHandle(scan.Handle)
	if err != nil || h.Limited {
		return connector.PushedFilter{}, false, err
	}
	changed := false
	for _, e := range conjuncts {
		if call, ok := e.(*connector.Call); ok && h.narrow(call) {
			changed = true
		}
	}
	if !changed {
		return connector.PushedFilter{}, false, nil
	}
	raw, err := json.Marshal(h)
	return connector.PushedFilter{Handle: raw, Exact: make([]bool, len(conjuncts))}, true, err
}

// narrow lets a column have only values that satisfy a condition; false when it does not know how.
func (h *handle) narrow(e *connector.Call) bool {
	if len(e.Args) == 0 {
		return false
	}
	if e.Function == connector.OpAnd {
		changed := false
		for _, a := range e.Args {
			if call, ok := a.(*connector.Call); ok && h.narrow(call) {
				changed = true
			}
		}
		return changed
	}
	if inner, ok := e.Args[0].(*connector.Call); ok && e.Function == connector.OpNot && inner.Function == connector.OpIsNull {
		s, _ := h.column(inner.Args[0])
		if s == nil || s.Nulls == 0 {
			return false
		}
		s.Nulls = 0
		return true
	}
	s, t := h.column(e.Args[0])
	if s == nil || s.Generator != "" {
		return false
	}
	if e.Function == connector.OpIsNull {
		if s.Nulls == 0 {
			return false
		}
		s.Nulls = 1
		return true
	}
	narrowed := *s
	if !narrowed.narrow(e, t) {
		return false
	}
	narrowed.Nulls = 0 // a comparison is never true of NULL
	*s = narrowed
	return true
}

func (h *handle) column(e connector.Expression) (*spec, types.Type) {
	if r, ok := e.(*connector.Reference); ok {
		if i := slices.IndexFunc(h.Specs, func(s spec) bool { return s.Name == r.Column }); i >= 0 {
			return &h.Specs[i], r.Type
		}
	}
	return nil, types.Type{}
}

// narrow applies a comparison with constants.
func (s *spec) narrow(e *connector.Call, t types.Type) bool {
	var values []any
	for _, a := range e.Args[1:] {
		c, ok := a.(*connector.Constant)
		if !ok || c.Value == nil {
			return false
		}
		values = append(values, c.Value)
	}
	switch e.Function {
	case connector.OpEqual, connector.OpIn:
		return s.only(values, t)
	case connector.OpLess, connector.OpLessOrEqual, connector.OpGreater, connector.OpGreaterOrEqual:
		n, ok := numberOf(values[0], t)
		return ok && s.within(e.Function, n, t)
	}
	return false
}

// within applies a bound.
func (s *spec) within(operator string, n number, t types.Type) bool {
	low, high := s.bounds(t)
	switch operator {
	case connector.OpLess:
		n = n.next(-1)
		fallthrough
	case connector.OpLessOrEqual:
		if n.cmp(high) < 0 {
			high = n
		}
	case connector.OpGreater:
		n = n.next(1)
		fallthrough
	case connector.OpGreaterOrEqual:
		if n.cmp(low) > 0 {
			low = n
		}
	}
	if low.cmp(high) > 0 {
		return false // no value satisfies it: the engine finds that out
	}
	s.Low, s.High = low.String(), high.String()
	if len(s.Values) == 0 {
		return true
	}
	s.Values = slices.DeleteFunc(slices.Clone(s.Values), func(v string) bool {
		n, ok := parsed(v, t)
		return ok && (n.cmp(low) < 0 || n.cmp(high) > 0)
	})
	return len(s.Values) > 0
}

// only leaves no values but these.
func (s *spec) only(values []any, t types.Type) bool {
	low, high := s.bounds(t)
	var kept []string
	for _, v := range values {
		if n, ok := numberOf(v, t); hasRange(t) && (!ok || n.cmp(low) < 0 || n.cmp(high) > 0) {
			continue
		}
		text, ok := types.Cast(v, t, varchar, types.UTC)
		if !ok {
			return false
		}
		same := func(other string) bool {
			cast, ok := types.Cast(other, varchar, t, types.UTC)
			return ok && types.Text(t, cast) == types.Text(t, v)
		}
		if len(s.Values) == 0 || slices.ContainsFunc(s.Values, same) {
			kept = append(kept, text.(string))
		}
	}
	if len(kept) == 0 {
		return false
	}
	s.Values, s.Step = kept, ""
	return true
}

// PushLimit gives as many rows as the query asks for, more than the table's default or fewer.
func (c *Connector) PushLimit(_ context.Context, scan connector.Scan, count int64) (connector.PushedLimit, bool, error) {
	h, err := readHandle(scan.Handle)
	if err != nil || h.Limited && h.Rows <= count {
		return connector.PushedLimit{}, false, err
	}
	h.Rows, h.Limited = count, true
	raw, err := json.Marshal(h)
	return connector.PushedLimit{Handle: raw, Guaranteed: true}, true, err
}
