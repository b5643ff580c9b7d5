package duck

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Options say what the statement is for.
type Options struct {
	// Partition adds the exchange partition of each row as the last column, PartitionColumn.
	Partition *Partition
	// Now is the statement's start.
	Now time.Time
	// Zone is the session's time zone; empty is UTC.
	Zone string
	// Narrow computes decimals of more than 18 digits in 64 bits as far as DuckDB does by itself, which is several times
	// faster and nearly always enough. The statement fails with NUMERIC_VALUE_OUT_OF_RANGE when it is not: then the one
	// lowered without Narrow has to be run, over the same inputs.
	Narrow bool
}

// Partition divides rows among Count exchange partitions by a hash of Keys, expressions over the root's columns. Rows whose
// keys are equal, as values of one SQL type, get the same partition in every stage; NULLs are equal here.
type Partition struct {
	Keys  []plan.Expr
	Count int
	// Numbered says that the only key is the number of the partition itself.
	Numbered bool
}

// PartitionColumn is the name of the column that Options.Partition adds.
const PartitionColumn = "__p"

// Statement is a lowered plan.
type Statement struct {
	// SQL is one SELECT statement.
	SQL string
	// Inputs are the tables that it reads, in the order in which they occur in the plan.
	Inputs []Input
	// Columns are those of the result, without the partition column. Their names are unique.
	Columns []Column
}

// Input is a table that the statement names. Exactly one of Scan and Remote is set. A scan's columns have the names of the
// table's columns and the types of record batches; a remote source's have the names of its symbols and physical types.
type Input struct {
	Name   string
	Scan   *plan.Scan
	Remote *plan.RemoteSource
}

// Column is a column of the result.
type Column struct {
	Name string
	// Type is the SQL type, Physical the DuckDB type that the column has exactly.
	Type     types.Type
	Physical string
}

// Lower writes a plan as SQL. The root may be a Write, whose rows are then the result, under the names of the table's
// columns. The error is a NOT_SUPPORTED for what has no exact equivalent.
func Lower(root plan.Node, o Options) (Statement, error) {
	l := &lowerer{ctes: map[int]*cte{}, zone: cmp.Or(o.Zone, "UTC"), now: o.Now, narrow: o.Narrow}
	var st Statement
	if w, ok := root.(*plan.Write); ok {
		l.write(w, &st)
	} else {
		l.result(root, o, &st)
	}
	if l.err != nil {
		return Statement{}, l.err
	}
	st.SQL = l.with() + st.SQL
	st.Inputs = l.inputs
	return st, nil
}

// lowerer is the state of one lowering.
type lowerer struct {
	inputs  []Input
	aliases int
	names   int // of lambda parameters
	ctes    map[int]*cte
	order   []*cte // in order of definition
	zone    string
	now     time.Time
	narrow  bool
	err     error // the first one; what is written after it is never used
}

// fail notes an error.
func (l *lowerer) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *lowerer) notSupported(format string, args ...any) {
	l.fail(trinoerr.New(trinoerr.NotSupported, format, args...))
}

// alias returns a table alias that is unique in the statement, so that correlated references need no care.
func (l *lowerer) alias() string {
	a := "t" + strconv.Itoa(l.aliases)
	l.aliases++
	return a
}

// result writes the root with its columns' types forced.
func (l *lowerer) result(root plan.Node, o Options, st *Statement) {
	b := l.node(root, nil)
	if o.Partition != nil && o.Partition.Numbered && b.fixed {
		b = l.seal(b) // the number is a column, too
	}
	var items []string
	used := map[string]int{}
	for _, s := range root.Outputs() {
		c := Column{Name: uniqueName(used, s.Name), Type: s.Type, Physical: physical(s.Type)}
		st.Columns = append(st.Columns, c)
		items = append(items, b.exact(s)+" AS "+ident(c.Name))
	}
	if o.Partition != nil {
		items = append(items, l.partition(b, o.Partition)+" AS "+ident(PartitionColumn))
	}
	if len(items) == 0 {
		items = []string{"1 AS " + ident("_")}
	}
	st.SQL = b.render(items)
}

func uniqueName(used map[string]int, name string) string {
	key := strings.ToLower(name)
	n := used[key]
	used[key]++
	if n == 0 {
		return name
	}
	return uniqueName(used, name+"_"+strconv.Itoa(n))
}

// changeColumn names the columns of a change: the operation, those of the row's id, then those of the table.
func changeColumn(i, ids int) string {
	switch {
	case i == 0:
		return "$operation"
	case i <= ids:
		return "$id" + strconv.Itoa(i-1)
	}
	return "$c" + strconv.Itoa(i-1-ids)
}

// write writes the rows that go into a table, or the changes of its rows.
func (l *lowerer) write(w *plan.Write, st *Statement) {
	b := l.node(w.Source, nil)
	var items []string
	if c := w.Change; c != nil {
		for i, s := range slices.Concat([]*plan.Symbol{c.Operation}, c.RowID, w.Columns) {
			name := changeColumn(i, len(c.RowID))
			st.Columns = append(st.Columns, Column{Name: name, Type: s.Type, Physical: physical(s.Type)})
			items = append(items, b.exact(s)+" AS "+ident(name))
		}
		st.SQL = b.render(items)
		return
	}
	for i, s := range w.Columns {
		name := s.Name
		if w.Target.Analysis == nil && w.Target.Table != nil && i < len(w.Target.Table.Columns) {
			name = w.Target.Table.Columns[i].Name
		}
		st.Columns = append(st.Columns, Column{Name: name, Type: s.Type, Physical: physical(s.Type)})
		items = append(items, b.exact(s)+" AS "+ident(name))
	}
	st.SQL = b.render(items)
}
