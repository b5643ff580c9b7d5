package hive

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
)

// satisfies reports whether a table partition can have rows that satisfy a constraint.
func (p *partition) satisfies(t *table, constraint []connector.Domain) bool {
	for _, d := range constraint {
		for i, c := range t.partitionColumns {
			if c.Name != d.Column {
				continue
			}
			if v := p.values[i]; v == nil && !d.NullAllowed || v != nil && !lake.Allowed(d, v, v) {
				return false
			}
		}
	}
	return true
}
