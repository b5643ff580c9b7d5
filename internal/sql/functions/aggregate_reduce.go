package functions

// reduceAggregates fold values with a function. The second function, which joins two states, is only needed where an aggregate is
// computed in two steps, which this one is not.
var reduceAggregates = []Function{
	{Signature: "reduce_agg(T, S, function(S,T,S), function(S,S,S))", Vars: "T, S", Returns: "S", Kind: Aggregate, Emit: reduceAggregate,
		Doc: "The state that results from putting the values into it one after the other; the last function joins two states.",
		Examples: [][2]string{
			{"SELECT reduce_agg(x, 1, (a, b) -> a * b, (a, b) -> a * b) FROM (VALUES 2, 3, 4) t(x)", "24"}}},
}

func reduceAggregate(s *Site) (string, error) {
	input := lambdaOf(s.Args[2])
	state, elem := s.TypeSQL(s.Args[1].Type), s.TypeSQL(s.Args[0].Type)
	pair := "STRUCT(s " + state + ", x " + elem + ")"
	a, b := lambdaName("_a", input.body), lambdaName("_b", input.body)
	if a == b {
		b += "x"
	}
	pairs := "list_transform(list_filter(list{$1}, lambda _x: _x IS NOT NULL), lambda _x: CAST(row(NULL, _x) AS " + pair + "))"
	step := "CAST(row(" + input.apply(a+".s", b+".x") + ", NULL) AS " + pair + ")"
	start := "CAST(row(any_value{$2}, NULL) AS " + pair + ")"
	folded := "list_reduce(" + pairs + ", lambda " + a + ", " + b + ": " + step + ", " + start + ")"
	return "CASE WHEN count{$1} > 0 THEN (" + folded + ").s END", nil
}
