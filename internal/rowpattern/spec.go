package rowpattern

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Spec is everything that matching needs to know besides rows. It travels as JSON.
type Spec struct {
	Variables []string `json:"vars"`
	Pattern   *Pattern `json:"pattern"`
	// Conditions belong to the variables by position; nil is always true. They read Reads and Folds.
	Conditions []*Expr `json:"cond,omitempty"`
	Reads      []Read  `json:"reads,omitempty"`
	Folds      []Fold  `json:"folds,omitempty"`
	// Columns are the types of the columns that conditions read.
	Columns []Type `json:"columns,omitempty"`
	Skip    Skip   `json:"skip"`
	Rows    Rows   `json:"rows"`
	// Window limits each search to a frame that begins at the current row; Seek lets a match begin later in it.
	Window bool `json:"window,omitempty"`
	Seek   bool `json:"seek,omitempty"`
	// Every asks for all rows of each match, whatever Rows says, for what has to be computed over them.
	Every bool `json:"every,omitempty"`
	// Outputs are what to tell about each row of the result.
	Outputs []Navigation `json:"outputs,omitempty"`
}

// Rows says which rows of the partition are in the result.
type Rows string

// The rows of the result.
const (
	OneRow    Rows = "one"       // one per match, also of empty ones; of a window, one per row
	OmitEmpty Rows = "omit"      // those of matches that have rows
	ShowEmpty Rows = "show"      // also the first row of empty matches
	Unmatched Rows = "unmatched" // also rows that are in no match
)

// SkipTo says where the next search begins.
type SkipTo string

// Where the next search begins after a match.
const (
	PastLast SkipTo = "past" // behind its last row
	ToNext   SkipTo = "next" // behind its first row
	ToFirst  SkipTo = "first"
	ToLast   SkipTo = "last"
)

// Skip is AFTER MATCH SKIP. Vars are the variables that ToFirst and ToLast name.
type Skip struct {
	To   SkipTo `json:"to"`
	Vars []int  `json:"vars,omitempty"`
}

// Navigation finds a row of a match: among the rows of the variables Vars (nil: of all) the first or last, Offset rows
// further inwards, then Move rows on (back when negative) regardless of variables. What it finds must lie in the searched
// rows.
type Navigation struct {
	Vars   []int `json:"vars,omitempty"`
	First  bool  `json:"first,omitempty"`
	Final  bool  `json:"final,omitempty"` // from the last row of the match; otherwise from the current one
	Offset int   `json:"offset,omitempty"`
	Move   int   `json:"move,omitempty"`
	// Classifier asks for the row's variable, not for the row.
	Classifier bool `json:"classifier,omitempty"`
}

// Read is a value that conditions read at a row: of a column, or the name of the row's variable when the navigation asks for
// the classifier.
type Read struct {
	Column int `json:"column,omitempty"`
	Navigation
}

// Fold is an aggregate that conditions read: over the rows of the variables Vars (nil: of all) up to the current one.
// Args read columns, the match number and the classifier of the row.
type Fold struct {
	Name string  `json:"name"`
	Vars []int   `json:"vars,omitempty"`
	Args []*Expr `json:"args,omitempty"`
	Type Type    `json:"type"`
}

// Encode writes a spec.
func (s *Spec) Encode() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("rowpattern: " + err.Error()) // a spec holds nothing that JSON lacks
	}
	return string(b)
}

// Decode reads what Encode wrote.
func Decode(text string) (*Spec, error) {
	s := &Spec{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, fmt.Errorf("row pattern: %w", err)
	}
	return s, nil
}

// Text describes the spec for plans.
func (s *Spec) Text() string {
	var b strings.Builder
	b.WriteString("pattern = " + s.Pattern.text(s.Variables) + ", rows = " + string(s.Rows) + ", skip = " + string(s.Skip.To))
	if s.Skip.Vars != nil {
		b.WriteString(" " + s.names(s.Skip.Vars))
	}
	if s.Window {
		b.WriteString(", window")
	}
	if s.Seek {
		b.WriteString(", seek")
	}
	return b.String()
}

func (s *Spec) names(vars []int) string {
	if vars == nil {
		return "*"
	}
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = s.Variables[v]
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// Describe writes a navigation for plans.
func (s *Spec) Describe(n Navigation) string {
	f := "LAST"
	if n.First {
		f = "FIRST"
	}
	if n.Final {
		f = "FINAL " + f
	}
	out := fmt.Sprintf("%s %s", f, s.names(n.Vars))
	if n.Offset != 0 {
		out += fmt.Sprintf(" - %d", n.Offset)
	}
	if n.Move != 0 {
		out += fmt.Sprintf(" %+d", n.Move)
	}
	return out
}

// Check reports patterns that are too large to be matched.
func (s *Spec) Check() error {
	if s.Pattern.size() > maxInstructions {
		return trinoerr.New(trinoerr.NotSupported, "Row pattern is too complex")
	}
	return nil
}
