package stages

import "github.com/waterbear-sql/waterbear/internal/plan"

// Placement says where the rows of a remote source are in a plan that is distributed again.
type Placement struct {
	// Hashed says that they are divided into the partitions of an exchange.
	Hashed bool
	// Keys are what they are divided by, position by position; nil is a key that no symbol holds.
	Keys []*plan.Symbol
}

// placed is the property of rows that are there already.
func (d *distributor) placed(n *plan.RemoteSource) property {
	if d.o.Placed == nil {
		return arbitrary
	}
	at := d.o.Placed(n)
	p := property{hashed: at.Hashed}
	for _, s := range at.Keys {
		var set []*plan.Symbol
		if s != nil {
			set = append(set, s)
		}
		p.keys = append(p.keys, set)
	}
	return p
}
