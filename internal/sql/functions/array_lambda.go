package functions

// arrayLambdaFunctions apply lambdas to elements.
var arrayLambdaFunctions = []Function{
	{Signature: "transform(array(T), function(T,U))", Vars: "T, U", Returns: "array(U)", SQL: "list_transform($1, $2)",
		Doc: "Applies a function to every element.", Examples: [][2]string{{"transform(ARRAY[1, 2, 3], x -> x * 10)", "[10,20,30]"}}},
	{Signature: "filter(array(T), function(T,boolean))", Vars: "T", Returns: "array(T)", SQL: "list_filter($1, $2)",
		Doc: "Keeps the elements for which a function is true.", Examples: [][2]string{{"filter(ARRAY[5, -6, NULL, 7], x -> x > 0)", "[5,7]"}}},
	{Signature: "any_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("true", "true", "false"),
		Doc: "Tells whether a function is true for at least one element.", Examples: [][2]string{{"any_match(ARRAY[1, 2], x -> x > 1)", "true"}}},
	{Signature: "all_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("false", "false", "true"),
		Doc: "Tells whether a function is true for all elements.", Examples: [][2]string{{"all_match(ARRAY[1, 2], x -> x > 1)", "false"}}},
	{Signature: "none_match(array(T), function(T,boolean))", Vars: "T", Returns: "boolean", Emit: matches("true", "false", "true"),
		Doc: "Tells whether a function is true for no element.", Examples: [][2]string{{"none_match(ARRAY[1, 2], x -> x > 2)", "true"}}},
	{Signature: "zip_with(array(T), array(U), function(T,U,R))", Vars: "T, U, R", Returns: "array(R)", Emit: zipWith,
		Doc:      "Applies a function to the pairs of elements of two arrays; the shorter one is filled with NULL.",
		Examples: [][2]string{{"zip_with(ARRAY[1, 3, 5], ARRAY[10, 20], (x, y) -> x + coalesce(y, 0))", "[11,23,5]"}}},
	{Signature: "reduce(array(T), S, function(S,T,S), function(S,R))", Vars: "T, S, R", Returns: "R", CalledOnNull: true, Emit: reduce,
		Doc:      "Folds an array into one value: a function combines the state with each element in turn, another one makes the result of the last state.",
		Examples: [][2]string{{"reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s)", "75"}}},
	{Signature: "array_sort(array(T), function(T,T,integer))", Vars: "T", Returns: "array(T)", Emit: sortWith,
		Doc:      "Sorts an array by a function that returns -1, 0 or 1 as its first argument belongs before, with or after the second one.",
		Examples: [][2]string{{"array_sort(ARRAY[3, 2, 5], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))", "[5,3,2]"}}},
}

// matches applies a predicate to all elements: a result equal to sought decides, otherwise a NULL among the results makes
// it NULL.
func matches(sought, found, none string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		list := Operand{SQL: "list_transform(" + s.list(0) + ")"}
		return s.once(list, func(o Operand) string {
			return "CASE WHEN " + o.SQL + " IS NULL THEN NULL WHEN list_contains(" + o.SQL + ", " + sought + ") THEN " + found +
				" WHEN len(" + o.SQL + ") > list_count(" + o.SQL + ") THEN NULL ELSE " + none + " END"
		}), nil
	}
}

// bindings gives values names that a lambda's body does not use.
func bindings(l lambda, values []string, use func(names []string) string) string {
	var names []string
	var wrap func(i int) string
	wrap = func(i int) string {
		if i == len(values) {
			return use(names)
		}
		name := lambdaName("_b"+string(rune('a'+i)), l.body)
		names = append(names, name)
		return "list_transform([" + values[i] + "], lambda " + name + ": " + wrap(i+1) + ")[1]"
	}
	return wrap(0)
}

// zipWith applies a function to pairs; the shorter array is filled with NULL.
func zipWith(s *Site) (string, error) {
	f := lambdaOf(s.Args[2])
	i := lambdaName("_z", f.body)
	return bindings(f, []string{s.Args[0].SQL, s.Args[1].SQL}, func(n []string) string {
		a, b := n[0], n[1]
		return "CASE WHEN " + a + " IS NOT NULL AND " + b + " IS NOT NULL THEN list_transform(range(1, greatest(len(" + a + "), len(" + b +
			")) + 1), lambda " + i + ": " + f.apply(a+"["+i+"]", b+"["+i+"]") + ") END"
	}), nil
}

// reduce folds with DuckDB's list_reduce over pairs of a state and an element, since its state has the type of the elements.
func reduce(s *Site) (string, error) {
	input, output := lambdaOf(s.Args[2]), lambdaOf(s.Args[3])
	state, elem := s.TypeSQL(s.Args[1].Type), s.TypeSQL(s.Args[0].Type.Elem(0))
	pair := "STRUCT(s " + state + ", x " + elem + ")"
	a, b, r := lambdaName("_a", input.body), lambdaName("_b", input.body), lambdaName("_r", output.body)
	if a == b {
		b += "x"
	}
	pairs := "list_transform(" + s.Args[0].SQL + ", lambda _x: CAST(row(NULL, _x) AS " + pair + "))"
	step := "CAST(row(" + input.apply(a+".s", b+".x") + ", NULL) AS " + pair + ")"
	start := "CAST(row(" + s.Args[1].SQL + ", NULL) AS " + pair + ")"
	folded := "list_reduce(" + pairs + ", lambda " + a + ", " + b + ": " + step + ", " + start + ")"
	return "list_transform([" + folded + "], lambda " + r + ": CASE WHEN " + r + " IS NOT NULL THEN " + output.apply(r+".s") + " END)[1]", nil
}

// sortWith places each element after those that the function finds smaller, and after the equal ones that come before it.
func sortWith(s *Site) (string, error) {
	f := lambdaOf(s.Args[1])
	i, j, o := lambdaName("_i", f.body), lambdaName("_j", f.body), lambdaName("_o", f.body)
	return bindings(f, []string{s.Args[0].SQL}, func(n []string) string {
		a := n[0]
		order := f.apply(a+"["+j+"]", a+"["+i+"]")
		badOrder := raise("INVALID_FUNCTION_ARGUMENT", "'Lambda comparator must return either -1, 0, or 1'")
		before := "list_filter(range(1, len(" + a + ") + 1), lambda " + j + ": " + j + " <> " + i + " AND list_transform([" + order + "], lambda " + o +
			": CASE WHEN " + o + " = -1 OR " + o + " = 0 AND " + j + " < " + i + " THEN true WHEN " + o + " IN (0, 1) THEN false ELSE " + badOrder + " END)[1])"
		ranked := "list_transform(range(1, len(" + a + ") + 1), lambda " + i + ": row(len(" + before + "), " + i + "))"
		return "list_transform(list_sort(" + ranked + "), lambda " + i + ": " + a + "[" + i + "[2]])"
	}), nil
}
