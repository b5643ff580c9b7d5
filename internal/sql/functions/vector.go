package functions

const docCosine = "Returns the cosine of the angle between two vectors, which are arrays, or sparse as maps of keys to values."

// vectorFunctions are measures of vectors.
var vectorFunctions = []Function{
	{Signature: "cosine_similarity(array(double), array(double))", Returns: "double", SQL: "wb_cosine_similarity($1, $2)",
		Doc: docCosine, Examples: [][2]string{{"cosine_similarity(ARRAY[1, 0], ARRAY[1, 0])", "1.0E0"}}},
	{Signature: "cosine_similarity(map(varchar,double), map(varchar,double))", Returns: "double",
		SQL: "wb_sparse_cosine(map_keys($1), map_values($1), map_keys($2), map_values($2))",
		Doc: docCosine, Examples: [][2]string{{"cosine_similarity(MAP(ARRAY['a'], ARRAY[2]), MAP(ARRAY['b'], ARRAY[3]))", "0E0"}}},
	{Signature: "cosine_distance(array(double), array(double))", Returns: "double", SQL: "(1 - wb_cosine_similarity($1, $2))",
		Doc: "Returns one minus the cosine of the angle between two vectors.", Examples: [][2]string{{"cosine_distance(ARRAY[1, 0], ARRAY[0, 1])", "1.0E0"}}},
	{Signature: "euclidean_distance(array(double), array(double))", Returns: "double", SQL: "wb_euclidean_distance($1, $2)",
		Doc: "Returns the length of the difference of two vectors.", Examples: [][2]string{{"euclidean_distance(ARRAY[1, 2], ARRAY[4, 6])", "5.0E0"}}},
	{Signature: "dot_product(array(double), array(double))", Returns: "double", SQL: "wb_dot_product($1, $2)",
		Doc: "Returns the sum of the products of two vectors' elements.", Examples: [][2]string{{"dot_product(ARRAY[1, 2], ARRAY[3, 4])", "1.1E1"}}},
}
