package binder

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// Env is what a statement is bound against.
type Env struct {
	Session  Session
	Catalogs Catalogs
	// SQL is the statement's text, which PREPARE keeps a part of.
	SQL string
	// Prepared are the session's prepared statements, as SQL text by name.
	Prepared map[string]string
	// Parameters are the values for the statement's ?, when it was not reached through EXECUTE.
	Parameters []ast.Expression
	// Properties describes the session properties that there are.
	Properties []SessionProperty
}

// Session is what a client's session says.
type Session struct {
	User, Source    string
	Catalog, Schema string // empty when not set
	Path            string
	// TimeZone is a zone's name or offset; empty means UTC.
	TimeZone string
	// Now is the statement's start: what current_timestamp is.
	Now time.Time
	// Properties are the values that the session sets, by name; those of catalogs as "catalog.name".
	Properties map[string]string
}

// Catalogs finds the metadata of catalogs. A catalog's optional abilities are found by type assertion on what Metadata returns.
type Catalogs interface {
	// Names lists the catalogs, sorted.
	Names() []string
	// Metadata returns the metadata of a catalog; nil when there is none of that name.
	Metadata(name string) connector.Metadata
}

// SessionProperty describes a session property, for SHOW SESSION and for checking SET SESSION. Type is "boolean", "bigint",
// "integer", "double" or "varchar".
type SessionProperty struct {
	Catalog     string // empty for a system property
	Name        string
	Type        string
	Default     string
	Description string
	Hidden      bool
}
