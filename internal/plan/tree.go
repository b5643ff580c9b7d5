package plan

import (
	"strconv"
	"strings"
)

// Tree is a plan taken apart for other forms of EXPLAIN than text.
type Tree struct {
	Node Node
	// Name is the operator's, Attributes its properties in order, Details the lines on what it computes.
	Name       string
	Attributes []TreeAttribute
	Details    []string
	// Label says which source of its parent the node is, where that is not clear.
	Label    string
	Children []*Tree
}

// TreeAttribute is a property of an operator; an unnamed one has an empty name.
type TreeAttribute struct{ Name, Value string }

// Describe takes a plan apart: what Print shows, node by node.
func Describe(n Node) *Tree {
	subs := 0
	return describeTree(n, "", &subs)
}

func describeTree(n Node, label string, subs *int) *Tree {
	e := &exprPrinter{next: subs}
	head, lines := describe(n, e)
	t := &Tree{Node: n, Label: strings.TrimSuffix(label, ": "), Details: lines}
	t.Name, t.Attributes = splitHead(head)
	for i, s := range n.Sources() {
		t.Children = append(t.Children, describeTree(s, sourceLabel(n, i), subs))
	}
	for _, s := range e.subs {
		t.Children = append(t.Children, describeTree(s.plan, "subquery "+strconv.Itoa(s.id), subs))
	}
	return t
}

// splitHead takes the head line of a node apart: Name[a = b, c = d].
func splitHead(head string) (string, []TreeAttribute) {
	name, rest, ok := strings.Cut(head, "[")
	if !ok {
		return head, nil
	}
	rest = strings.TrimSuffix(rest, "]")
	var out []TreeAttribute
	depth, quoted, start := 0, false, 0
	add := func(text string) {
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		if key, value, ok := strings.Cut(text, " = "); ok && !strings.ContainsAny(key, "([ '") {
			out = append(out, TreeAttribute{key, value})
		} else {
			out = append(out, TreeAttribute{"", text})
		}
	}
	for i, c := range rest {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == ',' && depth == 0:
			add(rest[start:i])
			start = i + 1
		}
	}
	add(rest[start:])
	return name, out
}
