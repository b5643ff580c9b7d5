package faker

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// rowID is the hidden column that counts the rows from 0 on.
const rowID = "$row_id"

// spec is what is known of a column's values. It travels in handles.
type spec struct {
	Name string `json:"name"`
	// Nulls is how probable NULL is.
	Nulls     float64 `json:"nulls,omitempty"`
	Generator string  `json:"generator,omitempty"`
	// Low and High, both inclusive, are numbers in a text, see number; empty at the ends of the type's range.
	Low  string `json:"low,omitempty"`
	High string `json:"high,omitempty"`
	// Values, when not empty, are the only ones, as texts that types.Cast reads.
	Values []string `json:"values,omitempty"`
	// Step, when not empty, is from one row's value to the next one's.
	Step string `json:"step,omitempty"`
}

// specOf reads the properties of a column. nulls is how probable NULL is if it does not say.
func specOf(col connector.Column, nulls float64) (spec, error) {
	s := spec{Name: col.Name, Nulls: nulls}
	fail := func(format string, args ...any) (spec, error) {
		return s, trinoerr.New(trinoerr.InvalidColumnProperty, format, args...)
	}
	if !supported(col.Type) {
		return s, trinoerr.New(trinoerr.NotSupported, "Unsupported type %s", col.Type)
	}
	if p, ok := col.Properties[nullProbability].(float64); ok {
		if !(p >= 0 && p <= 1) {
			return fail("null_probability value must be between 0 and 1, inclusive")
		}
		s.Nulls = p
	}
	if col.NotNull {
		s.Nulls = 0
	}
	text := textual(col.Type)
	var ok bool
	if s.Generator, ok = col.Properties[generator].(string); ok {
		if !text {
			return fail("The `%s` property can only be set for CHAR, VARCHAR or VARBINARY columns", generator)
		}
		if _, err := parseExpression(s.Generator); err != nil {
			return fail("generator must be a valid Faker expression: %v", err)
		}
	}
	for name, to := range map[string]*string{minimum: &s.Low, maximum: &s.High} {
		if v, ok := col.Properties[name].(string); ok {
			if text {
				return fail("The `%s` and `%s` properties cannot be set for CHAR, VARCHAR or VARBINARY columns", minimum, maximum)
			}
			n, ok := parsed(v, col.Type)
			if !ok {
				return fail("The `%s` property must be a valid %s literal", name, col.Type)
			}
			*to = n.String()
		}
	}
	if list, ok := col.Properties[allowedValues].([]string); ok && len(list) > 0 {
		if s.Low != "" || s.High != "" || s.Generator != "" || col.Properties[step] != nil {
			return fail("The `%s` property cannot be set together with `%s`, `%s`, and `%s` properties", allowedValues, minimum, maximum, step)
		}
		for _, v := range list {
			if _, ok := types.Cast(v, varchar, col.Type, types.UTC); !ok {
				return fail("The `%s` property must only contain valid %s literals, failed to parse `%s`", allowedValues, col.Type, v)
			}
		}
		s.Values = slices.Clone(list)
	}
	if v, ok := col.Properties[step].(string); ok {
		if text || !hasRange(col.Type) {
			return fail("The `%s` property cannot be set for CHAR, VARCHAR or VARBINARY columns", step)
		}
		if _, err := stepOf(v, col.Type); err != nil {
			if temporal(col.Type) {
				return fail("The `%s` property for a %s column must be a valid duration literal", step, col.Type)
			}
			return fail("The `%s` property must be a valid %s literal", step, col.Type)
		}
		s.Step = v
	}
	if low, high := s.bounds(col.Type); hasRange(col.Type) && low.cmp(high) > 0 {
		return fail("The `%s` property must not be greater than the `%s` property", minimum, maximum)
	}
	return s, nil
}

// supported reports whether values of a type can be made: all that travel in batches, but for those that are made of others.
func supported(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal, types.Date, types.Time,
		types.Timestamp, types.TimestampTZ, types.Varchar, types.Char, types.Varbinary, types.UUID:
		return connector.BatchTypeSupported(t)
	}
	return false
}

func textual(t types.Type) bool {
	return t.Kind == types.Varchar || t.Kind == types.Char || t.Kind == types.Varbinary
}

func temporal(t types.Type) bool {
	return t.Kind == types.Date || t.Kind == types.Time || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ
}

// hasRange reports whether a type's values are on a line of numbers.
func hasRange(t types.Type) bool { return t.Numeric() || temporal(t) }
