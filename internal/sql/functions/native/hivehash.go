package native

import "github.com/waterbear-sql/waterbear/internal/hivehash"

// hiveHashFunctions hash values as Hive does for buckets. The first argument is the version of hashing, but for real and
// double, which only the first version hashes.
var hiveHashFunctions = []Function{
	{"wb_hive_hash_smallint", params("BIGINT", "SMALLINT"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Short(int(a[0].(int64)), int16(a[1].(int64)))), nil
	}},
	{"wb_hive_hash_integer", params("BIGINT", "INTEGER"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Int(int(a[0].(int64)), int32(a[1].(int64)))), nil
	}},
	{"wb_hive_hash_bigint", params("BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Long(int(a[0].(int64)), a[1].(int64))), nil
	}},
	{"wb_hive_hash_real", params("FLOAT"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Real(a[0].(float32))), nil
	}},
	{"wb_hive_hash_double", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Double(a[0].(float64))), nil
	}},
	{"wb_hive_hash_text", params("BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Text(int(a[0].(int64)), false, a[1].(string))), nil
	}},
	{"wb_hive_hash_varchar", params("BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Text(int(a[0].(int64)), true, a[1].(string))), nil
	}},
	// The hash of the values before, and that of the next one.
	{"wb_hive_hash_combine", params("BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return int64(hivehash.Combine(int32(a[0].(int64)), int32(a[1].(int64)))), nil
	}},
}
