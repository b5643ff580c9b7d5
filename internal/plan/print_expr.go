package plan

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// PrintExpr returns an expression as SQL-like text. Nested plans show as (subquery n), numbered from 1.
func PrintExpr(e Expr) string {
	n := 0
	return (&exprPrinter{next: &n}).text(e)
}

// subplan is a nested plan met while printing expressions, with its number.
type subplan struct {
	id   int
	plan Node
}

// exprPrinter prints the expressions of one node and collects the plans nested in them.
type exprPrinter struct {
	next *int
	subs []subplan
}

// operators are the calls that print between or before their operands.
var operators = map[string]string{
	"$add": "+", "$subtract": "-", "$multiply": "*", "$divide": "/", "$modulus": "%",
}

func (p *exprPrinter) text(e Expr) string {
	switch e := e.(type) {
	case *Ref:
		return e.Sym.Name
	case *Const:
		return constText(e)
	case *Call:
		return p.call(e)
	case *Cast:
		name := "CAST"
		if e.Try {
			name = "TRY_CAST"
		}
		return name + "(" + p.text(e.Arg) + " AS " + e.Typ.String() + ")"
	case *Compare:
		return "(" + p.text(e.Left) + " " + string(e.Op) + " " + p.text(e.Right) + ")"
	case *Logical:
		op := " AND "
		if e.Or {
			op = " OR "
		}
		return "(" + p.join(e.Terms, op) + ")"
	case *Not:
		return "(NOT " + p.text(e.Arg) + ")"
	case *IsNull:
		return "(" + p.text(e.Arg) + " IS NULL)"
	case *Between:
		return "(" + p.text(e.Arg) + " BETWEEN " + p.text(e.Low) + " AND " + p.text(e.High) + ")"
	case *In:
		return "(" + p.text(e.Arg) + " IN (" + p.list(e.List) + "))"
	case *Like:
		s := p.text(e.Arg) + " LIKE " + p.text(e.Pattern)
		if e.Escape != nil {
			s += " ESCAPE " + p.text(e.Escape)
		}
		return "(" + s + ")"
	case *Case:
		var b strings.Builder
		b.WriteString("CASE")
		for _, w := range e.Whens {
			b.WriteString(" WHEN " + p.text(w.Cond) + " THEN " + p.text(w.Result))
		}
		if e.Else != nil {
			b.WriteString(" ELSE " + p.text(e.Else))
		}
		return b.String() + " END"
	case *Coalesce:
		return "COALESCE(" + p.list(e.Args) + ")"
	case *NullIf:
		return "NULLIF(" + p.text(e.First) + ", " + p.text(e.Second) + ")"
	case *Try:
		return "TRY(" + p.text(e.Arg) + ")"
	case *MakeRow:
		return "ROW(" + p.list(e.Fields) + ")"
	case *MakeArray:
		return "ARRAY[" + p.list(e.Elems) + "]"
	case *Field:
		if name := e.Row.Type().Args[e.Index].Name; name != "" {
			return p.text(e.Row) + "." + name
		}
		return fmt.Sprintf("%s[%d]", p.text(e.Row), e.Index+1)
	case *OrderKey:
		return "ORDER_KEY(" + p.keys(e.Keys) + ")"
	case *Lambda:
		return "(" + names(e.Params) + ") -> " + p.text(e.Body)
	case *ScalarSubquery:
		return p.sub(e.Plan)
	case *Exists:
		return "EXISTS " + p.sub(e.Plan)
	case *InSubquery:
		return "(" + p.text(e.Arg) + " IN " + p.sub(e.Plan) + ")"
	case *Quantified:
		quantifier := "ANY"
		if e.All {
			quantifier = "ALL"
		}
		return "(" + p.text(e.Arg) + " " + string(e.Op) + " " + quantifier + " " + p.sub(e.Plan) + ")"
	}
	return fmt.Sprintf("%T", e)
}

func (p *exprPrinter) call(e *Call) string {
	if op, ok := operators[e.Name]; ok && len(e.Args) == 2 {
		return "(" + p.text(e.Args[0]) + " " + op + " " + p.text(e.Args[1]) + ")"
	}
	switch {
	case e.Name == "$negate" && len(e.Args) == 1:
		return "(-" + p.text(e.Args[0]) + ")"
	case e.Name == "$subscript" && len(e.Args) == 2:
		return p.text(e.Args[0]) + "[" + p.text(e.Args[1]) + "]"
	}
	return e.Name + "(" + p.list(e.Args) + ")"
}

// sub gives a nested plan the next number.
func (p *exprPrinter) sub(n Node) string {
	*p.next++
	p.subs = append(p.subs, subplan{*p.next, n})
	return fmt.Sprintf("(subquery %d)", *p.next)
}

func (p *exprPrinter) optional(e Expr) string {
	if e == nil {
		return ""
	}
	return p.text(e)
}

func (p *exprPrinter) list(es []Expr) string { return p.join(es, ", ") }

func (p *exprPrinter) join(es []Expr, sep string) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = p.text(e)
	}
	return strings.Join(parts, sep)
}

func (p *exprPrinter) keys(keys []SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = p.text(k.Expr) + " " + direction(k)
	}
	return strings.Join(parts, ", ")
}

func direction(k SortKey) string {
	s := "ASC"
	if k.Desc {
		s = "DESC"
	}
	if k.NullsFirst {
		return s + " NULLS FIRST"
	}
	return s + " NULLS LAST"
}

// aggregate prints a call of an aggregate or window function.
func (p *exprPrinter) aggregate(name string, args []Expr, distinct bool, orderBy []SortKey, filter Expr) string {
	inner := p.list(args)
	if name == "count" && len(args) == 0 {
		inner = "*"
	}
	if distinct {
		inner = "DISTINCT " + inner
	}
	if len(orderBy) > 0 {
		inner += " ORDER BY " + p.keys(orderBy)
	}
	s := name + "(" + inner + ")"
	if filter != nil {
		s += " FILTER (WHERE " + p.text(filter) + ")"
	}
	return s
}

func (p *exprPrinter) bound(b FrameBound) string {
	if b.Offset != nil {
		return p.text(b.Offset) + " " + string(b.Kind)
	}
	return string(b.Kind)
}

// longBinary is how many bytes are too many to be shown.
const longBinary = 256

// constText prints a literal as a typed one, so that a plan shows what type it has.
func constText(c *Const) string {
	switch {
	case c.Value == nil && c.Typ.Kind == types.Unknown:
		return "null"
	case c.Value == nil:
		return "CAST(null AS " + c.Typ.String() + ")"
	case c.Typ.Kind == types.Boolean:
		return fmt.Sprint(c.Value)
	}
	if b, ok := c.Value.([]byte); ok && len(b) > longBinary {
		return fmt.Sprintf("%s(%d bytes)", c.Typ, len(b))
	}
	return c.Typ.String() + " '" + strings.ReplaceAll(types.Text(c.Typ, c.Value), "'", "''") + "'"
}
