package functions

// arraySetFunctions treat arrays as sets: elements that are not distinct, NULL and NaN included, are the same.
var arraySetFunctions = []Function{
	{Signature: "array_distinct(array(E))", Vars: "E:comparable", Returns: "array(E)", Emit: arrayDistinct,
		Doc: "Keeps the first of the elements that are the same.", Examples: [][2]string{{"array_distinct(ARRAY[1, NULL, 2, 1, NULL])", "[1,null,2]"}}},
	{Signature: "array_intersect(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)", Emit: arrayIntersect,
		Doc: "Returns the elements that two arrays have in common, each once.", Examples: [][2]string{{"array_intersect(ARRAY[1, 2, 3, NULL], ARRAY[NULL, 3, 1])", "[1,3,null]"}}},
	{Signature: "array_except(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)", Emit: arrayExcept,
		Doc: "Returns the elements of the first array that the second one lacks, each once.", Examples: [][2]string{{"array_except(ARRAY[1, 2, 2, 3], ARRAY[3])", "[1,2]"}}},
	{Signature: "array_union(array(E), array(E))", Vars: "E:comparable", Returns: "array(E)", Emit: arrayUnion,
		Doc: "Returns the elements of both arrays, each once.", Examples: [][2]string{{"array_union(ARRAY[1, 2], ARRAY[2, 3])", "[1,2,3]"}}},
	{Signature: "arrays_overlap(array(E), array(E))", Vars: "E:comparable", Returns: "boolean", Emit: arraysOverlap,
		Doc:      "Tells whether two arrays have an element in common; NULL when they seem not to but have NULLs.",
		Examples: [][2]string{{"arrays_overlap(ARRAY[1, 2], ARRAY[2, 3])", "true"}, {"arrays_overlap(ARRAY[1, NULL], ARRAY[2])", "NULL"}}},
	{Signature: "array_histogram(array(T))", Vars: "T:comparable", Returns: "map(T,bigint)", Emit: arrayHistogram,
		Doc: "Counts how often each element occurs; NULLs are left out.", Examples: [][2]string{{"array_histogram(ARRAY['a', 'b', 'a', NULL])", `{"a":2,"b":1}`}}},
}

// set is an array operand with the list of its elements' identities, which is the array itself for most types.
type set struct{ list, keys string }

// sets names the operands and their identities.
func (s *Site) sets(args []Operand, use func([]set) string) string {
	if len(args) == 0 {
		return use(nil)
	}
	return s.once(args[0], func(o Operand) string {
		then := func(keys Operand) string {
			return s.sets(args[1:], func(rest []set) string { return use(append([]set{{o.SQL, keys.SQL}}, rest...)) })
		}
		if !HasZone(o.Type) {
			return then(o)
		}
		return s.once(Operand{SQL: Identity(o.SQL, o.Type), Type: o.Type}, then)
	})
}

// first writes the condition that element _i is the first of its kind; list_position finds NULL, too.
func (t set) first() string { return "list_position(" + t.keys + ", " + t.keys + "[_i]) = _i" }

// has writes whether a set has the element _i of another one.
func (t set) has(other set) string { return "list_position(" + t.keys + ", " + other.keys + "[_i])" }

func (t set) filter(condition string) string {
	return "list_filter(" + t.list + ", lambda _x, _i: " + condition + ")"
}

func bothKnown(a, b set, sql string) string {
	return "CASE WHEN " + a.list + " IS NOT NULL AND " + b.list + " IS NOT NULL THEN " + sql + " END"
}

func arrayDistinct(s *Site) (string, error) {
	return s.sets(s.Args, func(a []set) string { return a[0].filter(a[0].first()) }), nil
}

// arrayIntersect has the order of the longer array.
func arrayIntersect(s *Site) (string, error) {
	return s.sets(s.Args, func(a []set) string {
		common := func(x, y set) string { return x.filter(x.first() + " AND " + y.has(x) + " IS NOT NULL") }
		return bothKnown(a[0], a[1], "CASE WHEN len("+a[0].list+") >= len("+a[1].list+") THEN "+common(a[0], a[1])+" ELSE "+common(a[1], a[0])+" END")
	}), nil
}

func arrayExcept(s *Site) (string, error) {
	return s.sets(s.Args, func(a []set) string {
		return bothKnown(a[0], a[1], a[0].filter(a[0].first()+" AND "+a[1].has(a[0])+" IS NULL"))
	}), nil
}

func arrayUnion(s *Site) (string, error) {
	all := Operand{SQL: "(" + s.Args[0].SQL + " || " + s.Args[1].SQL + ")", Type: s.Result}
	return s.sets([]Operand{all}, func(a []set) string { return a[0].filter(a[0].first()) }), nil
}

func arraysOverlap(s *Site) (string, error) {
	return s.sets(s.Args, func(a []set) string {
		known := func(t set) string { return "list_filter(" + t.keys + ", lambda _x: _x IS NOT NULL)" }
		nulls := func(x, y set) string {
			return "len(" + x.list + ") > list_count(" + x.list + ") AND len(" + y.list + ") > 0"
		}
		return bothKnown(a[0], a[1], "CASE WHEN list_has_any("+known(a[0])+", "+known(a[1])+") THEN true WHEN "+
			nulls(a[0], a[1])+" OR "+nulls(a[1], a[0])+" THEN NULL ELSE false END")
	}), nil
}

func arrayHistogram(s *Site) (string, error) {
	return s.sets(s.Args, func(a []set) string {
		count := "len(list_filter(" + a[0].keys + ", lambda _y: _y IS NOT DISTINCT FROM " + a[0].keys + "[_i]))"
		entries := "list_filter(list_transform(" + a[0].list + ", lambda _x, _i: CASE WHEN _x IS NOT NULL AND " + a[0].first() +
			" THEN row(_x, CAST(" + count + " AS BIGINT)) END), lambda _e: _e IS NOT NULL)"
		return "CASE WHEN " + a[0].list + " IS NOT NULL THEN " + cast("map_from_entries("+entries+")", s.TypeSQL(s.Result)) + " END"
	}), nil
}
