package system

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// filter is what a scan's constraint says about columns of names, so that no metadata is listed in vain.
type filter []connector.Domain

// allows reports whether rows with a name in a column can be of interest.
func (f filter) allows(column, name string) bool {
	for _, d := range f {
		if d.Column == column && !contains(d, name) {
			return false
		}
	}
	return true
}

// contains reports whether a domain may contain a text. What it cannot compare it contains.
func contains(d connector.Domain, name string) bool {
	if d.Values != nil {
		return slices.ContainsFunc(d.Values, func(v any) bool {
			s, isText := v.(string)
			return !isText || s == name
		})
	}
	above := func(b *connector.Bound, sign int) bool {
		if b == nil {
			return true
		}
		s, isText := b.Value.(string)
		switch {
		case !isText:
			return true
		case s == name:
			return b.Inclusive
		}
		return (sign < 0) == (s < name)
	}
	return above(d.Low, -1) && above(d.High, 1)
}
