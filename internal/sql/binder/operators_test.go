package binder

import (
	"bufio"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestOperatorTypes compares the types of operators' results, and which operands they take, with recorded answers.
func TestOperatorTypes(t *testing.T) {
	f, err := os.Open("testdata/operators.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		parts := strings.Split(lines.Text(), "\t")
		left, op, want := parts[0], parts[1], parts[2]
		for right := range strings.SplitSeq(parts[3], "; ") {
			sql := "SELECT " + operation(left, op, right)
			if got := resultType(sql); got != want {
				t.Errorf("%s: got %s, want %s", sql, got, want)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func operation(left, op, right string) string {
	null := func(typ string) string {
		if typ == "unknown" {
			return "NULL"
		}
		return "CAST(NULL AS " + typ + ")"
	}
	switch {
	case left == "":
		return op + " " + null(right)
	case op == "coalesce":
		return "coalesce(" + null(left) + ", " + null(right) + ")"
	}
	return null(left) + " " + op + " " + null(right)
}

// resultType is the type of a statement's only column, or the name of the error.
func resultType(sql string) string {
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return trinoerr.From(err).Code.Name
	}
	bound, err := Bind(context.Background(), stmt, Env{SQL: sql})
	if err != nil {
		return trinoerr.From(err).Code.Name
	}
	return bound.(*Query).Plan.Symbols[0].Type.String()
}
