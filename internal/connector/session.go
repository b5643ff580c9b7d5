package connector

import (
	"context"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Session is what a connector may know of the session of the statement for which it is called. It comes with the context of every
// call on the coordinator: those of metadata, pushdown, splits, the begin and the end of writes, procedures.
//
// Tasks have no session. What reading or writing has to know of it goes into the handle of the table, the split or the write, which
// is what a successor of the coordinator compares when it plans a query again.
type Session struct {
	QueryID      string
	User, Source string
	TimeZone     types.Zone
	Start        time.Time // of the statement: what current_timestamp is
	// Properties are the session properties that are set, as text, those of catalogs as "catalog.name".
	Properties map[string]string
}

type sessionKey struct{}

// WithSession returns a context for the calls on behalf of a statement. The session is asked for at each use: WITH SESSION changes it
// while the statement is being looked at.
func WithSession(ctx context.Context, session func() *Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, session)
}

// SessionOf is the session for which a connector is called; an empty one, never nil, if that is nobody's.
func SessionOf(ctx context.Context) *Session {
	if session, ok := ctx.Value(sessionKey{}).(func() *Session); ok {
		if s := session(); s != nil {
			return s
		}
	}
	return &Session{}
}

// SessionDescriber is a connector with session properties, which users see as catalog.name. Configured is one, and the way to be one
// is to embed it.
type SessionDescriber interface {
	// SessionProperties lists them by name. Defaults are what the catalog's configuration says.
	SessionProperties() []config.SessionProperty
	// CheckSession refuses unknown properties and bad values with INVALID_SESSION_PROPERTY. Names are without the catalog's.
	CheckSession(name, value string) error
}

// Configured is the settings of a catalog, of which sessions can change some: the properties of its table that have Session. One
// without a Name has no place in the file.
type Configured[C any] struct {
	catalog string
	table   *config.Table[C]
	file    C
}

// Configure reads a catalog file, as Properties does.
func Configure[C any](cfg CatalogConfig, table *config.Table[C]) (*Configured[C], error) {
	c, err := Properties(cfg, table)
	if err != nil {
		return nil, err
	}
	return &Configured[C]{cfg.Catalog, table, c}, nil
}

// Settings are those of the catalog file.
func (c *Configured[C]) Settings() C { return c.file }

// SettingsFor are those that hold in a call, with what its session has set.
func (c *Configured[C]) SettingsFor(ctx context.Context) C {
	out := c.file
	for name, value := range SessionOf(ctx).Properties {
		if own, ok := strings.CutPrefix(name, c.catalog+"."); ok {
			// The coordinator has checked the value before any call.
			_ = c.table.SetSession(&out, own, value)
		}
	}
	return out
}

// SessionProperties implements SessionDescriber.
func (c *Configured[C]) SessionProperties() []config.SessionProperty {
	return c.table.SessionProperties(&c.file)
}

// CheckSession implements SessionDescriber.
func (c *Configured[C]) CheckSession(name, value string) error {
	settings := c.file
	return c.table.SetSession(&settings, name, value)
}
