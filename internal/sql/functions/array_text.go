package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// joinedType checks that the elements can be shown as text.
func joinedType(b Binding) (types.Type, error) {
	varchar := types.Of(types.Varchar)
	if e := b.Args[0].Elem(0); !CanCast(e, varchar) {
		return varchar, trinoerr.New(trinoerr.OperatorNotFound, "Cannot cast %s to varchar", e)
	}
	return varchar, nil
}

// arrayJoin leaves NULLs out unless there is a text for them.
func arrayJoin(s *Site) (string, error) {
	elem := Operand{SQL: "_x", Type: s.Args[0].Type.Elem(0), Cheap: true}
	text, err := s.caster().Cast(elem, types.Of(types.Varchar), false)
	if err != nil {
		return "", err
	}
	list := "list_filter(list_transform(" + s.Args[0].SQL + ", lambda _x: " + text + "), lambda _x: _x IS NOT NULL)"
	if len(s.Args) > 2 {
		list = "list_transform(" + s.Args[0].SQL + ", lambda _x: coalesce(" + text + ", " + s.Args[2].SQL + "))"
	}
	known := " IS NOT NULL AND " + s.Args[1].SQL + " IS NOT NULL"
	if len(s.Args) > 2 {
		known += " AND " + s.Args[2].SQL + " IS NOT NULL"
	}
	return s.once(Operand{SQL: list}, func(o Operand) string {
		return "CASE WHEN " + o.SQL + known + " THEN " + joined(o.SQL, s.Args[1]) + " END"
	}), nil
}

// joined concatenates texts; DuckDB's own function wants a constant separator.
func joined(list string, separator Operand) string {
	if separator.Const {
		return "coalesce(array_to_string(" + list + ", " + separator.SQL + "), '')"
	}
	return "CASE WHEN len(" + list + ") = 0 THEN '' ELSE list_reduce(" + list + ", lambda _a, _b: _a || " + separator.SQL + " || _b) END"
}

// zip makes rows of the elements at the same position.
func zip(s *Site) (string, error) {
	return s.each(s.Args, func(args []Operand) string {
		var lens, parts, nulls []string
		for _, a := range args {
			lens = append(lens, "len("+a.SQL+")")
			parts = append(parts, a.SQL+"[_z]")
			nulls = append(nulls, a.SQL+" IS NOT NULL")
		}
		return "CASE WHEN " + strings.Join(nulls, " AND ") + " THEN CAST(list_transform(range(1, greatest(" + strings.Join(lens, ", ") + ") + 1), lambda _z: row(" +
			strings.Join(parts, ", ") + ")) AS " + s.TypeSQL(s.Result) + ") END"
	}), nil
}

// each is once for several operands.
func (s *Site) each(args []Operand, use func([]Operand) string) string {
	if len(args) == 0 {
		return use(nil)
	}
	return s.once(args[0], func(o Operand) string {
		return s.each(args[1:], func(rest []Operand) string { return use(append([]Operand{o}, rest...)) })
	})
}
