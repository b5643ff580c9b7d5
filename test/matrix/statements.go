package matrix

import "strings"

// Statement is a row of the table of statements. In its texts {t} stands for a table of its own.
type Statement struct {
	What    string // in words
	Catalog string // that it writes into; empty: it only reads
	// Setup makes the statement's table, undisturbed. SQL is the statement.
	Setup []string
	SQL   string
	// Leaf is the table that the leaf stage reads: of several the largest.
	Leaf string
	// Single says that there is one stage only, Middle that there is one between others, Large that the leaf's output is too large to travel with its report.
	Single, Middle, Large bool
	// Huge says that the output of every task of the leaf is; such a statement meets only what needs that.
	Huge bool
	// NoFiles says that its commit has no files to collect.
	NoFiles bool
	// Full says that it meets all injections, not only those that every statement meets; Variation that it is of the same kind as
	// another one, and is spared what all kinds meet.
	Full, Variation bool
	// Ordered says that the order of its rows is part of the answer.
	Ordered bool
	// Text says that the answer is a text with figures that differ between runs.
	Text bool
	// Look shows what the statement has changed; empty: the whole table.
	Look string
	// Refused is the message with which the connector refuses the statement, RefusedAs the name of the error.
	Refused, RefusedAs string
}

// Name identifies the statement.
func (s *Statement) Name() string {
	name := strings.ReplaceAll(s.What, " ", "-")
	if s.Catalog != "" {
		name += "@" + s.Catalog
	}
	return name
}

// Writes reports whether there is a table to look at afterwards.
func (s *Statement) Writes() bool { return s.Catalog != "" }

const (
	// customers joins three tables, with all of the largest one's text, so that its output is worth an object.
	customers = "SELECT c_custkey AS custkey, c_name AS name, c_comment AS note, n_name AS nation, r_name AS region FROM customer JOIN nation ON c_nationkey = n_nationkey " +
		"JOIN region ON n_regionkey = r_regionkey"
	// orders joins two tables, with all of the larger one's text.
	orders = "SELECT o_orderkey AS orderkey, o_comment AS note, c_name AS name, c_mktsegment AS segment FROM orders JOIN customer ON o_custkey = c_custkey"
	// suppliers has a column for table partitions at its end.
	suppliers = "SELECT s_suppkey AS suppkey, s_name AS name, s_nationkey AS nationkey FROM supplier"

	noRowChanges = "Modifying Hive table rows is only supported for transactional tables"
	noAnalyze    = "This connector does not support analyze"
)

// Statements are the rows. What a connector does not support is a row too, and must be refused in Trino's words.
var Statements = append([]Statement{
	{What: "SELECT scan", SQL: "SELECT n_nationkey, n_name, n_comment FROM nation", Leaf: "nation", Single: true},
	{What: "SELECT aggregation", SQL: "SELECT o_orderstatus, count(*), sum(o_custkey), max(o_orderdate) FROM orders GROUP BY o_orderstatus", Leaf: "orders"},
	{What: "SELECT join", SQL: "SELECT count(*), max(note), min(note), region FROM (" + customers + ") GROUP BY region", Leaf: "customer", Middle: true, Large: true, Full: true},
	{What: "SELECT large join", SQL: "SELECT count(*), max(note), min(name), segment FROM (" + orders + ") GROUP BY segment", Leaf: "orders", Middle: true, Large: true, Huge: true},
	{What: "SELECT sort", SQL: "SELECT c_custkey, c_name, c_acctbal FROM customer ORDER BY c_acctbal DESC, c_custkey", Leaf: "customer", Ordered: true},
	{What: "EXPLAIN ANALYZE aggregation", SQL: "EXPLAIN ANALYZE SELECT o_orderstatus, count(*) FROM orders GROUP BY o_orderstatus", Leaf: "orders", Text: true},
}, writes()...)

// writes are the statements that change tables, for each connector that does.
func writes() (out []Statement) {
	for _, catalog := range []string{"hive", "memory"} {
		empty := "CREATE TABLE {t} AS " + customers + " WITH NO DATA"
		full := "CREATE TABLE {t} AS " + customers
		out = append(out,
			Statement{What: "CREATE TABLE AS", Catalog: catalog, SQL: full, Leaf: "customer", Middle: true, Large: true, Full: catalog == "hive", Variation: catalog != "hive"},
			Statement{What: "INSERT", Catalog: catalog, Setup: []string{empty}, SQL: "INSERT INTO {t} " + customers, Leaf: "customer", Middle: true, Large: true,
				Variation: catalog != "hive"},
			Statement{What: "CREATE TABLE AS large", Catalog: catalog, SQL: "CREATE TABLE {t} AS " + orders, Leaf: "orders", Large: true, Huge: true},
			Statement{What: "EXPLAIN ANALYZE INSERT", Catalog: catalog, Setup: []string{empty}, SQL: "EXPLAIN ANALYZE INSERT INTO {t} " + customers,
				Leaf: "customer", Middle: true, Large: true, Text: true, Variation: catalog != "hive"},
		)
	}
	analyze := Statement{What: "ANALYZE", Catalog: "memory", Setup: []string{"CREATE TABLE {t} AS " + customers}, SQL: "ANALYZE {t}", Refused: noAnalyze, RefusedAs: "NOT_SUPPORTED"}
	out = append(out, analyze)
	analyze.Catalog, analyze.Refused, analyze.RefusedAs, analyze.Leaf, analyze.Look, analyze.NoFiles = "hive", "", "", "{t}", "SHOW STATS FOR {t}", true
	out = append(out, analyze)
	out = append(out, rowChanges()...)
	partitioned := "CREATE TABLE {t} WITH (partitioned_by = ARRAY['nationkey']) AS " + suppliers
	return append(out,
		Statement{What: "CREATE TABLE AS partitioned", Catalog: "hive", SQL: partitioned, Leaf: "supplier", Variation: true},
		Statement{What: "INSERT new partition", Catalog: "hive", Setup: []string{partitioned + " WHERE s_nationkey < 10"},
			SQL: "INSERT INTO {t} " + suppliers + " WHERE s_nationkey >= 10", Leaf: "supplier", Variation: true},
		Statement{What: "INSERT existing partition", Catalog: "hive", Setup: []string{partitioned},
			SQL: "INSERT INTO {t} " + suppliers, Leaf: "supplier", Variation: true})
}

// rowChanges are the statements that change single rows, which the memory connector does and hive does not.
func rowChanges() (out []Statement) {
	for _, catalog := range []string{"hive", "memory"} {
		list := []Statement{
			{What: "DELETE", SQL: "DELETE FROM {t} WHERE custkey > 700 AND nation LIKE '%A%'", Single: true},
			{What: "DELETE with subquery", SQL: "DELETE FROM {t} WHERE custkey IN (SELECT o_custkey FROM orders WHERE o_orderkey % 7 = 1)", Leaf: "orders"},
			{What: "UPDATE", SQL: "UPDATE {t} SET note = concat(name, '!'), region = NULL WHERE custkey > 700", Single: true},
			{What: "UPDATE with subquery", SQL: "UPDATE {t} SET note = (SELECT max(r_name) FROM region) WHERE custkey IN (SELECT o_custkey FROM orders)", Leaf: "orders", Middle: true},
			{What: "MERGE", Leaf: "orders", Middle: true, Full: true, SQL: "MERGE INTO {t} t USING (SELECT o_custkey k, max(o_comment) c FROM orders GROUP BY o_custkey) s ON t.custkey = s.k " +
				"WHEN MATCHED AND t.custkey < 700 THEN DELETE WHEN MATCHED THEN UPDATE SET note = s.c WHEN NOT MATCHED THEN INSERT VALUES (s.k, '', s.c, '', '')"},
		}
		for _, s := range list {
			s.Catalog, s.Setup = catalog, []string{"CREATE TABLE {t} AS " + customers}
			if catalog == "hive" {
				s.Refused, s.RefusedAs, s.Full = noRowChanges, "NOT_SUPPORTED", false
			}
			out = append(out, s)
		}
	}
	return out
}
