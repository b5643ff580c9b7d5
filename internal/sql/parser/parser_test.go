package parser_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestData runs testdata/*.txt: each statement, expression or type gives its tree or its error.
func TestData(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var n ast.Node
			var err error
			switch d.Cmd {
			case "statement":
				n, err = parser.ParseStatement(d.Input)
			case "expression":
				n, err = parser.ParseExpression(d.Input)
			case "type":
				n, err = parser.ParseType(d.Input)
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			if err != nil {
				return trinoerr.CodeOf(err).Name + ": " + err.Error() + "\n"
			}
			return dump(n) + "\n"
		})
	})
}

func TestNames(t *testing.T) {
	for word, isName := range map[string]bool{
		"abc": true, "_x1": true, "limit": true, "Over": true, "string": true, "date": true, "execute": true, "position": true,
		"select": false, "skip": false, "auto": false, "listagg": false, "normalize": false, "uescape": false, "current_role": false,
	} {
		_, err := parser.ParseStatement("SELECT " + word + " FROM t")
		if (err == nil) != isName {
			t.Errorf("%s: error %v, want a name: %v", word, err, isName)
		}
		if parser.IsReserved(word) == isName {
			t.Errorf("IsReserved(%s) = %v", word, !isName)
		}
	}
}

// TestDepth checks that deeply nested texts fail as Trino's do, and soon.
func TestDepth(t *testing.T) {
	const tooLarge = "is too large (stack overflow while parsing)"
	deep := func(open, middle, end string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	tests := []struct {
		name, sql string
		fails     bool
	}{
		{"sum", "SELECT 1" + strings.Repeat(" + 1", 1000), false},
		{"long sum", "SELECT 1" + strings.Repeat(" + 1", 5000), true},
		{"conjunction", "SELECT a" + strings.Repeat(" AND a", 50000), false},
		{"parentheses", "SELECT " + deep("(", "1", ")", 900), false},
		{"many parentheses", "SELECT " + deep("(", "1", ")", 50000), true},
		{"calls", "SELECT " + deep("f(", "1", ")", 50000), true},
		{"NOT", "SELECT " + deep("NOT ", "a", "", 50000), true},
		{"signs", "SELECT " + deep("- ", "a", "", 50000), true},
		{"lambdas", "SELECT " + deep("x -> ", "a", "", 50000), true},
		{"CASE", "SELECT " + deep("CASE WHEN ", "a", " THEN 1 END", 50000), true},
		{"queries", deep("SELECT * FROM (", "SELECT 1", ")", 100), false},
		{"many queries", deep("SELECT * FROM (", "SELECT 1", ")", 5000), true},
		{"relations", "SELECT * FROM " + deep("(", "t", ")", 50000), true},
		{"bodies", deep("(", "SELECT 1", ")", 50000), true},
		{"unions", "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 300), false},
		{"many unions", "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 5000), true},
		{"joins", "SELECT * FROM t" + strings.Repeat(" JOIN t", 50000), true},
		{"fields", "SELECT a" + strings.Repeat(".a", 50000), true},
		{"types", "SELECT CAST(a AS " + deep("array(", "int", ")", 50000) + ")", true},
		{"fields of types", "SELECT CAST(a AS " + deep("row(a ", "int", ")", 1500) + ")", false},
		{"statements", strings.Repeat("EXPLAIN ", 50000) + "SELECT 1", true},
		{"patterns", "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (" + deep("(", "a", ")", 50000) + ") DEFINE a AS b)", true},
		{"routines", "CREATE FUNCTION f() RETURNS int " + deep("BEGIN ", "RETURN 1; ", " END; ", 50000), true},
		{"orders", "SELECT * FROM " + deep("TABLE(f(TABLE(t) ORDER BY (SELECT 1 FROM ", "t", ") + 1))", 60), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, err := parser.ParseStatement(tt.sql)
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
			switch {
			case !tt.fails && err != nil:
				t.Errorf("error %.200s", err)
			case tt.fails && (err == nil || !strings.Contains(err.Error(), tooLarge)):
				t.Errorf("error %.200v, want %s", err, tooLarge)
			}
		})
	}
}

func TestParseStatementAt(t *testing.T) {
	at := trinoerr.Position{Line: 3, Column: 19}
	tests := []struct {
		sql  string
		want trinoerr.Position
	}{
		{"SELECT FROM", trinoerr.Position{Line: 3, Column: 27}},
		{"SELECT\n FROM", trinoerr.Position{Line: 4, Column: 2}},
	}
	for _, tt := range tests {
		_, err := parser.ParseStatementAt(tt.sql, at)
		var e *trinoerr.Error
		if !errors.As(err, &e) || e.Code != trinoerr.SyntaxError || e.Pos != tt.want {
			t.Errorf("%q: %v, want SYNTAX_ERROR at %v", tt.sql, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, sql := range []string{
		"SELECT a, b.*, (1, 'x') FROM t JOIN u USING (c) WHERE a IN (SELECT 1) GROUP BY ROLLUP(a) ORDER BY 1 LIMIT 5",
		"WITH x AS (VALUES 1, 0x1f, 1.5e3, .5, U&'\\0041', X'ab', \"a\"\"b\", `c`) TABLE x -- comment",
		"CREATE TABLE t (a row(x int, varchar(3)), b timestamp(3) with time zone) WITH (p = ARRAY['x'])",
		"SELECT * FROM t MATCH_RECOGNIZE (PATTERN ((a | b){1,2}? ^ $ {- c -}) DEFINE a AS PREV(b) > 1)",
		"CREATE FUNCTION f(x int) RETURNS int BEGIN DECLARE y int; l: LOOP LEAVE l; END LOOP; RETURN x; END",
		"SELECT json_value(a, 'lax $' DEFAULT 1 ON EMPTY), x -> y, ((SELECT 1) UNION (SELECT 2)) /* unterminated",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if _, err := parser.ParseStatement(sql); err != nil {
			var e *trinoerr.Error
			if !errors.As(err, &e) || e.Pos.Line == 0 {
				t.Errorf("error without a place: %v", err)
			}
		}
	})
}
