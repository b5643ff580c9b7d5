package jsonpath

// comparisons are the operators of comparisons, with the name that the tree has for them.
var comparisons = map[string]string{"==": "==", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// afterOperand are the tokens behind a parenthesis that tell that it is an operand, not a predicate.
var afterOperand = []string{"==", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", ".", "..", "[", "?", "starts", "like_regex"}

// condition reads a disjunction.
func (p *parser) condition() Predicate {
	defer p.deeper()()
	left := p.conjunction()
	for p.accept("||") {
		left = &Or{left, p.conjunction()}
	}
	return left
}

func (p *parser) conjunction() Predicate {
	left := p.negation()
	for p.accept("&&") {
		left = &And{left, p.negation()}
	}
	return left
}

func (p *parser) negation() Predicate {
	if !p.accept("!") {
		return p.test()
	}
	if !p.is("(", "exists") {
		p.mismatched("{'(', 'exists'}")
	}
	return &Not{p.delimited()}
}

// delimited reads exists(…) or a predicate in parentheses.
func (p *parser) delimited() Predicate {
	if p.accept("exists") {
		p.want("'('", "(")
		e := &Exists{p.expr()}
		p.close(")")
		return e
	}
	p.want("'('", "(")
	c := p.condition()
	p.close(")")
	return c
}

// test reads a predicate without logical operators. A parenthesis may begin a predicate or an operand of one: the former
// is tried first.
func (p *parser) test() Predicate {
	if p.is("exists") {
		return p.delimited()
	}
	if p.is("(") {
		if c, ok := p.try(); ok {
			return c
		}
	}
	return p.relation()
}

// try reads a predicate in parentheses; when there is none it goes back.
func (p *parser) try() (c Predicate, ok bool) {
	start, depth := p.at, p.depth
	if p.noCondition[start] {
		return nil, false
	}
	defer func() {
		r := recover()
		stop, stopped := r.(parseError)
		switch {
		case r != nil && !stopped:
			panic(r)
		case stopped && stop.at > p.furthest.at:
			p.furthest = stop
		}
		if r != nil || !ok {
			p.noCondition[start] = true
			p.at, p.depth, c, ok = start, depth, nil, false
		}
	}()
	c = p.delimited()
	if p.accept("is") {
		p.want("'unknown'", "unknown")
		return &IsUnknown{c}, true
	}
	return c, !p.is(afterOperand...)
}

// relation reads a comparison, starts with or like_regex.
func (p *parser) relation() Predicate {
	from := p.at
	left := p.expr()
	if t := p.peek(); t.kind == tokenSymbol && comparisons[t.text] != "" {
		p.at++
		return &Comparison{comparisons[t.text], left, p.expr()}
	}
	switch {
	case p.accept("starts"):
		p.want("'with'", "with")
		t := p.peek()
		switch t.kind {
		case tokenString:
			p.at++
			return &StartsWith{left, text(t.value())}
		case tokenNamed:
			p.at++
			return &StartsWith{left, &Variable{t.value()}}
		}
		p.mismatched("{STRING, NAMED_VARIABLE}")
	case p.accept("like_regex"):
		out := &LikeRegex{Arg: left, Pattern: p.string()}
		if p.accept("flag") {
			out.Flags = p.string()
		}
		return out
	}
	end := p.peek().at
	if t := p.peek(); t.kind != tokenEnd {
		end += len(t.text)
	}
	p.stop("no viable alternative at input '%s'", p.text[p.tokens[from].at:end])
	return nil
}

func (p *parser) string() string {
	if p.peek().kind != tokenString {
		p.mismatched("STRING")
	}
	return p.next().value()
}
