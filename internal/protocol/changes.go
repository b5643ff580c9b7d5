package protocol

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// write puts the session changes into the response headers, from which the client takes them over.
func (c *SessionChanges) write(h http.Header) {
	if c == nil {
		return
	}
	set := func(name, value string) {
		if value != "" {
			h.Set("X-Trino-"+name, value)
		}
	}
	set("Set-Catalog", c.SetCatalog)
	set("Set-Schema", c.SetSchema)
	if c.SetPath != nil {
		h.Set("X-Trino-Set-Path", *c.SetPath)
	}
	for _, name := range sortedKeys(c.SetProperties) {
		h.Add("X-Trino-Set-Session", name+"="+urlEncode(c.SetProperties[name]))
	}
	for _, name := range c.ClearProperties {
		h.Add("X-Trino-Clear-Session", name)
	}
	for _, catalog := range sortedKeys(c.SetRoles) {
		h.Add("X-Trino-Set-Role", catalog+"="+urlEncode(c.SetRoles[catalog].String()))
	}
	for _, name := range sortedKeys(c.AddedPrepared) {
		h.Add("X-Trino-Added-Prepare", urlEncode(name)+"="+urlEncode(c.AddedPrepared[name]))
	}
	for _, name := range c.DeallocatedPrepared {
		h.Add("X-Trino-Deallocated-Prepare", urlEncode(name))
	}
	set("Started-Transaction-Id", c.StartedTransaction)
	if c.ClearedTransaction {
		h.Set("X-Trino-Clear-Transaction-Id", "true")
	}
	set("Set-Authorization-User", c.SetAuthorization)
	if c.ResetAuthorization {
		h.Set("X-Trino-Reset-Authorization-User", "true")
	}
}

// String returns the role as the headers write it: ROLE{name}, ALL or NONE.
func (r Role) String() string {
	if r.Kind == "ROLE" {
		return "ROLE{" + r.Name + "}"
	}
	return r.Kind
}

// urlEncode encodes like Java's URLEncoder, which differs from Go's QueryEscape in two characters.
func urlEncode(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
