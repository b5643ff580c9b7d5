package ast

// Statements that change rows.
type (
	// Insert is INSERT INTO table [(column, …)] query.
	Insert struct {
		Location
		Table   *QualifiedName
		Columns []*Identifier // nil when absent
		Query   *Query
	}

	// Delete is DELETE FROM table [WHERE …].
	Delete struct {
		Location
		Table *QualifiedName
		Where Expression
	}

	// Truncate is TRUNCATE TABLE table.
	Truncate struct {
		Location
		Table *QualifiedName
	}

	// Update is UPDATE table SET … [WHERE …].
	Update struct {
		Location
		Table       *QualifiedName
		Assignments []*Assignment
		Where       Expression
	}

	// Assignment is column = value.
	Assignment struct {
		Location
		Column *Identifier
		Value  Expression
	}

	// Merge is MERGE INTO table [[AS] alias] USING source ON condition case ….
	Merge struct {
		Location
		Table     *QualifiedName
		Alias     *Identifier // nil when absent
		Source    Relation
		Condition Expression
		Cases     []MergeCase
	}

	// MergeUpdate is WHEN MATCHED [AND condition] THEN UPDATE SET ….
	MergeUpdate struct {
		Location
		Condition   Expression
		Assignments []*Assignment
	}

	// MergeDelete is WHEN MATCHED [AND condition] THEN DELETE.
	MergeDelete struct {
		Location
		Condition Expression
	}

	// MergeInsert is WHEN NOT MATCHED [AND condition] THEN INSERT [(column, …)] VALUES (value, …).
	MergeInsert struct {
		Location
		Condition Expression
		Columns   []*Identifier
		Values    []Expression
	}

	// Call is CALL procedure(argument, …).
	Call struct {
		Location
		Procedure *QualifiedName
		Arguments []*CallArgument
	}

	// CallArgument is [name =>] value; Name may be nil.
	CallArgument struct {
		Location
		Name  *Identifier
		Value Expression
	}
)

// MergeCase is *MergeUpdate, *MergeDelete or *MergeInsert.
type MergeCase interface {
	Node
	mergeCase()
}
