package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Value says how a property's text becomes a field of C, and back.
type Value[C any] struct {
	// Kind is the sort of value in the reference: size, duration, integer, …
	Kind string
	// Allowed describes the values for messages: "a data size such as 64MB, at least 1MB".
	Allowed string
	// bounds is the part of Allowed that the reference shows beside Kind: "at least 1MB".
	bounds string
	// sqlType is the type of the session property.
	sqlType types.Type
	set     func(c *C, text string) error
	text    func(c *C) string
}

// rangeError is a well-formed value out of bounds; its text continues "<name> must be …".
type rangeError string

func (e rangeError) Error() string { return string(e) }

// NoMax is the upper bound of an integer without one.
const NoMax = math.MaxInt32

// Int is an integer between two bounds; maximum NoMax means none.
func Int[C any](field func(*C) *int, minimum, maximum int) Value[C] {
	bounds := fmt.Sprintf("%d to %d", minimum, maximum)
	if maximum == NoMax {
		bounds = fmt.Sprintf("at least %d", minimum)
	}
	return Value[C]{Kind: "integer", Allowed: "an integer, " + bounds, bounds: bounds, sqlType: types.Of(types.Integer),
		set: func(c *C, text string) error {
			v, err := strconv.ParseInt(text, 10, 32)
			switch {
			case err != nil:
				return fmt.Errorf("'%s' is not an integer", text)
			case int(v) < minimum:
				return rangeError(fmt.Sprintf("equal or greater than %d", minimum))
			case int(v) > maximum:
				return rangeError(fmt.Sprintf("equal or less than %d", maximum))
			}
			*field(c) = int(v)
			return nil
		},
		text: func(c *C) string { return strconv.Itoa(*field(c)) },
	}
}

// Long is an integer of 64 bits of at least minimum.
func Long[C any](field func(*C) *int64, minimum int64) Value[C] {
	bounds := fmt.Sprintf("at least %d", minimum)
	return Value[C]{Kind: "integer", Allowed: "an integer, " + bounds, bounds: bounds, sqlType: types.Of(types.BigInt),
		set: func(c *C, text string) error {
			v, err := strconv.ParseInt(text, 10, 64)
			switch {
			case err != nil:
				return fmt.Errorf("'%s' is not an integer", text)
			case v < minimum:
				return rangeError(fmt.Sprintf("equal or greater than %d", minimum))
			}
			*field(c) = v
			return nil
		},
		text: func(c *C) string { return strconv.FormatInt(*field(c), 10) },
	}
}

// Float is a number between two bounds; an infinite maximum means none.
func Float[C any](field func(*C) *float64, minimum, maximum float64) Value[C] {
	bounds := fmt.Sprintf("%v to %v", minimum, maximum)
	if math.IsInf(maximum, 1) {
		bounds = fmt.Sprintf("at least %v", minimum)
	}
	return Value[C]{Kind: "number", Allowed: "a number, " + bounds, bounds: bounds, sqlType: types.Of(types.Double),
		set: func(c *C, text string) error {
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case err != nil || math.IsNaN(v):
				return fmt.Errorf("'%s' is not a number", text)
			case !math.IsInf(maximum, 1) && (v < minimum || v > maximum):
				return rangeError(fmt.Sprintf("in the range [%.2f, %.2f]: %.2f", minimum, maximum, v))
			case v < minimum:
				return rangeError(fmt.Sprintf("greater than or equal to %s", formatFloat(minimum)))
			case math.IsInf(v, 0):
				return rangeError("finite")
			}
			*field(c) = v
			return nil
		},
		text: func(c *C) string { return formatFloat(*field(c)) },
	}
}

// formatFloat writes a number with at least one digit after the point.
func formatFloat(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// Size is a data size of at least minimum bytes.
func Size[C any](field func(*C) *int64, minimum int64) Value[C] {
	allowed, bounds := "a data size such as 64MB (units B, kB, MB, GB, TB, PB)", ""
	if minimum > 0 {
		bounds = "at least " + FormatSize(minimum)
		allowed += ", " + bounds
	}
	return Value[C]{Kind: "size", Allowed: allowed, bounds: bounds, sqlType: types.Of(types.Varchar),
		set: func(c *C, text string) error {
			v, err := ParseSize(text)
			if err != nil {
				return err
			}
			if v < minimum {
				return rangeError("equal or greater than " + FormatSize(minimum))
			}
			*field(c) = v
			return nil
		},
		text: func(c *C) string { return FormatSize(*field(c)) },
	}
}

// SizeBetween is a data size between two bounds.
func SizeBetween[C any](field func(*C) *int64, minimum, maximum int64) Value[C] {
	v := Size(field, minimum)
	v.bounds = FormatSize(minimum) + " to " + FormatSize(maximum)
	v.Allowed = "a data size such as 64MB (units B, kB, MB, GB, TB, PB), " + v.bounds
	least := v.set
	v.set = func(c *C, text string) error {
		if n, err := ParseSize(text); err == nil && n > maximum {
			return rangeError("equal or less than " + FormatSize(maximum))
		}
		return least(c, text)
	}
	return v
}

// Duration is a duration of at least minimum.
func Duration[C any](field func(*C) *time.Duration, minimum time.Duration) Value[C] {
	allowed, bounds := "a duration such as 10s (units ns, us, ms, s, m, h, d)", ""
	if minimum > 0 {
		bounds = "at least " + minimum.String()
		allowed += ", " + bounds
	}
	return Value[C]{Kind: "duration", Allowed: allowed, bounds: bounds, sqlType: types.Of(types.Varchar),
		set: func(c *C, text string) error {
			v, err := ParseDuration(text)
			if err != nil {
				return err
			}
			if v < minimum {
				return rangeError("equal or greater than " + FormatDuration(minimum))
			}
			*field(c) = v
			return nil
		},
		text: func(c *C) string { return FormatDuration(*field(c)) },
	}
}

// Bool is true or false.
func Bool[C any](field func(*C) *bool) Value[C] {
	return Value[C]{Kind: "boolean", Allowed: "true or false", sqlType: types.Of(types.Boolean),
		set: func(c *C, text string) error {
			switch strings.ToLower(text) {
			case "true":
				*field(c) = true
			case "false":
				*field(c) = false
			default:
				return fmt.Errorf("'%s' is not a boolean", text)
			}
			return nil
		},
		text: func(c *C) string { return strconv.FormatBool(*field(c)) },
	}
}

// Enum is one of some words, written in any case.
func Enum[C any, E ~string](field func(*C) *E, members ...E) Value[C] {
	words := joinWords(members, ", ")
	return Value[C]{Kind: "word", Allowed: "one of " + words, bounds: words, sqlType: types.Of(types.Varchar),
		set: func(c *C, text string) error {
			m, ok := member(text, members)
			if !ok {
				return invalidMember(text, members)
			}
			*field(c) = m
			return nil
		},
		text: func(c *C) string { return string(*field(c)) },
	}
}

// EnumList is a comma-separated list of some words, without repetition, not empty.
func EnumList[C any, E ~string](field func(*C) *[]E, members ...E) Value[C] {
	words := joinWords(members, ", ")
	return Value[C]{Kind: "list of words", Allowed: "a comma-separated list of " + words, bounds: words,
		sqlType: types.Of(types.Varchar),
		set: func(c *C, text string) error {
			var list []E
			for _, word := range splitList(text) {
				m, ok := member(word, members)
				if !ok {
					return invalidMember(word, members)
				}
				if !slices.Contains(list, m) {
					list = append(list, m)
				}
			}
			if len(list) == 0 {
				return fmt.Errorf("the list is empty")
			}
			*field(c) = list
			return nil
		},
		text: func(c *C) string { return joinWords(*field(c), ",") },
	}
}

func member[E ~string](text string, members []E) (E, bool) {
	i := slices.IndexFunc(members, func(m E) bool { return strings.EqualFold(string(m), text) })
	if i < 0 {
		return "", false
	}
	return members[i], true
}

func invalidMember[E ~string](text string, members []E) error {
	return asTrino("Invalid value [%s]. Valid values: [%s]", text, joinWords(members, ", "))
}

func joinWords[E ~string](words []E, separator string) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, separator)
}

func splitList(text string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// Text is any text. check, when not nil, returns an error for text that will not do; allowed says what will.
func Text[C any](field func(*C) *string, allowed string, check func(string) error) Value[C] {
	return Value[C]{Kind: "text", Allowed: allowed, bounds: allowed, sqlType: types.Of(types.Varchar),
		set: func(c *C, text string) error {
			if check != nil {
				if err := check(text); err != nil {
					return err
				}
			}
			*field(c) = text
			return nil
		},
		text: func(c *C) string { return *field(c) },
	}
}

// List is a comma-separated list of texts. check is as for Text, and sees the whole list.
func List[C any](field func(*C) *[]string, allowed string, check func([]string) error) Value[C] {
	return Value[C]{Kind: "list", Allowed: allowed, bounds: allowed, sqlType: types.ArrayOf(types.Of(types.Varchar)),
		set: func(c *C, text string) error {
			list := splitList(text)
			if check != nil {
				if err := check(list); err != nil {
					return err
				}
			}
			*field(c) = list
			return nil
		},
		text: func(c *C) string { return strings.Join(*field(c), ",") },
	}
}
