package client

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const headerUser = "X-Trino-User"

// Session is the state that the server wants to hear with each statement. The server changes it through the headers of
// its answers.
type Session struct {
	User       string
	Source     string
	Catalog    string
	Schema     string
	Path       string
	TimeZone   string
	ClientInfo string
	TraceToken string
	ClientTags []string

	Properties       map[string]string
	Prepared         map[string]string
	Roles            map[string]string
	ExtraCredentials map[string]string

	TransactionID string

	originalUser string // who logged in, while User is another after SET SESSION AUTHORIZATION
}

const capabilities = "PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION"

func (s *Session) headers() http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"User": s.User, "Original-User": s.originalUser, "Source": s.Source, "Catalog": s.Catalog, "Schema": s.Schema,
		"Path": s.Path, "Time-Zone": s.TimeZone, "Client-Info": s.ClientInfo, "Trace-Token": s.TraceToken,
		"Client-Tags": strings.Join(s.ClientTags, ","), "Client-Capabilities": capabilities,
	} {
		if value != "" {
			h.Set("X-Trino-"+name, value)
		}
	}
	addPairs(h, "X-Trino-Session", s.Properties)
	addPairs(h, "X-Trino-Prepared-Statement", s.Prepared)
	addPairs(h, "X-Trino-Role", s.Roles)
	addPairs(h, "X-Trino-Extra-Credential", s.ExtraCredentials)
	id := s.TransactionID
	if id == "" {
		id = "NONE"
	}
	h.Set("X-Trino-Transaction-Id", id)
	return h
}

func addPairs(h http.Header, header string, pairs map[string]string) {
	names := make([]string, 0, len(pairs))
	for name := range pairs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.Add(header, url.QueryEscape(name)+"="+url.QueryEscape(pairs[name]))
	}
}

// apply takes over the changes that an answer brings.
func (s *Session) apply(h http.Header) error {
	for name, field := range map[string]*string{
		"Set-Catalog": &s.Catalog, "Set-Schema": &s.Schema, "Set-Path": &s.Path, "Started-Transaction-Id": &s.TransactionID,
	} {
		if value := h.Get("X-Trino-" + name); value != "" {
			*field = value
		}
	}
	for name, pairs := range map[string]*map[string]string{
		"Set-Session": &s.Properties, "Set-Role": &s.Roles, "Added-Prepare": &s.Prepared,
	} {
		if err := setPairs(pairs, h.Values("X-Trino-"+name)); err != nil {
			return fmt.Errorf("header X-Trino-%s: %w", name, err)
		}
	}
	for _, name := range h.Values("X-Trino-Clear-Session") {
		delete(s.Properties, name)
	}
	for _, escaped := range h.Values("X-Trino-Deallocated-Prepare") {
		name, err := url.QueryUnescape(escaped)
		if err != nil {
			return fmt.Errorf("header X-Trino-Deallocated-Prepare: %w", err)
		}
		delete(s.Prepared, name)
	}
	if h.Get("X-Trino-Clear-Transaction-Id") != "" {
		s.TransactionID = ""
	}
	if user := h.Get("X-Trino-Set-Authorization-User"); user != "" {
		if s.originalUser == "" {
			s.originalUser = s.User
		}
		s.User = user
	}
	if h.Get("X-Trino-Reset-Authorization-User") != "" && s.originalUser != "" {
		s.User, s.originalUser = s.originalUser, ""
	}
	return nil
}

func setPairs(pairs *map[string]string, values []string) error {
	for _, item := range values {
		name, value, ok := strings.Cut(item, "=")
		if !ok {
			return fmt.Errorf("%q is no pair", item)
		}
		name, err := url.QueryUnescape(name)
		if err != nil {
			return err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return err
		}
		if *pairs == nil {
			*pairs = map[string]string{}
		}
		(*pairs)[name] = value
	}
	return nil
}
