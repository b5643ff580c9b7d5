package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

const docMap = "Makes a map of an array of keys and an array of values."

// mapFunctions are the functions over maps.
var mapFunctions = []Function{
	{Signature: "map()", Returns: "map(unknown,unknown)", SQL: "CAST(MAP {} AS $r)",
		Doc: "Returns an empty map.", Examples: [][2]string{{"map()", "{}"}}},
	{Signature: "map(array(K), array(V))", Vars: "K, V", Returns: "map(K,V)", Emit: makeMap,
		Doc: docMap, Examples: [][2]string{{"map(ARRAY['a', 'b'], ARRAY[1, 2])", `{"a":1,"b":2}`}}},
	{Signature: "cardinality(map(K,V))", Vars: "K, V", Returns: "bigint", SQL: "CAST(cardinality($1) AS BIGINT)",
		Doc: "Counts the entries of a map.", Examples: [][2]string{{"cardinality(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))", "2"}}},
	{Signature: "element_at(map(K,V), K)", Vars: "K:comparable, V", Returns: "V", Emit: mapElement,
		Doc: "Returns the value of a key; NULL when the map lacks it.", Examples: [][2]string{{"element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", "NULL"}}},
	{Signature: "map_keys(map(K,V))", Vars: "K, V", Returns: "array(K)", SQL: "map_keys($1)",
		Doc: "Returns the keys of a map.", Examples: [][2]string{{"map_keys(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))", `["a","b"]`}}},
	{Signature: "map_values(map(K,V))", Vars: "K, V", Returns: "array(V)", SQL: "map_values($1)",
		Doc: "Returns the values of a map.", Examples: [][2]string{{"map_values(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))", "[1,2]"}}},
	{Signature: "map_from_entries(array(row(K,V)))", Vars: "K, V", Returns: "map(K,V)", Emit: mapFromEntries,
		Doc: "Makes a map of an array of rows of a key and a value.", Examples: [][2]string{{"map_from_entries(ARRAY[(1, 'x'), (2, 'y')])", `{"1":"x","2":"y"}`}}},
	{Signature: "multimap_from_entries(array(row(K,V)))", Vars: "K, V", Returns: "map(K,array(V))", Emit: multimapFromEntries,
		Doc:      "Makes a map of rows of a key and a value in which a key has an array of all its values.",
		Examples: [][2]string{{"multimap_from_entries(ARRAY[(1, 'x'), (2, 'y'), (1, 'z')])", `{"1":["x","z"],"2":["y"]}`}}},
	{Signature: "map_entries(map(K,V))", Vars: "K, V", Returns: "array(row(K,V))", Emit: mapEntries,
		Doc: "Returns the entries of a map as rows of a key and a value.", Examples: [][2]string{{"map_entries(MAP(ARRAY[1], ARRAY['x']))", `[{"":1,"":"x"}]`}}},
	{Signature: "map_filter(map(K,V), function(K,V,boolean))", Vars: "K, V", Returns: "map(K,V)", Emit: mapFilter,
		Doc: "Keeps the entries for which a function of key and value is true.", Examples: [][2]string{{"map_filter(MAP(ARRAY[10, 20], ARRAY['a', NULL]), (k, v) -> v IS NOT NULL)", `{"10":"a"}`}}},
	{Signature: "transform_values(map(K,V1), function(K,V1,V2))", Vars: "K, V1, V2", Returns: "map(K,V2)", Emit: transformValues,
		Doc: "Applies a function of key and value to every value.", Examples: [][2]string{{"transform_values(MAP(ARRAY[1, 2], ARRAY[10, 20]), (k, v) -> k + v)", `{"1":11,"2":22}`}}},
	{Signature: "transform_keys(map(K1,V), function(K1,V,K2))", Vars: "K1, V, K2", Returns: "map(K2,V)", Emit: transformKeys,
		Doc: "Applies a function of key and value to every key.", Examples: [][2]string{{"transform_keys(MAP(ARRAY[1, 2], ARRAY['a', 'b']), (k, v) -> k * 10)", `{"10":"a","20":"b"}`}}},
	{Signature: "map_zip_with(map(K,V1), map(K,V2), function(K,V1,V2,V3))", Vars: "K, V1, V2, V3", Returns: "map(K,V3)", Emit: mapZipWith,
		Doc:      "Merges two maps by applying a function to each key and its values, NULL where a map lacks the key.",
		Examples: [][2]string{{"map_zip_with(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b', 'c'], ARRAY[3, 4]), (k, x, y) -> coalesce(x, 0) + coalesce(y, 0))", `{"a":1,"b":5,"c":4}`}}},
	{Signature: "map_concat(map(K,V))", Vars: "K, V", Returns: "map(K,V)", Variadic: true, Emit: mapConcat,
		Doc: "Merges maps; of the values of a key the last one counts.", Examples: [][2]string{{"map_concat(MAP(ARRAY[1, 2], ARRAY['a', 'b']), MAP(ARRAY[2], ARRAY['c']))", `{"1":"a","2":"c"}`}}},
}

// buildMap makes a map of lists of keys and values, named and of equal length, or fails as Trino does with keys that are
// NULL or repeat. The keys are _k of type t.
func buildMap(s *Site, keys, values string, t types.Type) string {
	identities := keys
	if HasZone(t) {
		identities = Identity(keys, types.ArrayOf(t))
	}
	fail := func(message string) string { return raise("INVALID_FUNCTION_ARGUMENT", message) }
	sql := "CASE WHEN len(" + keys + ") > list_count(" + keys + ") THEN " + fail("'map key cannot be null'")
	repeated := "list_filter(" + keys + ", lambda _k, _i: list_position(" + identities + ", " + identities + "[_i]) <> _i)[1]"
	return sql + " WHEN list_unique(" + identities + ") < len(" + keys + ") THEN " +
		fail("'Duplicate map keys (' || "+s.display(repeated, t)+" || ') are not allowed'") +
		" ELSE " + cast("map("+keys+", "+values+")", s.TypeSQL(s.Result)) + " END"
}

// display writes the text of a value in a message.
func (s *Site) display(sql string, t types.Type) string {
	if len(t.Args) == 0 && !isFloat(t) && CanCast(t, types.Of(types.Varchar)) {
		o := Operand{SQL: sql, Type: t}
		return s.once(o, func(o Operand) string {
			text, _ := s.caster().Cast(o, types.Of(types.Varchar), false)
			return text
		})
	}
	switch t.Kind {
	case types.Array:
		e := lambdaName("_d", sql)
		return "('[' || array_to_string(list_transform(" + sql + ", lambda " + e + ": coalesce(" + s.display(e, t.Elem(0)) + ", 'null')), ', ') || ']')"
	case types.Row:
		return s.once(Operand{SQL: sql, Type: t}, func(o Operand) string {
			parts := make([]string, len(t.Args))
			for i, f := range t.Args {
				parts[i] = "coalesce(" + s.display(partOf(o.SQL, i), f.Type) + ", 'null')"
			}
			return "('[' || " + strings.Join(parts, " || ', ' || ") + " || ']')"
		})
	}
	return cast(sql, "VARCHAR")
}

func makeMap(s *Site) (string, error) {
	t := s.Result.Elem(0)
	return s.each(s.Args, func(a []Operand) string {
		indeterminate := ""
		if deep := hasNull("_k", t); deep != "false" {
			bad := "list_filter(" + a[0].SQL + ", lambda _k: " + deep + ")"
			indeterminate = " WHEN len(" + bad + ") > 0 THEN " +
				raise("INVALID_FUNCTION_ARGUMENT", "'map key cannot be indeterminate: ' || "+s.display(bad+"[1]", t))
		}
		return "CASE WHEN len(" + a[0].SQL + ") <> len(" + a[1].SQL + ") THEN " +
			raise("INVALID_FUNCTION_ARGUMENT", "'Key and value arrays must be the same length'") +
			indeterminate + " WHEN " + a[0].SQL + " IS NOT NULL AND " + a[1].SQL + " IS NOT NULL THEN " + buildMap(s, a[0].SQL, a[1].SQL, t) + " END"
	}), nil
}

// entriesOf splits a list of rows of a key and a value.
func entriesOf(s *Site, use func(entries, keys, values string) string) string {
	return s.once(s.Args[0], func(e Operand) string {
		list := func(i int) Operand {
			return Operand{SQL: "list_transform(" + e.SQL + ", lambda _e: " + partOf("_e", i) + ")", Type: types.ArrayOf(e.Type.Elem(0).Elem(i))}
		}
		return "CASE WHEN len(" + e.SQL + ") > list_count(" + e.SQL + ") THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'map entry cannot be null'") +
			" WHEN " + e.SQL + " IS NOT NULL THEN " + s.each([]Operand{list(0), list(1)}, func(l []Operand) string { return use(e.SQL, l[0].SQL, l[1].SQL) }) + " END"
	})
}

func mapFromEntries(s *Site) (string, error) {
	return entriesOf(s, func(_, keys, values string) string { return buildMap(s, keys, values, s.Result.Elem(0)) }), nil
}

func multimapFromEntries(s *Site) (string, error) {
	t := s.Result.Elem(0)
	return entriesOf(s, func(_, keys, values string) string {
		identities := Operand{SQL: Identity(keys, types.ArrayOf(t)), Cheap: !HasZone(t)}
		return s.once(identities, func(id Operand) string {
			all := set{keys, id.SQL}
			unique := Operand{SQL: all.filter(all.first())}
			groups := Operand{SQL: "list_transform(list_filter(range(1, len(" + keys + ") + 1), lambda _i: " + all.first() + "), lambda _i: " +
				"list_transform(list_filter(range(1, len(" + keys + ") + 1), lambda _j: " + id.SQL + "[_j] IS NOT DISTINCT FROM " + id.SQL + "[_i]), lambda _j: " + values + "[_j]))"}
			return s.each([]Operand{unique, groups}, func(l []Operand) string { return buildMap(s, l[0].SQL, l[1].SQL, t) })
		})
	}), nil
}

func mapEntries(s *Site) (string, error) {
	return "list_transform(map_entries(" + s.Args[0].SQL + "), lambda _m: CAST(row(_m.key, _m.value) AS " + s.TypeSQL(s.Result.Elem(0)) + "))", nil
}

// mapElement compares keys as "=" does: NaN is found by nothing.
func mapElement(s *Site) (string, error) {
	return s.each(s.Args, func(a []Operand) string { return mapLookup(a[0].SQL, a[1].SQL, a[1].Type, "NULL") }), nil
}

// mapLookup writes the value of a key, or else what stands for a missing one.
func mapLookup(m, key string, t types.Type, missing string) string {
	if plainEquality(t) {
		if missing == "NULL" {
			return "map_extract_value(" + m + ", " + key + ")"
		}
		return "CASE WHEN map_contains(" + m + ", " + key + ") THEN map_extract_value(" + m + ", " + key + ") WHEN " + m + " IS NULL OR " + key +
			" IS NULL THEN NULL ELSE " + missing + " END"
	}
	equal := (&Comparer{Prefix: "_c"}).Equal("_k", key, t)
	at := "list_position(list_transform(map_keys(" + m + "), lambda _k: " + equal + "), true)"
	return "CASE WHEN " + m + " IS NULL OR " + key + " IS NULL THEN NULL WHEN " + at + " IS NULL THEN " + missing + " ELSE map_values(" + m + ")[" + at + "] END"
}

func mapFilter(s *Site) (string, error) {
	f := lambdaOf(s.Args[1])
	m := lambdaName("_m", f.body)
	return cast("map_from_entries(list_filter(map_entries("+s.Args[0].SQL+"), lambda "+m+": "+f.apply(m+".key", m+".value")+"))", s.TypeSQL(s.Result)), nil
}

func transformValues(s *Site) (string, error) {
	f := lambdaOf(s.Args[1])
	m := lambdaName("_m", f.body)
	return cast("map_from_entries(list_transform(map_entries("+s.Args[0].SQL+"), lambda "+m+": row("+m+".key, "+f.apply(m+".key", m+".value")+")))", s.TypeSQL(s.Result)), nil
}

func transformKeys(s *Site) (string, error) {
	f := lambdaOf(s.Args[1])
	m := lambdaName("_m", f.body)
	return s.once(s.Args[0], func(o Operand) string {
		keys := Operand{SQL: "list_transform(map_entries(" + o.SQL + "), lambda " + m + ": " + f.apply(m+".key", m+".value") + ")"}
		return s.once(keys, func(k Operand) string {
			return "CASE WHEN " + o.SQL + " IS NOT NULL THEN " + buildMap(s, k.SQL, "map_values("+o.SQL+")", s.Result.Elem(0)) + " END"
		})
	}), nil
}

// mapZipWith takes the keys of the first map and then those that only the second one has.
func mapZipWith(s *Site) (string, error) {
	f := lambdaOf(s.Args[2])
	k := lambdaName("_k", f.body)
	return bindings(f, []string{s.Args[0].SQL, s.Args[1].SQL}, func(n []string) string {
		a, b := n[0], n[1]
		value := func(m string) string { return "map_extract_value(" + m + ", " + k + ")" }
		keys := "(map_keys(" + a + ") || list_filter(map_keys(" + b + "), lambda _k: NOT map_contains(" + a + ", _k)))"
		return "CASE WHEN " + a + " IS NOT NULL AND " + b + " IS NOT NULL THEN " + cast("map_from_entries(list_transform("+keys+", lambda "+k+": row("+
			k+", "+f.apply(k, value(a), value(b))+")))", s.TypeSQL(s.Result)) + " END"
	}), nil
}

func mapConcat(s *Site) (string, error) {
	var nulls []string
	for _, a := range s.Args {
		nulls = append(nulls, a.SQL+" IS NOT NULL")
	}
	return "CASE WHEN " + strings.Join(nulls, " AND ") + " THEN map_concat(" + s.list(0) + ") END", nil
}
