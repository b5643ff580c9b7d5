package compat

// Support says how Waterbear takes a statement.
type Support string

// The kinds of support.
const (
	Yes Support = "yes"
	// Refused statements are answered with NOT_SUPPORTED and a position.
	Refused Support = "no"
	// Connector statements are analysed and then refused by every connector that there is, as by Trino's of the same name.
	Connector Support = "by connector"
)

// Statement is a statement or clause of Trino's SQL with an example.
type Statement struct {
	Group, Name string
	Support     Support
	Note        string
	// Setup are statements that the example needs before it, Cleanup those that undo them. They run in one session over
	// the catalogs tpch and memory.
	Setup   []string
	SQL     string
	Cleanup []string
}

const rowChangesNote = "in `iceberg`, `delta_lake`, databases with a primary key, `blackhole`, and in `memory` with `memory.row-level-changes=true`; in `hive` DELETE of whole table partitions, as in Trino"

// Statements are all statements of Trino 476's documentation, and the clauses and expressions of queries that are
// features of their own. The process tests run every example and hold it against Support.
var Statements = []Statement{
	{Group: "Queries", Name: "SELECT", Support: Yes, SQL: "SELECT DISTINCT name FROM nation WHERE regionkey = 1 ORDER BY 1 OFFSET 1 LIMIT 2"},
	{Group: "Queries", Name: "VALUES", Support: Yes, SQL: "VALUES (1, 'a'), (2, 'b')"},
	{Group: "Queries", Name: "TABLE", Support: Yes, SQL: "TABLE region"},
	{Group: "Queries", Name: "WITH", Support: Yes, SQL: "WITH t AS (SELECT 1 AS x) SELECT x FROM t"},
	{Group: "Queries", Name: "WITH RECURSIVE", Support: Yes, SQL: "WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT sum(n) FROM t"},
	{Group: "Queries", Name: "WITH FUNCTION", Support: Yes, SQL: "WITH FUNCTION twice(x bigint) RETURNS bigint RETURN x * 2 SELECT twice(4)"},
	{Group: "Queries", Name: "UNION, INTERSECT, EXCEPT", Support: Yes, SQL: "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 1"},
	{Group: "Queries", Name: "GROUP BY with GROUPING SETS, CUBE, ROLLUP", Support: Yes,
		SQL: "SELECT regionkey, grouping(regionkey), count(*) FROM nation GROUP BY ROLLUP (regionkey)"},
	{Group: "Queries", Name: "HAVING", Support: Yes, SQL: "SELECT regionkey FROM nation GROUP BY regionkey HAVING count(*) > 4"},
	{Group: "Queries", Name: "WINDOW and OVER with ROWS, RANGE, GROUPS frames", Support: Yes,
		SQL: "SELECT sum(nationkey) OVER w FROM nation WINDOW w AS (ORDER BY regionkey GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
	{Group: "Queries", Name: "joins: INNER, LEFT, RIGHT, FULL, CROSS, USING, NATURAL", Support: Yes,
		SQL: "SELECT count(*) FROM nation n FULL JOIN region r ON n.regionkey = r.regionkey"},
	{Group: "Queries", Name: "LATERAL", Support: Yes, SQL: "SELECT x FROM region, LATERAL (SELECT regionkey + 1 AS x)"},
	{Group: "Queries", Name: "UNNEST WITH ORDINALITY", Support: Yes, SQL: "SELECT * FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY"},
	{Group: "Queries", Name: "TABLESAMPLE BERNOULLI, SYSTEM", Support: Yes, SQL: "SELECT count(*) FROM nation TABLESAMPLE BERNOULLI (100)"},
	{Group: "Queries", Name: "FETCH FIRST … WITH TIES", Support: Yes, SQL: "SELECT regionkey FROM nation ORDER BY regionkey FETCH FIRST 2 ROWS WITH TIES"},
	{Group: "Queries", Name: "subqueries: scalar, IN, EXISTS, ANY, ALL, correlated", Support: Yes,
		SQL: "SELECT name FROM nation n WHERE n.nationkey >= ALL (SELECT m.nationkey FROM nation m WHERE m.regionkey = n.regionkey)"},
	{Group: "Queries", Name: "MATCH_RECOGNIZE", Support: Yes, SQL: "SELECT * FROM nation MATCH_RECOGNIZE (PARTITION BY regionkey ORDER BY nationkey " +
		"MEASURES LAST(B.nationkey) AS top PATTERN (A B+) DEFINE B AS B.nationkey > PREV(B.nationkey))"},
	{Group: "Queries", Name: "row patterns in windows", Support: Yes, SQL: "SELECT m OVER (ORDER BY nationkey MEASURES CLASSIFIER() AS m " +
		"ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN (A+) DEFINE A AS TRUE) FROM nation"},
	{Group: "Queries", Name: "table functions", Support: Yes, SQL: "SELECT * FROM TABLE(sequence(1, 3))"},
	{Group: "Queries", Name: "JSON_TABLE", Support: Yes, SQL: "SELECT * FROM JSON_TABLE('[1, 2]', 'lax $[*]' COLUMNS (n FOR ORDINALITY, v bigint PATH 'lax $'))"},
	{Group: "Queries", Name: "time travel: FOR VERSION, FOR TIMESTAMP AS OF", Support: Connector, SQL: "SELECT * FROM nation FOR VERSION AS OF 1"},

	{Group: "Expressions", Name: "JSON_VALUE, JSON_QUERY, JSON_EXISTS", Support: Yes, SQL: "SELECT json_value('{\"a\": 1}', 'lax $.a' RETURNING bigint)"},
	{Group: "Expressions", Name: "JSON_OBJECT, JSON_ARRAY", Support: Yes, SQL: "SELECT json_object('a' : json_array(1, 2))"},
	{Group: "Expressions", Name: "lambdas", Support: Yes, SQL: "SELECT transform(ARRAY[1, 2], x -> x + 1)"},
	{Group: "Expressions", Name: "CASE, IF, COALESCE, NULLIF, TRY", Support: Yes, SQL: "SELECT TRY(1 / 0), IF(true, 1), NULLIF(1, 2), COALESCE(NULL, 1)"},
	{Group: "Expressions", Name: "CAST, TRY_CAST", Support: Yes, SQL: "SELECT CAST('1' AS bigint), TRY_CAST('x' AS bigint)"},
	{Group: "Expressions", Name: "LIKE, BETWEEN, IN, IS DISTINCT FROM", Support: Yes, SQL: "SELECT 'a' LIKE '_', 1 BETWEEN 0 AND 2, 1 IS DISTINCT FROM NULL"},
	{Group: "Expressions", Name: "AT TIME ZONE", Support: Yes, SQL: "SELECT TIMESTAMP '2020-01-01 00:00:00 UTC' AT TIME ZONE 'Europe/Berlin'"},
	{Group: "Expressions", Name: "LISTAGG with ON OVERFLOW", Support: Yes, SQL: "SELECT listagg(name, ',' ON OVERFLOW TRUNCATE '…' WITH COUNT) WITHIN GROUP (ORDER BY name) FROM region"},

	{Group: "Schemas and tables", Name: "CREATE SCHEMA", Support: Yes, SQL: "CREATE SCHEMA memory.compat", Cleanup: []string{"DROP SCHEMA memory.compat"}},
	{Group: "Schemas and tables", Name: "DROP SCHEMA", Support: Yes, Setup: []string{"CREATE SCHEMA memory.compat"}, SQL: "DROP SCHEMA memory.compat"},
	{Group: "Schemas and tables", Name: "ALTER SCHEMA", Support: Yes, Setup: []string{"CREATE SCHEMA memory.compat"},
		SQL: "ALTER SCHEMA memory.compat RENAME TO compat2", Cleanup: []string{"DROP SCHEMA memory.compat2"}},
	{Group: "Schemas and tables", Name: "CREATE TABLE", Support: Yes, SQL: "CREATE TABLE memory.default.c (a bigint, b varchar)", Cleanup: dropTable},
	{Group: "Schemas and tables", Name: "CREATE TABLE AS", Support: Yes, SQL: "CREATE TABLE memory.default.c AS SELECT * FROM region", Cleanup: dropTable},
	{Group: "Schemas and tables", Name: "ALTER TABLE", Support: Yes, Setup: createTable, SQL: "ALTER TABLE memory.default.c RENAME TO memory.default.c2",
		Cleanup: []string{"DROP TABLE memory.default.c2"}},
	{Group: "Schemas and tables", Name: "DROP TABLE", Support: Yes, Setup: createTable, SQL: "DROP TABLE memory.default.c"},
	{Group: "Schemas and tables", Name: "COMMENT", Support: Yes, Setup: createTable, SQL: "COMMENT ON TABLE memory.default.c IS 'text'", Cleanup: dropTable},
	{Group: "Schemas and tables", Name: "ANALYZE", Support: Connector, Note: "works in `hive` and `tpch`; refused by `memory`, as by Trino's", Setup: createTable, SQL: "ANALYZE memory.default.c", Cleanup: dropTable},
	{Group: "Schemas and tables", Name: "CREATE CATALOG, DROP CATALOG", Support: Connector, Note: "catalogs are files in `etc/catalog`",
		SQL: "CREATE CATALOG c USING memory"},

	{Group: "Writing", Name: "INSERT", Support: Yes, Setup: createTable, SQL: "INSERT INTO memory.default.c VALUES (1, 'a')", Cleanup: dropTable},
	{Group: "Writing", Name: "DELETE", Support: Yes, Note: rowChangesNote, Setup: createTable,
		SQL: "DELETE FROM memory.default.c WHERE a IN (SELECT regionkey FROM region WHERE name > 'B')", Cleanup: dropTable},
	{Group: "Writing", Name: "UPDATE", Support: Yes, Note: rowChangesNote, Setup: createTable,
		SQL: "UPDATE memory.default.c SET b = (SELECT name FROM region WHERE regionkey = a) WHERE a < 3", Cleanup: dropTable},
	{Group: "Writing", Name: "MERGE", Support: Yes, Note: rowChangesNote, Setup: createTable,
		SQL: "MERGE INTO memory.default.c t USING region ON a = regionkey WHEN MATCHED AND b = 'x' THEN DELETE " +
			"WHEN MATCHED THEN UPDATE SET b = name WHEN NOT MATCHED THEN INSERT (a) VALUES (regionkey)", Cleanup: dropTable},
	{Group: "Writing", Name: "TRUNCATE", Support: Yes, Setup: createTable, SQL: "TRUNCATE TABLE memory.default.c", Cleanup: dropTable},

	{Group: "Views and functions", Name: "CREATE VIEW", Support: Yes, SQL: "CREATE VIEW memory.default.v AS SELECT 1 AS x", Cleanup: dropView},
	{Group: "Views and functions", Name: "ALTER VIEW", Support: Yes, Setup: createView, SQL: "ALTER VIEW memory.default.v RENAME TO memory.default.v2",
		Cleanup: []string{"DROP VIEW memory.default.v2"}},
	{Group: "Views and functions", Name: "DROP VIEW", Support: Yes, Setup: createView, SQL: "DROP VIEW memory.default.v"},
	{Group: "Views and functions", Name: "CREATE MATERIALIZED VIEW", Support: Connector, SQL: "CREATE MATERIALIZED VIEW memory.default.m AS SELECT 1 AS x"},
	{Group: "Views and functions", Name: "REFRESH MATERIALIZED VIEW", Support: Connector, SQL: "REFRESH MATERIALIZED VIEW memory.default.m"},
	{Group: "Views and functions", Name: "ALTER MATERIALIZED VIEW", Support: Connector, SQL: "ALTER MATERIALIZED VIEW memory.default.m RENAME TO memory.default.m2"},
	{Group: "Views and functions", Name: "DROP MATERIALIZED VIEW", Support: Connector, SQL: "DROP MATERIALIZED VIEW memory.default.m"},
	{Group: "Views and functions", Name: "CREATE FUNCTION", Support: Yes, SQL: "CREATE FUNCTION memory.default.twice(x bigint) RETURNS bigint RETURN x * 2",
		Cleanup: []string{"DROP FUNCTION memory.default.twice(bigint)"}},
	{Group: "Views and functions", Name: "DROP FUNCTION", Support: Yes, Setup: []string{"CREATE FUNCTION memory.default.twice(x bigint) RETURNS bigint RETURN x * 2"},
		SQL: "DROP FUNCTION memory.default.twice(bigint)"},
	{Group: "Views and functions", Name: "CALL", Support: Yes, Note: "of the procedures that the `system` catalog has", SQL: "CALL system.runtime.kill_query('20200101_000000_00000_aaaaa', 'no')"},

	{Group: "Looking", Name: "SHOW CATALOGS", Support: Yes, SQL: "SHOW CATALOGS LIKE 'm%'"},
	{Group: "Looking", Name: "SHOW SCHEMAS", Support: Yes, SQL: "SHOW SCHEMAS FROM tpch"},
	{Group: "Looking", Name: "SHOW TABLES", Support: Yes, SQL: "SHOW TABLES FROM tpch.tiny"},
	{Group: "Looking", Name: "SHOW COLUMNS", Support: Yes, SQL: "SHOW COLUMNS FROM nation"},
	{Group: "Looking", Name: "DESCRIBE", Support: Yes, SQL: "DESCRIBE nation"},
	{Group: "Looking", Name: "SHOW CREATE SCHEMA", Support: Yes, SQL: "SHOW CREATE SCHEMA memory.default"},
	{Group: "Looking", Name: "SHOW CREATE TABLE", Support: Yes, SQL: "SHOW CREATE TABLE nation"},
	{Group: "Looking", Name: "SHOW CREATE VIEW", Support: Yes, Setup: createView, SQL: "SHOW CREATE VIEW memory.default.v", Cleanup: dropView},
	{Group: "Looking", Name: "SHOW CREATE MATERIALIZED VIEW", Support: Connector, SQL: "SHOW CREATE MATERIALIZED VIEW memory.default.m"},
	{Group: "Looking", Name: "SHOW CREATE FUNCTION", Support: Yes, Setup: []string{"CREATE FUNCTION memory.default.twice(x bigint) RETURNS bigint RETURN x * 2"},
		SQL: "SHOW CREATE FUNCTION memory.default.twice", Cleanup: []string{"DROP FUNCTION memory.default.twice(bigint)"}},
	{Group: "Looking", Name: "SHOW FUNCTIONS", Support: Yes, SQL: "SHOW FUNCTIONS LIKE 'array%'"},
	{Group: "Looking", Name: "SHOW SESSION", Support: Yes, SQL: "SHOW SESSION LIKE 'retry%'"},
	{Group: "Looking", Name: "SHOW STATS", Support: Yes, SQL: "SHOW STATS FOR nation"},
	{Group: "Looking", Name: "EXPLAIN", Support: Yes, SQL: "EXPLAIN (TYPE DISTRIBUTED) SELECT count(*) FROM nation"},
	{Group: "Looking", Name: "EXPLAIN ANALYZE", Support: Yes, SQL: "EXPLAIN ANALYZE SELECT count(*) FROM nation"},

	{Group: "Sessions and transactions", Name: "USE", Support: Yes, SQL: "USE tpch.tiny"},
	{Group: "Sessions and transactions", Name: "SET SESSION", Support: Yes, SQL: "SET SESSION retry_policy = 'TASK'"},
	{Group: "Sessions and transactions", Name: "RESET SESSION", Support: Yes, SQL: "RESET SESSION retry_policy"},
	{Group: "Sessions and transactions", Name: "SET SESSION AUTHORIZATION", Support: Yes, SQL: "SET SESSION AUTHORIZATION alice"},
	{Group: "Sessions and transactions", Name: "RESET SESSION AUTHORIZATION", Support: Yes, SQL: "RESET SESSION AUTHORIZATION"},
	{Group: "Sessions and transactions", Name: "SET PATH", Support: Yes, SQL: "SET PATH memory.default"},
	{Group: "Sessions and transactions", Name: "SET TIME ZONE", Support: Yes, SQL: "SET TIME ZONE 'Europe/Berlin'"},
	{Group: "Sessions and transactions", Name: "PREPARE", Support: Yes, SQL: "PREPARE p FROM SELECT ?"},
	{Group: "Sessions and transactions", Name: "EXECUTE", Support: Yes, Setup: []string{"PREPARE p FROM SELECT ?"}, SQL: "EXECUTE p USING 1"},
	{Group: "Sessions and transactions", Name: "EXECUTE IMMEDIATE", Support: Yes, SQL: "EXECUTE IMMEDIATE 'SELECT ?' USING 1"},
	{Group: "Sessions and transactions", Name: "DEALLOCATE PREPARE", Support: Yes, Setup: []string{"PREPARE p FROM SELECT ?"}, SQL: "DEALLOCATE PREPARE p"},
	{Group: "Sessions and transactions", Name: "DESCRIBE INPUT", Support: Yes, Setup: []string{"PREPARE p FROM SELECT ? + 1"}, SQL: "DESCRIBE INPUT p"},
	{Group: "Sessions and transactions", Name: "DESCRIBE OUTPUT", Support: Yes, Setup: []string{"PREPARE p FROM SELECT 1 AS x"}, SQL: "DESCRIBE OUTPUT p"},
	{Group: "Sessions and transactions", Name: "START TRANSACTION, COMMIT, ROLLBACK", Support: Yes, Note: "every statement between is its own commit",
		SQL: "START TRANSACTION", Cleanup: []string{"COMMIT"}},

	{Group: "Roles and privileges", Name: "CREATE ROLE", Support: Connector, SQL: "CREATE ROLE r"},
	{Group: "Roles and privileges", Name: "DROP ROLE", Support: Connector, SQL: "DROP ROLE r"},
	{Group: "Roles and privileges", Name: "SET ROLE", Support: Yes, SQL: "SET ROLE ALL"},
	{Group: "Roles and privileges", Name: "GRANT, REVOKE, DENY privileges", Support: Connector, Setup: createTable, SQL: "GRANT SELECT ON memory.default.c TO alice", Cleanup: dropTable},
	{Group: "Roles and privileges", Name: "GRANT, REVOKE roles", Support: Connector, SQL: "GRANT r TO USER alice"},
	{Group: "Roles and privileges", Name: "SHOW GRANTS", Support: Yes, SQL: "SHOW GRANTS"},
	{Group: "Roles and privileges", Name: "SHOW ROLES", Support: Yes, SQL: "SHOW ROLES"},
	{Group: "Roles and privileges", Name: "SHOW ROLE GRANTS", Support: Yes, SQL: "SHOW ROLE GRANTS"},
}

var (
	createTable = []string{"CREATE TABLE memory.default.c (a bigint, b varchar)"}
	dropTable   = []string{"DROP TABLE memory.default.c"}
	createView  = []string{"CREATE VIEW memory.default.v AS SELECT 1 AS x"}
	dropView    = []string{"DROP VIEW memory.default.v"}
)

// tableFunctions are the table functions that there are.
var tableFunctions = map[string]bool{"sequence": true, "exclude_columns": true}
