package format

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// function returns the text of a call, or of what is written like one; "" for others.
func function(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.FunctionCall:
		return call(e)
	case *ast.ListAgg:
		return listAgg(e)
	case *ast.WindowMeasure:
		return identifier(e.Name) + " OVER " + window(e.Window)
	case *ast.Trim:
		text := "trim(" + string(e.Spec) + " "
		if e.Characters != nil {
			text += operand(e.Characters) + " "
		}
		return text + "FROM " + operand(e.Source) + ")"
	case *ast.Extract:
		return "EXTRACT(" + string(e.Field) + " FROM " + operand(e.Source) + ")"
	case *ast.GroupingOperation:
		return "GROUPING (" + expressions(e.Columns) + ")"
	}
	return ""
}

func call(c *ast.FunctionCall) string {
	var b printer
	if c.Mode != "" {
		b.put(string(c.Mode), " ")
	}
	b.put(Name(c.Name), "(", quantifier(c.Distinct, expressions(c.Arguments)))
	switch {
	case c.StarLabel != nil:
		b.put(identifier(c.StarLabel), ".*")
	case c.Star:
		b.put("*")
	}
	b.put(expressions(c.Arguments))
	if c.OrderBy != nil {
		b.put(when(len(c.Arguments) > 0, " "), orderBy(c.OrderBy))
	}
	b.put(")", filter(c.Filter))
	if c.NullTreatment != "" {
		b.put(" ", string(c.NullTreatment))
	}
	if c.Window != nil {
		b.put(" OVER ", window(c.Window))
	}
	return b.String()
}

func filter(e ast.Expression) string {
	if e == nil {
		return ""
	}
	return " FILTER (WHERE " + expression(e) + ")"
}

func listAgg(e *ast.ListAgg) string {
	var b printer
	b.put("LISTAGG(", quantifier(e.Distinct, expression(e.Value)), expression(e.Value), after(", ", e.Separator, str))
	if o := e.Overflow; o != nil {
		b.put(" ON OVERFLOW ")
		switch {
		case !o.Truncate:
			b.put("ERROR")
		case o.WithCount:
			b.put("TRUNCATE", after(" ", o.Filler, str), " WITH COUNT")
		default:
			b.put("TRUNCATE", after(" ", o.Filler, str), " WITHOUT COUNT")
		}
	}
	b.put(") WITHIN GROUP (", orderBy(e.OrderBy), ")", filter(e.Filter))
	if e.Window != nil {
		b.put(" OVER ", window(e.Window))
	}
	return b.String()
}

func window(w ast.Window) string {
	switch w := w.(type) {
	case *ast.WindowReference:
		return identifier(w.Name)
	case *ast.WindowSpecification:
		return "(" + windowSpecification(w) + ")"
	}
	return unknown(w)
}

func windowSpecification(w *ast.WindowSpecification) string {
	var parts []string
	if w.Existing != nil {
		parts = append(parts, identifier(w.Existing))
	}
	if len(w.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+expressions(w.PartitionBy))
	}
	if w.OrderBy != nil {
		parts = append(parts, orderBy(w.OrderBy))
	}
	if w.Frame != nil {
		parts = append(parts, frame(w.Frame))
	}
	return strings.Join(parts, " ")
}

func frame(f *ast.WindowFrame) string {
	var parts []string
	if len(f.Measures) > 0 {
		parts = append(parts, "MEASURES "+join(f.Measures, ", ", measure))
	}
	if f.End == nil {
		parts = append(parts, string(f.Type)+" "+frameBound(f.Start))
	} else {
		parts = append(parts, string(f.Type)+" BETWEEN "+frameBound(f.Start)+" AND "+frameBound(f.End))
	}
	if f.AfterSkip != nil {
		parts = append(parts, "AFTER MATCH "+skipTo(f.AfterSkip))
	}
	if f.Search != "" {
		parts = append(parts, string(f.Search))
	}
	if f.Pattern != nil {
		parts = append(parts, "PATTERN("+pattern(f.Pattern)+")")
	}
	if len(f.Subsets) > 0 {
		parts = append(parts, "SUBSET "+join(f.Subsets, ", ", subset))
	}
	if len(f.Defines) > 0 {
		parts = append(parts, "DEFINE "+join(f.Defines, ", ", define))
	}
	return strings.Join(parts, " ")
}

func frameBound(b *ast.FrameBound) string {
	if b.Value == nil {
		return string(b.Kind)
	}
	return operand(b.Value) + " " + string(b.Kind)
}

func orderBy(o *ast.OrderBy) string { return "ORDER BY " + sortItems(o) }

func sortItems(o *ast.OrderBy) string { return join(o.Items, ", ", sortItem) }

func sortItem(s *ast.SortItem) string {
	text := operand(s.Key) + " ASC"
	if s.Descending {
		text = operand(s.Key) + " DESC"
	}
	return text + when(s.Nulls != "", " NULLS "+string(s.Nulls))
}
