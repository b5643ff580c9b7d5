package direct

import "github.com/waterbear-sql/waterbear/internal/exchange/store"

// Own gives the store on a node's own disk the URI by which other nodes read it, so that handles of what is written there
// mean the same everywhere.
func Own(disk store.Store, uri string) store.Store { return own{disk, uri} }

type own struct {
	store.Store
	uri string
}

// URI implements store.Store.
func (o own) URI() string { return o.uri }
