package jdbc_test

import (
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/clickhouse"
)

func init() {
	databases["clickhouse"] = database{clickhouse.Factory, "jdbc:clickhouse://db:8123", []jdbc.NativeColumn{
		native("id", "Int64", "Int64"), native("small", "Int16", "Int16"), native("Name", "String", "String"), native("code", "FixedString", "FixedString(3)", 3),
		native("price", "Decimal", "Decimal(12, 2)", -1, 12, 2), native("ratio", "Float64", "Float64"), native("day", "Date", "Date"),
		native("at", "DateTime64", "DateTime64(3)", -1, 3), native("zoned", "UUID", "UUID"), native("data", "Enum8", "Enum8('a' = 1)")}}
}
