package config

import (
	"errors"
	"slices"
	"strings"
)

// SessionProperties lists the properties of a table that sessions can change, by name, with the values of c as defaults.
func (t *Table[C]) SessionProperties(c *C) []SessionProperty {
	var list []SessionProperty
	for i := range t.Properties {
		p := &t.Properties[i]
		if p.Session == nil {
			continue
		}
		row := SessionProperty{Name: p.Session.Name, Default: p.Value.text(c), Type: p.Value.sqlType,
			Description: p.Session.Description, Hidden: p.Session.Hidden}
		if row.Description == "" {
			row.Description = p.Doc
		}
		list = append(list, row)
	}
	slices.SortFunc(list, func(a, b SessionProperty) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// SetSession changes a property in c, as a session does. Errors are Trino's INVALID_SESSION_PROPERTY.
func (t *Table[C]) SetSession(c *C, name, text string) error {
	p := t.sessionProperty(name)
	if p == nil {
		return unknownSession(name)
	}
	err := p.Value.set(c, text)
	reason := rangeError("")
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reason):
		if p.Session.outOfRange != "" {
			reason = rangeError(p.Session.outOfRange)
		}
		return invalidSession("%s must be %s", p.Session.Name, string(reason))
	}
	return invalidSession("%v", err)
}

// sessionProperty finds a property by its name in sessions.
func (t *Table[C]) sessionProperty(name string) *Property[C] {
	for i := range t.Properties {
		if p := &t.Properties[i]; p.Session != nil && p.Session.Name == name {
			return p
		}
	}
	return nil
}
