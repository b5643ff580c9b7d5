package functions

const docWidthBucket = "Returns the number of the bin that a value lies in: of bins of equal width between two bounds, or of bins given by an array of their lower bounds."

// statisticsFunctions are distributions, intervals and bins.
var statisticsFunctions = []Function{
	{Signature: "normal_cdf(double, double, double)", Returns: "double", SQL: "wb_normal_cdf($1, $2, $3)",
		Doc:      "Returns the probability that a normal distribution of the given mean and standard deviation is at most a value.",
		Examples: [][2]string{{"round(normal_cdf(0, 1, 1.96), 4)", "9.75E-1"}}},
	{Signature: "inverse_normal_cdf(double, double, double)", Returns: "double", SQL: "wb_inverse_normal_cdf($1, $2, $3)",
		Doc:      "Returns the value up to which a normal distribution of the given mean and standard deviation has a probability.",
		Examples: [][2]string{{"round(inverse_normal_cdf(0, 1, 0.975), 2)", "1.96E0"}}},
	{Signature: "beta_cdf(double, double, double)", Returns: "double", SQL: "wb_beta_cdf($1, $2, $3)",
		Doc: "Returns the probability that a beta distribution of the given two parameters is at most a value.", Examples: [][2]string{{"beta_cdf(1, 1, 0.25)", "2.5E-1"}}},
	{Signature: "inverse_beta_cdf(double, double, double)", Returns: "double", SQL: "wb_inverse_beta_cdf($1, $2, $3)",
		Doc:      "Returns the value up to which a beta distribution of the given two parameters has a probability.",
		Examples: [][2]string{{"round(inverse_beta_cdf(1, 1, 0.25), 6)", "2.5E-1"}}},
	{Signature: "t_cdf(double, double)", Returns: "double", SQL: "wb_t_cdf($1, $2)",
		Doc:      "Returns the probability that Student's distribution of the given degrees of freedom is at most the first argument.",
		Examples: [][2]string{{"t_cdf(0, 10)", "5.0E-1"}}},
	{Signature: "t_pdf(double, double)", Returns: "double", SQL: "wb_t_pdf($1, $2)",
		Doc:      "Returns the density of Student's distribution of the given degrees of freedom at the first argument.",
		Examples: [][2]string{{"round(t_pdf(0, 10), 4)", "3.891E-1"}}},
	{Signature: "wilson_interval_lower(bigint, bigint, double)", Returns: "double", SQL: "wb_wilson_interval($1, $2, $3, -1)",
		Doc:      "Returns the lower bound of the Wilson score interval of successes in trials, for a z-score.",
		Examples: [][2]string{{"round(wilson_interval_lower(1250, 1310, 1.96), 4)", "9.415E-1"}}},
	{Signature: "wilson_interval_upper(bigint, bigint, double)", Returns: "double", SQL: "wb_wilson_interval($1, $2, $3, 1)",
		Doc:      "Returns the upper bound of the Wilson score interval of successes in trials, for a z-score.",
		Examples: [][2]string{{"round(wilson_interval_upper(1250, 1310, 1.96), 4)", "9.643E-1"}}},
	{Signature: "width_bucket(double, double, double, bigint)", Returns: "bigint", SQL: "wb_even_bucket($1, $2, $3, $4)",
		Doc: docWidthBucket, Examples: [][2]string{{"width_bucket(3.5, 0, 10, 5)", "2"}, {"width_bucket(11, 0, 10, 5)", "6"}}},
	{Signature: "width_bucket(double, array(double))", Returns: "bigint", SQL: "wb_width_bucket($1, $2)",
		Doc: docWidthBucket, Examples: [][2]string{{"width_bucket(3.5, ARRAY[0, 2, 4])", "2"}}},
}
