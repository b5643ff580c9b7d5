package functions

// checksumFunctions compare tables.
var checksumFunctions = []Function{
	{Signature: "checksum(T)", Vars: "T:comparable", Returns: "varbinary", Kind: Aggregate, CalledOnNull: true, Emit: checksum,
		Split:    &Split{States: []State{{Emit: checksum, Type: "varbinary"}}, Final: "wb_checksum_merge{$1}"},
		Doc:      "A checksum of the values that does not depend on their order.",
		Examples: [][2]string{{"SELECT checksum(x) = checksum(y) FROM (VALUES (1, 2), (2, 1), (NULL, NULL)) t(x, y)", "true"}}},
}

func checksum(s *Site) (string, error) { return "wb_checksum{" + valueHash(s) + "}", nil }
