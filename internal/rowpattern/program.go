package rowpattern

// instruction is a step of a compiled pattern.
type instruction struct {
	code code
	// arg is the variable of a consume, or the target of a jump; a split prefers first to second.
	arg, first, second int
}

// code is the kind of an instruction.
type code uint8

// The kinds of instructions.
const (
	consume  code = iota // take a row for a variable
	jump                 // go on elsewhere
	split                // go on in two places
	atStart              // only at the start of the partition
	atEnd                // only at its end
	boundary             // of rows that are not shown
	done                 // the pattern is matched
)

// compile translates a pattern.
func compile(p *Pattern) []instruction {
	c := &compiler{}
	c.pattern(p)
	c.emit(instruction{code: done})
	return c.code
}

type compiler struct{ code []instruction }

// emit adds an instruction and returns its place.
func (c *compiler) emit(i instruction) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

func (c *compiler) pattern(p *Pattern) {
	switch p.Op {
	case Variable:
		c.emit(instruction{code: consume, arg: p.Var})
	case Start:
		c.emit(instruction{code: atStart})
	case End:
		c.emit(instruction{code: atEnd})
	case Concat:
		c.sequence(p.Subs)
	case Alternate:
		lists := make([][]*Pattern, len(p.Subs))
		for i, s := range p.Subs {
			lists[i] = []*Pattern{s}
		}
		c.alternatives(lists)
	case Permute:
		c.alternatives(permutations(p.Subs))
	case Exclude:
		c.emit(instruction{code: boundary})
		c.pattern(p.Subs[0])
		c.emit(instruction{code: boundary})
	case Quantified:
		c.quantified(p)
	}
}

func (c *compiler) sequence(list []*Pattern) {
	for _, p := range list {
		c.pattern(p)
	}
}

// alternatives tries each list in turn.
func (c *compiler) alternatives(lists [][]*Pattern) {
	var ends []int
	for i, l := range lists {
		if i == len(lists)-1 {
			c.sequence(l)
			break
		}
		at := c.emit(instruction{code: split})
		c.sequence(l)
		ends = append(ends, c.emit(instruction{code: jump}))
		c.code[at].first, c.code[at].second = at+1, len(c.code)
	}
	for _, e := range ends {
		c.code[e].arg = len(c.code)
	}
}

// permutations lists the orders of a list, those that keep the order of the list as far as possible first.
func permutations(list []*Pattern) [][]*Pattern {
	if len(list) <= 1 {
		return [][]*Pattern{list}
	}
	var out [][]*Pattern
	for i, p := range list {
		rest := append(append([]*Pattern(nil), list[:i]...), list[i+1:]...)
		for _, tail := range permutations(rest) {
			out = append(out, append([]*Pattern{p}, tail...))
		}
	}
	return out
}

func (c *compiler) quantified(p *Pattern) {
	sub := p.Subs[0]
	last := len(c.code)
	for range p.Min {
		last = len(c.code)
		c.pattern(sub)
	}
	if p.Max != Unbounded {
		var splits []int
		for range p.Max - p.Min {
			splits = append(splits, c.emit(instruction{code: split}))
			c.pattern(sub)
		}
		for _, at := range splits {
			c.choose(at, at+1, len(c.code), p.Lazy)
		}
		return
	}
	skip := -1
	if p.Min == 0 {
		skip = c.emit(instruction{code: split})
		last = len(c.code)
		c.pattern(sub)
	}
	again := c.emit(instruction{code: split})
	c.choose(again, last, again+1, p.Lazy)
	if skip >= 0 {
		c.choose(skip, skip+1, len(c.code), p.Lazy)
	}
}

// choose fills in a split that repeats or leaves.
func (c *compiler) choose(at, repeat, leave int, lazy bool) {
	if lazy {
		repeat, leave = leave, repeat
	}
	c.code[at].first, c.code[at].second = repeat, leave
}
