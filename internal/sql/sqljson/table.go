package sqljson

import (
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Table describes JSON_TABLE.
type Table struct {
	Invocation
	// Plan joins the rows of the paths; its root is that of the Invocation.
	Plan    Plan     `json:"plan"`
	Columns []Column `json:"columns"`
	// ErrorOnError makes paths that fail errors; otherwise they find nothing.
	ErrorOnError bool `json:"errorOnError,omitempty"`
}

// Column describes a column. Exactly one of its parts is set.
type Column struct {
	Ordinality bool `json:"ordinality,omitempty"`
	// Value columns are like JSON_VALUE; they have two parameters, the texts of their defaults.
	Value *Value `json:"value,omitempty"`
	// Query columns are like JSON_QUERY.
	Query *Query `json:"query,omitempty"`
}

// Plan is how the rows of a path, or of several, are found.
type Plan struct {
	// Path is that of a single path but for the root, which has that of the table.
	Path string `json:"path,omitempty"`
	// Columns are the indexes of the columns of a single path.
	Columns []int `json:"columns,omitempty"`
	// Inner drops the rows of a single path for which Child has none.
	Inner bool  `json:"inner,omitempty"`
	Child *Plan `json:"child,omitempty"`
	// Siblings are joined next to each other: every row with every row when Cross is set, else one after the other.
	Siblings []Plan `json:"siblings,omitempty"`
	Cross    bool   `json:"cross,omitempty"`
}

// PrepareTable makes a function of the text of a Table: from a document and parameters to rows, each of which is the JSON
// text of an array of texts and nulls. The parameters are those of the path, then those of the value columns in order.
func PrepareTable(description string) (func(document string, parameters []any) ([]any, error), error) {
	var d Table
	if err := decode(description, &d); err != nil {
		return nil, err
	}
	t := &table{errorOnError: d.ErrorOnError, zone: d.Zone}
	root, err := d.prepare()
	if err != nil {
		return nil, err
	}
	defaults := len(root.variables)
	for _, c := range d.Columns {
		column := tableColumn{ordinality: c.Ordinality}
		switch {
		case c.Value != nil:
			column.value = &valueExtractor{onEmpty: c.Value.OnEmpty, onError: c.Value.OnError}
			column.defaults, defaults = defaults, defaults+2
			if column.value.returning, err = types.Parse(c.Value.Returning); err != nil {
				return nil, err
			}
			column.value.prepared, err = c.Value.prepare()
			column.path = column.value.prepared
		case c.Query != nil:
			column.query = &c.Query.Extraction
			column.path, err = c.Query.prepare()
		}
		if err != nil {
			return nil, err
		}
		t.columns = append(t.columns, column)
	}
	plan, err := t.plan(&d.Plan, root)
	if err != nil {
		return nil, err
	}
	return func(document string, parameters []any) ([]any, error) {
		return t.rows(plan, root, document, parameters)
	}, nil
}

// table is a Table that has been parsed.
type table struct {
	columns      []tableColumn
	errorOnError bool
	zone         types.Zone
}

type tableColumn struct {
	ordinality bool
	path       *prepared
	value      *valueExtractor
	defaults   int // the index of the first of a value column's parameters
	query      *Extraction
}

// step is a Plan that has been parsed.
type step struct {
	*Plan
	path     *prepared
	child    *step
	siblings []*step
}

func (t *table) plan(p *Plan, path *prepared) (*step, error) {
	s := &step{Plan: p, path: path}
	var err error
	if path == nil && p.Path != "" {
		if s.path, err = (&Invocation{Path: p.Path, Zone: t.zone}).prepare(); err != nil {
			return nil, err
		}
	}
	if p.Child != nil {
		if s.child, err = t.plan(p.Child, nil); err != nil {
			return nil, err
		}
	}
	for n := range p.Siblings {
		sibling, err := t.plan(&p.Siblings[n], nil)
		if err != nil {
			return nil, err
		}
		s.siblings = append(s.siblings, sibling)
	}
	return s, nil
}

func (t *table) rows(plan *step, root *prepared, document string, parameters []any) ([]any, error) {
	context, err := read(document)
	var variables map[string]jsonpath.Item
	if err == nil {
		variables, err = root.pass(parameters[:len(root.variables)])
	}
	if err != nil {
		if t.errorOnError {
			return nil, err
		}
		return nil, nil
	}
	r := &tableRun{table: t, variables: variables, parameters: parameters}
	rows, err := r.run(plan, context)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(rows))
	for n, row := range rows {
		cells := make([]any, len(t.columns))
		for at, v := range row {
			cells[at] = v
		}
		text, err := json.Marshal(cells)
		if err != nil {
			return nil, err
		}
		out[n] = string(text)
	}
	return out, nil
}

// row has the texts of the columns that a part of the plan knows, by their indexes.
type row map[int]any

// tableRun finds the rows of one document.
type tableRun struct {
	*table
	variables  map[string]jsonpath.Item
	parameters []any
}

func (r *tableRun) run(s *step, context jsonpath.Item) ([]row, error) {
	if len(s.siblings) > 0 {
		return r.join(s, context)
	}
	items, err := s.path.find(context, r.variables)
	if err == nil {
		items, err = allJSON(items)
	}
	if err != nil {
		if r.errorOnError {
			return nil, err
		}
		return nil, nil
	}
	var out []row
	for n, item := range items {
		own := row{}
		for _, at := range s.Columns {
			if own[at], err = r.cell(&r.columns[at], item, n+1); err != nil {
				return nil, err
			}
		}
		if s.child == nil {
			out = append(out, own)
			continue
		}
		inner, err := r.run(s.child, item)
		if err != nil {
			return nil, err
		}
		if len(inner) == 0 && !s.Inner {
			inner = []row{{}}
		}
		for _, in := range inner {
			out = append(out, merged(own, in))
		}
	}
	return out, nil
}

// join puts the rows of siblings together.
func (r *tableRun) join(s *step, context jsonpath.Item) ([]row, error) {
	var out []row
	if s.Cross {
		out = []row{{}}
	}
	for _, sibling := range s.siblings {
		if s.Cross && len(out) == 0 {
			break // what the others would give, or fail with, does not matter
		}
		rows, err := r.run(sibling, context)
		if err != nil {
			return nil, err
		}
		if !s.Cross {
			out = append(out, rows...)
			continue
		}
		var product []row
		for _, left := range out {
			for _, right := range rows {
				product = append(product, merged(left, right))
			}
		}
		out = product
	}
	return out, nil
}

func merged(a, b row) row {
	out := make(row, len(a)+len(b))
	for at, v := range a {
		out[at] = v
	}
	for at, v := range b {
		out[at] = v
	}
	return out
}

// cell computes a column for an item.
func (r *tableRun) cell(c *tableColumn, item jsonpath.Item, ordinal int) (any, error) {
	if c.ordinality {
		return types.Text(types.Of(types.BigInt), int64(ordinal)), nil
	}
	items, err := c.path.find(item, nil)
	if c.query != nil {
		return c.query.extract(items, err)
	}
	return c.value.extract(items, err, r.parameters[c.defaults], r.parameters[c.defaults+1])
}
