package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// arrayOrderFunctions depend on the order of the elements. NaN is the largest number, but is a minimum or maximum only where
// there is nothing else.
var arrayOrderFunctions = []Function{
	{Signature: "array_max(array(T))", Vars: "T:orderable", Returns: "T", Emit: arrayExtremum("list_max", true),
		Doc: "Returns the largest element; NULL when an element is NULL.", Examples: [][2]string{{"array_max(ARRAY[3, 7, 5])", "7"}, {"array_max(ARRAY[3, NULL])", "NULL"}}},
	{Signature: "array_min(array(T))", Vars: "T:orderable", Returns: "T", Emit: arrayExtremum("list_min", false),
		Doc: "Returns the smallest element; NULL when an element is NULL.", Examples: [][2]string{{"array_min(ARRAY[3, 7, 5])", "3"}}},
	{Signature: "array_sort(array(E))", Vars: "E:orderable", Returns: "array(E)", Emit: arraySort,
		Doc: "Sorts an array in ascending order, with NULLs last.", Examples: [][2]string{{"array_sort(ARRAY[3, NULL, 1, 2])", "[1,2,3,null]"}}},
}

// plainOrder holds for types whose order in DuckDB is that of SQL, except for NaN.
func plainOrder(t types.Type) bool { return len(t.Args) == 0 && !HasZone(t) && t.Kind != types.Char }

func arrayExtremum(function string, greatest bool) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		t := s.Result
		return s.once(s.Args[0], func(o Operand) string {
			best := function + "(" + o.SQL + ")"
			switch {
			case !plainOrder(t):
				best = extremumOf(o.SQL, t, greatest)
			case greatest && isFloat(t):
				best = "coalesce(list_max(list_filter(" + o.SQL + ", lambda _x: NOT isnan(_x))), " + best + ")"
			}
			return "CASE WHEN len(" + o.SQL + ") = list_count(" + o.SQL + ") AND len(" + o.SQL + ") > 0 THEN " + best + " END"
		}), nil
	}
}

// extremumOf folds a list that is not empty and has no NULLs.
func extremumOf(list string, t types.Type, greatest bool) string {
	sign := "-1"
	if greatest {
		sign = "1"
	}
	order := (&Comparer{Prefix: "_c"}).Order("_y", "_x", t, greatest)
	return "list_reduce(" + list + ", lambda _x, _y: CASE WHEN " + order + " = " + sign + " THEN _y ELSE _x END)"
}

// arraySort gives lists with NULLs inside of elements to the comparison that knows when that is an error.
func arraySort(s *Site) (string, error) {
	t := s.Args[0].Type.Elem(0)
	if plainOrder(t) {
		return s.fill("list_sort($1, 'ASC', 'NULLS LAST')"), nil
	}
	return s.once(s.Args[0], func(o Operand) string {
		known := "list_filter(" + o.SQL + ", lambda _x: _x IS NOT NULL)"
		key := Identity("_x", t)
		if t.Kind == types.Char {
			key = padded("_x", t)
		}
		keyed := "list_transform(list_sort(list_transform(" + known + ", lambda _x, _i: row(" + key + ", _i))), lambda _s: " + known + "[_s[2]])"
		if deep := hasNull("_x", t); deep != "false" {
			order := (&Comparer{Prefix: "_c"}).Order("_x", "_y", t, false)
			before := "len(list_filter(" + known + ", lambda _y, _j: _j <> _i AND list_transform([" + order + "], lambda _o: _o = 1 OR _o = 0 AND _j < _i)[1]))"
			ranked := "list_transform(list_sort(list_transform(" + known + ", lambda _x, _i: row(" + before + ", _i))), lambda _s: " + known + "[_s[2]])"
			keyed = "CASE WHEN len(list_filter(" + known + ", lambda _x: " + deep + ")) > 0 THEN " + ranked + " ELSE " + keyed + " END"
		}
		return "(" + keyed + " || list_filter(" + o.SQL + ", lambda _x: _x IS NULL))"
	}), nil
}
