package binder

import (
	"reflect"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// prepared parses a prepared statement.
func (b *binder) prepared(name *ast.Identifier) (ast.Statement, error) {
	text, ok := b.env.Prepared[name.Value]
	if !ok {
		text, ok = b.env.Prepared[lower(name)]
	}
	if !ok {
		return nil, trinoerr.New(trinoerr.NotFound, "Prepared statement not found: %s", name.Value)
	}
	return parser.ParseStatement(text)
}

// prepare keeps the text of a statement: from its first token to the end of the whole text.
func (b *binder) prepare(s *ast.Prepare) (Bound, error) {
	switch s.Statement.(type) {
	case *ast.Prepare, *ast.Execute, *ast.ExecuteImmediate, *ast.Deallocate:
		return nil, trinoerr.New(trinoerr.NotSupported, "Invalid statement type for prepared statement: %s", statementName(s.Statement))
	}
	text, ok := textFrom(b.env.SQL, s.Statement.Pos())
	if !ok {
		return nil, unsupported(s, "PREPARE without the statement's text")
	}
	return &Prepare{Name: s.Name.Value, SQL: text}, nil
}

func statementName(s ast.Statement) string {
	switch s.(type) {
	case *ast.Prepare:
		return "Prepare"
	case *ast.Execute:
		return "Execute"
	case *ast.ExecuteImmediate:
		return "ExecuteImmediate"
	}
	return "Deallocate"
}

// textFrom returns what follows a position, whose column counts characters.
func textFrom(text string, at trinoerr.Position) (string, bool) {
	for range at.Line - 1 {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return "", false
		}
		text = rest
	}
	runes := []rune(text)
	if at.Column < 1 || at.Column > len(runes) {
		return "", false
	}
	return strings.TrimSpace(string(runes[at.Column-1:])), true
}

func (b *binder) deallocate(s *ast.Deallocate) (Bound, error) {
	if _, err := b.prepared(s.Name); err != nil && trinoerr.CodeOf(err) == trinoerr.NotFound {
		return nil, err
	}
	return &Deallocate{s.Name.Value}, nil
}

// execute binds a prepared statement with values for its parameters.
func (b *binder) execute(s *ast.Execute) (Bound, error) {
	stmt, err := b.prepared(s.Name)
	if err != nil {
		return nil, err
	}
	return b.withParameters(stmt, s.Arguments)
}

func (b *binder) executeImmediate(s *ast.ExecuteImmediate) (Bound, error) {
	stmt, err := parser.ParseStatementAt(s.Statement.Value, s.Statement.Pos())
	if err != nil {
		return nil, err
	}
	return b.withParameters(stmt, s.Arguments)
}

// withParameters binds a statement for the values of its parameters.
func (b *binder) withParameters(stmt ast.Statement, args []ast.Expression) (Bound, error) {
	if want := countParameters(stmt); want != len(args) {
		return nil, errAt(stmt, trinoerr.InvalidParameterUsage, "Incorrect number of parameters: expected %d but found %d", want, len(args))
	}
	for _, a := range args {
		if err := constantOnly(a); err != nil {
			return nil, err
		}
	}
	b.params = args
	return b.statement(stmt)
}

// constantOnly refuses columns in the values of parameters.
func constantOnly(e ast.Expression) error {
	var failed error
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Identifier:
			if failed == nil {
				failed = errAt(e, trinoerr.ExpressionNotConstant, "Constant expression cannot contain column references")
			}
		case *ast.FunctionCall:
			for _, a := range n.Arguments {
				if err := constantOnly(a); err != nil && failed == nil {
					failed = err
				}
			}
			return false
		case *ast.Query, *ast.Cast, *ast.Lambda, *ast.GenericLiteral:
			return false
		}
		return failed == nil
	})
	return failed
}

func countParameters(n ast.Node) int {
	count := 0
	ast.Walk(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.Parameter); ok {
			count++
		}
		return true
	})
	return count
}

// describeInput lists the parameters of a prepared statement with their types.
func (b *binder) describeInput(s *ast.DescribeInput) (Bound, error) {
	stmt, err := b.prepared(s.Name)
	if err != nil {
		return nil, err
	}
	b.describing = &parameterTypes{}
	if _, err := b.statement(stmt); err != nil {
		return nil, err
	}
	found := b.describing.types
	b.describing = nil
	var rows [][]any
	for i, n := 0, countParameters(stmt); i < n; i++ {
		name := unknownType.String()
		if i < len(found) {
			name = b.displayed(found[i])
		}
		rows = append(rows, []any{int64(i), name})
	}
	cols := []listingColumn{{"Position", bigint}, {"Type", varcharType}}
	if len(rows) > 0 {
		cols[0].typ = integer
	}
	return b.listing(fitted(cols, rows), rows), nil
}

// describeOutput lists the columns that a prepared statement returns.
func (b *binder) describeOutput(s *ast.DescribeOutput) (Bound, error) {
	stmt, err := b.prepared(s.Name)
	if err != nil {
		return nil, err
	}
	var bound Bound = &Nothing{}
	if ctas, ok := stmt.(*ast.CreateTableAsSelect); ok {
		stmt = ctas.Query // what it puts out is known without asking whether the table can be made
		b.describing = &parameterTypes{}
		if _, err := b.statement(stmt); err != nil {
			return nil, err
		}
		b.describing = nil
		bound = &Query{Plan: &plan.Output{Names: []string{"rows"}, Symbols: []*plan.Symbol{b.syms.New("rows", bigint)}}}
		b.aliasedOutputs = nil
	} else if _, nested := stmt.(*ast.Execute); planned(stmt) && !nested {
		b.describing = &parameterTypes{}
		if bound, err = b.statement(stmt); err != nil {
			return nil, err
		}
		b.describing = nil
	}
	cols := []listingColumn{{"Column Name", varcharType}, {"Catalog", varcharType}, {"Schema", varcharType}, {"Table", varcharType},
		{"Type", varcharType}, {"Type Size", bigint}, {"Aliased", boolType}}
	var rows [][]any
	if q, ok := bound.(*Query); ok {
		for i, name := range q.Plan.Names {
			t := q.Plan.Symbols[i].Type
			o := b.origins[q.Plan.Symbols[i]]
			aliased := i < len(b.aliasedOutputs) && b.aliasedOutputs[i]
			if l, ok := describedListings[reflect.TypeOf(stmt)]; ok {
				aliased = true
				if i < l.columns {
					o.catalog, o.Schema, o.Table = b.env.Session.Catalog, informationSchema, l.table
				}
			}
			rows = append(rows, []any{name, o.catalog, o.Schema, o.Table, b.displayed(t), typeSize(t), aliased})
		}
		cols[5].typ = integer
	}
	return b.listing(fitted(cols, rows), rows), nil
}

// describedListings are the statements that list what is in an information_schema table, and how many of their columns are
// that table's. All columns count as named by the statement.
var describedListings = map[reflect.Type]struct {
	table   string
	columns int
}{
	reflect.TypeFor[*ast.ShowTables]():    {"tables", 1},
	reflect.TypeFor[*ast.ShowSchemas]():   {"schemata", 1},
	reflect.TypeFor[*ast.ShowColumns]():   {"columns", 2},
	reflect.TypeFor[*ast.ShowFunctions](): {},
	reflect.TypeFor[*ast.ShowSession]():   {},
}

// displayed is the name of a type as descriptions show it: without the default precision of times if the session wants that.
func (b *binder) displayed(t types.Type) string {
	if b.env.Session.Properties["omit_datetime_type_precision"] != "true" || t.P != defaultTimePrecision {
		return t.String()
	}
	switch t.Kind {
	case types.Time:
		return "time"
	case types.TimeTZ:
		return "time with time zone"
	case types.Timestamp:
		return "timestamp"
	case types.TimestampTZ:
		return "timestamp with time zone"
	}
	return t.String()
}

// defaultTimePrecision is that of time and timestamp types without one.
const defaultTimePrecision = 3

// typeSize is the number of bytes of a value in Trino's memory, 0 for types without a fixed size.
func typeSize(t types.Type) int64 {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return 1
	case types.SmallInt:
		return 2
	case types.Integer, types.Real, types.Date, types.IntervalYearToMonth:
		return 4
	case types.BigInt, types.Double, types.IntervalDayToSecond:
		return 8
	case types.Time:
		return 8
	case types.Decimal:
		if t.P > 18 {
			return 16
		}
		return 8
	case types.Timestamp:
		if t.P > 6 {
			return 12
		}
		return 8
	case types.TimestampTZ:
		if t.P > 3 {
			return 12
		}
		return 8
	case types.TimeTZ:
		if t.P > 9 {
			return 12
		}
		return 8
	case types.UUID, types.IPAddress:
		return 16
	}
	return 0
}
