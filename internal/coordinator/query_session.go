package coordinator

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// tellSession notes what connectors are told of the session. It is called when the session changes, before connectors are.
func (q *query) tellSession() {
	s := &q.req.Session
	q.session.Store(&connector.Session{QueryID: string(q.id), User: s.User, Source: s.Source, TimeZone: types.Zone(s.TimeZone), Start: q.created,
		Properties: s.Properties})
}

// catalogProperties describes the session properties of the catalogs.
func (c *Config) catalogProperties() []binder.SessionProperty {
	var out []binder.SessionProperty
	for _, catalog := range sortedKeys(c.Catalogs) {
		d, ok := c.Catalogs[catalog].(connector.SessionDescriber)
		if !ok {
			continue
		}
		for _, p := range d.SessionProperties() {
			out = append(out, binder.SessionProperty{Catalog: catalog, Name: p.Name, Type: p.Type.String(), Default: p.Default, Description: p.Description, Hidden: p.Hidden})
		}
	}
	return out
}

// catalogProperty finds the connector that has a session property, and its own name for it.
func (c *Config) catalogProperty(name string) (connector.SessionDescriber, string, error) {
	catalog, own, _ := strings.Cut(name, ".")
	conn, ok := c.Catalogs[catalog]
	if !ok {
		return nil, "", trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found", catalog)
	}
	if d, ok := conn.(connector.SessionDescriber); ok && slices.ContainsFunc(d.SessionProperties(), func(p config.SessionProperty) bool { return p.Name == own }) {
		return d, own, nil
	}
	return nil, "", trinoerr.New(trinoerr.InvalidSessionProperty, "Session property '%s' does not exist", name)
}

// checkCatalogProperty refuses a bad value of a catalog's property, which the client's session has.
func (c *Config) checkCatalogProperty(name, value string) error {
	d, own, err := c.catalogProperty(name)
	if err != nil {
		return err
	}
	if err = d.CheckSession(own, value); err != nil {
		e := *trinoerr.From(err)
		e.Msg = "Session property '" + name + "' is invalid: " + e.Msg
		return &e
	}
	return nil
}

// checkSet refuses what SET SESSION sets if it is bad.
func (c *Coordinator) checkSet(set *binder.SetSession) error {
	if set.Catalog == "" {
		_, err := c.settings(&protocol.Session{Properties: map[string]string{set.Name: set.Value}})
		return err
	}
	d, own, err := c.cfg.catalogProperty(set.FullName())
	if err != nil {
		return err
	}
	return d.CheckSession(own, set.Value)
}
