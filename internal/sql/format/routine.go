package format

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// routine writes statements about functions.
func (p *printer) routine(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.CreateFunction:
		p.line(indent, "CREATE ", when(s.Replace, "OR REPLACE "))
		p.functionSpecification(s.Specification, indent)
	case *ast.DropFunction:
		p.put("DROP FUNCTION ", ifExists(s.IfExists), Name(s.Name), "(", parameters(s.Parameters), ")")
	default:
		return false
	}
	return true
}

func parameters(list []*ast.ParameterDeclaration) string {
	return join(list, ", ", func(d *ast.ParameterDeclaration) string { return named(d.Name, d.Type) })
}

// functionSpecification writes FUNCTION … after the indent that was written before.
func (p *printer) functionSpecification(f *ast.FunctionSpecification, indent int) {
	p.put("FUNCTION ", Name(f.Name), "(", parameters(f.Parameters), ")\n")
	p.line(indent, "RETURNS ", dataType(f.Returns), "\n")
	for _, c := range f.Characteristics {
		p.line(indent)
		p.characteristic(c, indent)
		p.put("\n")
	}
	if f.Definition != nil {
		p.line(indent, "AS $$\n", f.Definition.Value, "$$")
		return
	}
	p.control(f.Body, indent)
}

func (p *printer) characteristic(c ast.RoutineCharacteristic, indent int) {
	switch c := c.(type) {
	case *ast.LanguageCharacteristic:
		p.put("LANGUAGE ", identifier(c.Language))
	case *ast.DeterministicCharacteristic:
		p.put(when(!c.Deterministic, "NOT "), "DETERMINISTIC")
	case *ast.NullInputCharacteristic:
		p.put(when(c.Called, "CALLED"), when(!c.Called, "RETURNS NULL"), " ON NULL INPUT")
	case *ast.SecurityCharacteristic:
		p.put("SECURITY ", string(c.Security))
	case *ast.CommentCharacteristic:
		p.put("COMMENT ", str(c.Comment))
	case *ast.PropertiesCharacteristic:
		p.put("WITH (\n", join(c.Properties, ",\n", func(q *ast.Property) string { return spaces(indent+1) + property(q) }), "\n", spaces(indent), ")")
	default:
		unknown(c)
	}
}

// controls writes statements of a routine, each with its semicolon.
func (p *printer) controls(list []ast.ControlStatement, indent int) {
	for _, s := range list {
		p.control(s, indent)
		p.put(";\n")
	}
}

// control writes a statement of a routine.
func (p *printer) control(s ast.ControlStatement, indent int) {
	switch s := s.(type) {
	case *ast.Return:
		p.line(indent, "RETURN ", operand(s.Value))
	case *ast.SetVariable:
		p.line(indent, "SET ", identifier(s.Target), " = ", expression(s.Value))
	case *ast.CaseStatement:
		p.line(indent, "CASE")
		if s.Operand != nil {
			p.put(" ", operand(s.Operand))
		}
		p.put("\n")
		for _, w := range s.Whens {
			p.line(indent+1, "WHEN ", operand(w.Condition), " THEN\n")
			p.controls(w.Statements, indent+2)
		}
		p.otherwise(s.Else, indent+1)
		p.line(indent, "END CASE")
	case *ast.IfStatement:
		p.line(indent, "IF ", operand(s.Condition), " THEN\n")
		p.controls(s.Statements, indent+1)
		for _, c := range s.ElseIfs {
			p.line(indent, "ELSEIF ", operand(c.Condition), " THEN\n")
			p.controls(c.Statements, indent+1)
		}
		p.otherwise(s.Else, indent)
		p.line(indent, "END IF")
	case *ast.Iterate:
		p.line(indent, "ITERATE ", identifier(s.Label))
	case *ast.Leave:
		p.line(indent, "LEAVE ", identifier(s.Label))
	case *ast.Compound:
		p.line(indent, "BEGIN\n")
		for _, v := range s.Variables {
			p.line(indent+1, "DECLARE ", identifiers(v.Names), " ", dataType(v.Type))
			if v.Default != nil {
				p.put(" DEFAULT ", operand(v.Default))
			}
			p.put(";\n")
		}
		p.controls(s.Statements, indent+1)
		p.line(indent, "END")
	case *ast.Loop:
		p.line(indent, label(s.Label), "LOOP\n")
		p.controls(s.Statements, indent+1)
		p.line(indent, "END LOOP")
	case *ast.While:
		p.line(indent, label(s.Label), "WHILE ", operand(s.Condition), " DO\n")
		p.controls(s.Statements, indent+1)
		p.line(indent, "END WHILE")
	case *ast.Repeat:
		p.line(indent, label(s.Label), "REPEAT\n")
		p.controls(s.Statements, indent+1)
		p.line(indent, "UNTIL ", operand(s.Condition), "\n")
		p.line(indent, "END REPEAT")
	default:
		unknown(s)
	}
}

func label(l *ast.Identifier) string {
	if l == nil {
		return ""
	}
	return identifier(l) + ": "
}

func (p *printer) otherwise(e *ast.ElseClause, indent int) {
	if e != nil {
		p.line(indent, "ELSE\n")
		p.controls(e.Statements, indent+1)
	}
}
