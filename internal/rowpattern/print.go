package rowpattern

import "strings"

// ConditionText writes the condition of a variable for plans; column writes a column.
func (s *Spec) ConditionText(v int, column func(int) string) string {
	return s.exprText(s.Conditions[v], column)
}

func (s *Spec) exprText(e *Expr, column func(int) string) string {
	switch e.Op {
	case "const":
		if e.Text == nil {
			return "NULL"
		}
		if e.Type.Kind == Text {
			return "'" + strings.ReplaceAll(*e.Text, "'", "''") + "'"
		}
		return *e.Text
	case "read":
		r := s.Reads[e.Ref]
		if r.Classifier {
			return s.Describe(r.Navigation) + " of CLASSIFIER"
		}
		return s.Describe(r.Navigation) + " of " + column(r.Column)
	case "column":
		return column(e.Ref)
	case "fold":
		f := s.Folds[e.Ref]
		return f.Name + "(" + s.names(f.Vars) + ": " + s.exprList(f.Args, column) + ")"
	}
	return e.Op + "(" + s.exprList(e.Args, column) + ")"
}

func (s *Spec) exprList(list []*Expr, column func(int) string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = s.exprText(e, column)
	}
	return strings.Join(parts, ", ")
}
