package rowpattern

import "slices"

// list is the state of aggregates that keep values: the last one first.
type list struct {
	before *list
	value  any
	n      int
}

// items returns the values in the order in which they came.
func (l *list) items() []any {
	if l == nil {
		return nil
	}
	out := make([]any, l.n)
	for ; l != nil; l = l.before {
		out[l.n-1] = l.value
	}
	return out
}

func (l *list) with(v any) *list {
	n := 1
	if l != nil {
		n += l.n
	}
	return &list{l, v, n}
}

// collect keeps all values of an argument.
func collect(i int) func(any, []any) (any, error) {
	return func(s any, v []any) (any, error) {
		l, _ := s.(*list)
		return l.with(v[i]), nil
	}
}

// collectPairs keeps both arguments where the one at key is not NULL.
func collectPairs(key int) func(any, []any) (any, error) {
	return func(s any, v []any) (any, error) {
		if v[key] == nil {
			return s, nil
		}
		l, _ := s.(*list)
		return l.with([2]any{v[0], v[1]}), nil
	}
}

// asMap makes the results of map_agg and multimap_agg of pairs; of equal keys the first counts.
func asMap(multiple bool) func(any) any {
	return func(s any) any {
		if s == nil {
			return nil
		}
		var out []entry
		for _, p := range s.(*list).items() {
			key, value := p.([2]any)[0], p.([2]any)[1]
			old, ok := find(out, key)
			switch {
			case !ok && multiple:
				out = append(out, entry{key, []any{value}})
			case !ok:
				out = append(out, entry{key, value})
			case multiple:
				for i := range out {
					if compare(out[i].key, key) == 0 {
						out[i].value = append(old.([]any), value)
					}
				}
			}
		}
		return out
	}
}

// united makes the result of map_union.
func united(s any) any {
	if s == nil {
		return nil
	}
	out := []entry{}
	for _, m := range s.(*list).items() {
		for _, e := range m.([]entry) {
			if _, ok := find(out, e.key); !ok {
				out = append(out, e)
			}
		}
	}
	return out
}

// positive returns the value of a constant that is greater than zero.
func positive(e *Expr) (int, bool) {
	switch {
	case e.Op == "cast" && e.Type.Kind == Int:
		return positive(e.Args[0])
	case e.Op != "const" || e.Text == nil:
		return 0, false
	}
	v, err := e.Type.parse(*e.Text)
	n, ok := v.(int64)
	return int(n), err == nil && ok && n > 0
}

// topValues makes the results of min(x, n) and min_by(x, y, n): the n best values, the best first.
func topValues(name string, n int) func(any) any {
	return func(s any) any {
		if s == nil {
			return nil
		}
		items := s.(*list).items()
		keyOf := func(v any) any {
			if p, ok := v.([2]any); ok {
				return p[1]
			}
			return v
		}
		slices.SortStableFunc(items, func(a, b any) int {
			c := compare(keyOf(a), keyOf(b))
			if name[:3] == "max" {
				return -c
			}
			return c
		})
		items = items[:min(n, len(items))]
		for i, v := range items {
			if p, ok := v.([2]any); ok {
				items[i] = p[0]
			}
		}
		return items
	}
}
