package jdbc_test

import (
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/sqlserver"
)

func init() {
	databases["sqlserver"] = database{sqlserver.Factory, "jdbc:sqlserver://db:1433;databaseName=x", []jdbc.NativeColumn{
		native("id", "bigint", "bigint"), native("small", "smallint", "smallint"), native("Name", "nvarchar", "nvarchar(20) COLLATE Latin1_General_BIN2", 20),
		native("code", "nchar", "nchar(3)", 3), native("price", "decimal", "decimal(12, 2)", -1, 12, 2), native("ratio", "float", "float(53)"), native("day", "date", "date"),
		native("at", "datetime2", "datetime2(3)", -1, -1, 3), native("zoned", "datetimeoffset", "datetimeoffset(6)", -1, -1, 6), native("data", "xml", "xml"),
		native("raw", "varbinary", "varbinary(9)", 9), native("flag", "bit", "bit"), native("cash", "money", "money")}}
}
