package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// arraySearchFunctions look for elements that are equal to a value. Whether values with NULLs inside are equal is not
// known, which is an error when it matters.
var arraySearchFunctions = []Function{
	{Signature: "contains(array(T), T)", Vars: "T:comparable", Returns: "boolean", Emit: contains,
		Doc:      "Tells whether an array has an element that is equal to a value; NULL when it is not found among elements of which some are NULL.",
		Examples: [][2]string{{"contains(ARRAY[1, 2], 2)", "true"}, {"contains(ARRAY[1, NULL], 2)", "NULL"}}},
	{Signature: "array_position(array(T), T)", Vars: "T:comparable", Returns: "bigint", Emit: arrayPosition,
		Doc:      "Returns the position of the first element that is equal to a value; 0 when there is none.",
		Examples: [][2]string{{"array_position(ARRAY['a', 'b', 'b'], 'b')", "2"}, {"array_position(ARRAY[1], 5)", "0"}}},
	{Signature: "array_remove(array(E), E)", Vars: "E:comparable", Returns: "array(E)", Emit: arrayRemove,
		Doc: "Removes all elements that are equal to a value.", Examples: [][2]string{{"array_remove(ARRAY[1, 2, NULL, 2], 2)", "[1,null]"}}},
	{Signature: "contains_sequence(array(T), array(T))", Vars: "T:comparable", Returns: "boolean", Emit: containsSequence,
		Doc:      "Tells whether the elements of the second array appear in the first one next to each other and in this order.",
		Examples: [][2]string{{"contains_sequence(ARRAY[1, 2, 3], ARRAY[2, 3])", "true"}, {"contains_sequence(ARRAY[1, 2, 3], ARRAY[3, 2])", "false"}}},
}

// searched writes the states of the elements compared with a value: 1 equal, 0 different, 2 unknown, NULL for a NULL element.
func searched(list, value string, t types.Type) string {
	c := &Comparer{Prefix: "_c"}
	return "list_transform(" + list + ", lambda _x: CASE WHEN _x IS NOT NULL THEN coalesce(CAST(" + c.Equal("_x", value, t) + " AS INTEGER), 2) END)"
}

func unknownEquality(name string) string {
	return raise("NOT_SUPPORTED", "'"+name+" does not support arrays with elements that are null or contain null'")
}

// plainEquality holds for types whose equality in DuckDB is that of SQL.
func plainEquality(t types.Type) bool { return len(t.Args) == 0 && !isFloat(t) && !HasZone(t) }

// search writes a search: plain is its text for elements that DuckDB compares, states that over the states of searched.
func search(s *Site, plain string, states func(a, v, states string) string) (string, error) {
	t := s.Args[0].Type.Elem(0)
	return s.once(s.Args[0], func(a Operand) string {
		return s.once(s.Args[1], func(v Operand) string {
			s.Args[0], s.Args[1] = a, v
			text := s.fill(plain)
			if !plainEquality(t) {
				text = s.once(Operand{SQL: searched(a.SQL, v.SQL, t)}, func(o Operand) string { return states(a.SQL, v.SQL, o.SQL) })
			}
			return "CASE WHEN " + a.SQL + " IS NOT NULL AND " + v.SQL + " IS NOT NULL THEN " + text + " END"
		})
	}), nil
}

func contains(s *Site) (string, error) {
	return search(s, "CASE WHEN list_contains($1, $2) THEN true WHEN len($1) > list_count($1) THEN NULL ELSE false END",
		func(_, _, states string) string {
			return "CASE list_filter(" + states + ", lambda _s: _s > 0)[1] WHEN 1 THEN true WHEN 2 THEN " + unknownEquality("contains") +
				" ELSE CASE WHEN len(" + states + ") = list_count(" + states + ") THEN false END END"
		})
}

func arrayPosition(s *Site) (string, error) {
	return search(s, "coalesce(CAST(list_position($1, $2) AS BIGINT), 0)", func(_, _, states string) string {
		return "coalesce(CASE WHEN list_filter(" + states + ", lambda _s: _s > 0)[1] = 2 THEN " + unknownEquality("array_position") +
			" ELSE CAST(list_position(" + states + ", 1) AS BIGINT) END, 0)"
	})
}

func arrayRemove(s *Site) (string, error) {
	return search(s, "list_filter($1, lambda _x: _x IS DISTINCT FROM $2)", func(a, _, states string) string {
		return "CASE WHEN list_contains(" + states + ", 2) THEN " + unknownEquality("array_remove") +
			" ELSE list_filter(" + a + ", lambda _x, _i: " + states + "[_i] IS DISTINCT FROM 1) END"
	})
}

func containsSequence(s *Site) (string, error) {
	t := s.Args[0].Type
	list := func(o Operand) Operand {
		if !HasZone(t) {
			return o
		}
		return Operand{SQL: s.once(o, func(o Operand) string { return Identity(o.SQL, t) }), Type: t}
	}
	return s.once(list(s.Args[0]), func(a Operand) string {
		return s.once(list(s.Args[1]), func(b Operand) string {
			return "CASE WHEN len(" + b.SQL + ") = 0 THEN " + a.SQL + " IS NOT NULL OR NULL WHEN " + a.SQL + " IS NOT NULL AND " + b.SQL + " IS NOT NULL THEN " +
				"len(list_filter(range(0, len(" + a.SQL + ") - len(" + b.SQL + ") + 1), lambda _i: " + a.SQL + "[_i + 1 : _i + len(" + b.SQL + ")] = " + b.SQL + ")) > 0 END"
		})
	}), nil
}
