package jsonpath

import "slices"

// methods are the words that are methods when parentheses follow.
var methods = []string{"abs", "ceiling", "datetime", "double", "floor", "keyvalue", "size", "type"}

// accessors reads what follows an operand: members, subscripts, filters and methods.
func (p *parser) accessors(base Expr) Expr {
	for {
		switch {
		case p.is("."):
			base = p.member(base)
		case p.is(".."):
			base = &Descendants{base, p.key("..")}
		case p.is("["):
			base = p.subscripts(base)
		case p.accept("?"):
			p.openFilter()
			base = &Filter{base, p.condition()}
			p.close(")")
		default:
			return base
		}
	}
}

func (p *parser) openFilter() {
	if t := p.peek(); t.text != "(" && startsCondition(t) {
		p.stop("missing '(' at '%s'", t.text)
	}
	p.want("'('", "(")
	if t := p.peek(); !startsCondition(t) {
		p.unexpected(conditions, startsCondition)
	}
}

func (p *parser) member(base Expr) Expr {
	after := p.tokens[p.at+1] // the end follows every other token
	if after.kind == tokenSymbol && after.text == "*" {
		p.at += 2
		return &Member{Base: base, Any: true}
	}
	if after.kind == tokenWord && slices.Contains(methods, after.text) && p.tokens[p.at+2].text == "(" {
		p.at += 3
		if after.text == "datetime" && p.peek().kind == tokenString {
			p.at++
		}
		p.close(")")
		return &Method{base, after.text}
	}
	return &Member{Base: base, Key: p.key(".")}
}

// key takes a dot, or two, and the name that has to follow.
func (p *parser) key(dots string) string {
	p.at++
	t := p.peek()
	if t.kind != tokenWord && t.kind != tokenString {
		if t.kind == tokenEnd {
			p.stop("no viable alternative at input '%s'", dots)
		}
		p.stop("no viable alternative at input '%s%s'", dots, t.text)
	}
	return p.next().value()
}

func (p *parser) subscripts(base Expr) Expr {
	p.at++
	if p.accept("*") {
		p.close("]")
		return &Elements{Base: base}
	}
	if p.peek().kind == tokenEnd || p.is("]") {
		end := ""
		if p.is("]") {
			end = "]"
		}
		p.stop("no viable alternative at input '[%s'", end)
	}
	out := &Elements{Base: base}
	for {
		s := Subscript{From: p.expr()}
		if p.accept("to") {
			s.To = p.expr()
		}
		out.Subscripts = append(out.Subscripts, s)
		switch {
		case p.accept(","):
		case p.is("]"), p.peek().kind == tokenEnd:
			p.close("]")
			return out
		default:
			p.unexpected("{',', ']'}", func(t token) bool { return t.kind == tokenSymbol && (t.text == "," || t.text == "]") })
		}
	}
}
