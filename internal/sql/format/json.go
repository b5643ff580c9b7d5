package format

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// json returns the text of an SQL/JSON function, "" for others.
func json(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.JSONExists:
		return "JSON_EXISTS(" + jsonPath(e.Path) + when(e.OnError != "", " "+string(e.OnError)+" ON ERROR") + ")"
	case *ast.JSONValue:
		return "JSON_VALUE(" + jsonPath(e.Path) + jsonReturning(e.Returning, "") + jsonValueBehaviors(e.OnEmpty, e.OnError) + ")"
	case *ast.JSONQuery:
		return "JSON_QUERY(" + jsonPath(e.Path) + jsonReturning(e.Returning, e.ReturningFormat) +
			jsonQueryOptions(e.Wrapper, e.Quotes, e.OnEmpty, e.OnError) + ")"
	case *ast.JSONObject:
		text := join(e.Members, ", ", func(m *ast.JSONMember) string {
			return "KEY " + operand(m.Key) + " VALUE " + operand(m.Value) + jsonFormat(m.Format)
		})
		if len(e.Members) > 0 {
			text += when(e.AbsentOnNull, " ABSENT ON NULL") + when(!e.AbsentOnNull, " NULL ON NULL")
			text += when(e.UniqueKeys, " WITH UNIQUE KEYS") + when(!e.UniqueKeys, " WITHOUT UNIQUE KEYS")
		}
		return "JSON_OBJECT(" + text + jsonReturning(e.Returning, e.ReturningFormat) + ")"
	case *ast.JSONArray:
		text := join(e.Elements, ", ", func(m *ast.JSONElement) string { return operand(m.Value) + jsonFormat(m.Format) })
		if len(e.Elements) > 0 {
			text += when(e.NullOnNull, " NULL ON NULL") + when(!e.NullOnNull, " ABSENT ON NULL")
		}
		return "JSON_ARRAY(" + text + jsonReturning(e.Returning, e.ReturningFormat) + ")"
	}
	return ""
}

func jsonFormat(f ast.JSONFormat) string { return when(f != "", " FORMAT "+string(f)) }

func jsonReturning(t ast.DataType, f ast.JSONFormat) string {
	if t == nil {
		return ""
	}
	return " RETURNING " + dataType(t) + jsonFormat(f)
}

func jsonPath(i *ast.JSONPathInvocation) string {
	text := operand(i.Input) + jsonFormat(i.Format) + ", " + str(i.Path) + after(" AS ", i.PathName, identifier)
	if len(i.Arguments) > 0 {
		text += " PASSING " + join(i.Arguments, ", ", func(a *ast.JSONPathArgument) string {
			return operand(a.Value) + jsonFormat(a.Format) + " AS " + identifier(a.Name)
		})
	}
	return text
}

func jsonValueBehavior(b *ast.JSONValueBehavior) string {
	if b.Default != nil {
		return "DEFAULT " + operand(b.Default)
	}
	return string(b.Kind)
}

func jsonValueBehaviors(onEmpty, onError *ast.JSONValueBehavior) string {
	return when(onEmpty != nil, after(" ", onEmpty, jsonValueBehavior)+" ON EMPTY") +
		when(onError != nil, after(" ", onError, jsonValueBehavior)+" ON ERROR")
}

func jsonQueryOptions(w ast.JSONWrapper, q ast.JSONQuotes, onEmpty, onError ast.JSONQueryBehavior) string {
	return when(w != "", " "+string(w)+" WRAPPER") + when(q != "", " "+string(q)+" QUOTES ON SCALAR STRING") +
		when(onEmpty != "", " "+string(onEmpty)+" ON EMPTY") + when(onError != "", " "+string(onError)+" ON ERROR")
}

// jsonTable writes JSON_TABLE (…).
func (p *printer) jsonTable(t *ast.JSONTable, indent int) {
	p.put("JSON_TABLE (", jsonPath(t.Path), "\n")
	p.line(indent+1, "COLUMNS (\n")
	p.jsonColumns(t.Columns, indent+2)
	p.put(")")
	switch plan := t.Plan.(type) {
	case nil:
	case *ast.JSONDefaultPlan:
		p.put("\n")
		p.line(indent+1, "PLAN DEFAULT (", when(plan.Inner, "INNER"), when(!plan.Inner, "OUTER"), ", ",
			when(plan.Cross, "CROSS"), when(!plan.Cross, "UNION"), ")")
	default:
		p.put("\n")
		p.line(indent+1, "PLAN (", jsonPlan(plan), ")")
	}
	if t.OnError != "" {
		p.put("\n")
		p.line(indent+1, string(t.OnError), " ON ERROR")
	}
	p.put(")\n")
}

func (p *printer) jsonColumns(columns []ast.JSONTableColumn, indent int) {
	for i, c := range columns {
		p.put(when(i > 0, ",\n"))
		switch c := c.(type) {
		case *ast.JSONOrdinalityColumn:
			p.line(indent, identifier(c.Name), " FOR ORDINALITY")
		case *ast.JSONValueColumn:
			p.line(indent, named(c.Name, c.Type), after(" PATH ", c.Path, str), jsonValueBehaviors(c.OnEmpty, c.OnError))
		case *ast.JSONQueryColumn:
			p.line(indent, named(c.Name, c.Type), jsonFormat(c.Format), after(" PATH ", c.Path, str),
				jsonQueryOptions(c.Wrapper, c.Quotes, c.OnEmpty, c.OnError))
		case *ast.JSONNestedColumns:
			p.line(indent, "NESTED PATH ", str(c.Path), after(" AS ", c.PathName, identifier), "\n")
			p.line(indent+1, "COLUMNS (\n")
			p.jsonColumns(c.Columns, indent+2)
			p.put(")")
		default:
			unknown(c)
		}
	}
}

func jsonPlan(plan ast.JSONTablePlan) string {
	switch plan := plan.(type) {
	case *ast.JSONPlanLeaf:
		return identifier(plan.Name)
	case *ast.JSONPlanJoin:
		return identifier(plan.Parent.Name) + when(plan.Inner, " INNER ") + when(!plan.Inner, " OUTER ") + jsonSubplan(plan.Child)
	case *ast.JSONPlanSiblings:
		if plan.Cross {
			return join(plan.Siblings, " CROSS ", jsonSubplan)
		}
		return join(plan.Siblings, " UNION ", jsonSubplan)
	}
	return unknown(plan)
}

func jsonSubplan(plan ast.JSONTablePlan) string { return "(" + jsonPlan(plan) + ")" }
