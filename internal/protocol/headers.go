package protocol

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// The request headers of the protocol.
const (
	headerUser             = "X-Trino-User"
	headerOriginalUser     = "X-Trino-Original-User"
	headerSource           = "X-Trino-Source"
	headerCatalog          = "X-Trino-Catalog"
	headerSchema           = "X-Trino-Schema"
	headerPath             = "X-Trino-Path"
	headerTimeZone         = "X-Trino-Time-Zone"
	headerLanguage         = "X-Trino-Language"
	headerTraceToken       = "X-Trino-Trace-Token"
	headerSession          = "X-Trino-Session"
	headerRole             = "X-Trino-Role"
	headerPrepared         = "X-Trino-Prepared-Statement"
	headerTransaction      = "X-Trino-Transaction-Id"
	headerClientInfo       = "X-Trino-Client-Info"
	headerClientTags       = "X-Trino-Client-Tags"
	headerCapabilities     = "X-Trino-Client-Capabilities"
	headerResourceEstimate = "X-Trino-Resource-Estimate"
	headerExtraCredential  = "X-Trino-Extra-Credential"
	headerQueryEncoding    = "X-Trino-Query-Data-Encoding"
)

// A requestError is a request that is refused before it becomes a query; the client sees the status and the text.
type requestError struct {
	status int
	text   string
}

func (e *requestError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// parseSession reads the session from the headers of a request, with Trino's rules: lists are divided by commas, over
// any number of header lines; values of properties are URL-encoded.
func parseSession(r *http.Request) (Session, error) {
	h := r.Header
	s := Session{
		Source:            strings.TrimSpace(h.Get(headerSource)),
		Catalog:           strings.TrimSpace(h.Get(headerCatalog)),
		Schema:            strings.TrimSpace(h.Get(headerSchema)),
		Path:              strings.TrimSpace(h.Get(headerPath)),
		TimeZone:          strings.TrimSpace(h.Get(headerTimeZone)),
		Language:          strings.TrimSpace(h.Get(headerLanguage)),
		ClientInfo:        strings.TrimSpace(h.Get(headerClientInfo)),
		TraceToken:        strings.TrimSpace(h.Get(headerTraceToken)),
		QueryDataEncoding: strings.TrimSpace(h.Get(headerQueryEncoding)),
		ClientTags:        splitList(h, headerClientTags),
		Capabilities:      splitList(h, headerCapabilities),
		UserAgent:         r.UserAgent(),
		RemoteAddress:     remoteHost(r.RemoteAddr),
	}
	if err := authenticate(r, &s); err != nil {
		return Session{}, err
	}
	if s.Schema != "" && s.Catalog == "" {
		return Session{}, badRequest("Schema is set but catalog is not")
	}
	for _, parse := range []func(http.Header, *Session) error{
		parseProperties, parseRoles, parsePrepared, parseTransaction, parseCredentials, parseEstimates,
	} {
		if err := parse(h, &s); err != nil {
			return Session{}, err
		}
	}
	return s, nil
}

// authenticate finds the user: the name in the headers, or that of Basic authentication. Without TLS a password would
// travel in clear text, and is refused.
func authenticate(r *http.Request, s *Session) error {
	user, password, basic := r.BasicAuth()
	if basic && password != "" && r.TLS == nil {
		return &requestError{http.StatusUnauthorized, "Password not allowed for insecure authentication"}
	}
	s.User = strings.TrimSpace(r.Header.Get(headerUser))
	s.OriginalUser = strings.TrimSpace(r.Header.Get(headerOriginalUser))
	s.Password = password
	if s.OriginalUser == "" && basic {
		s.OriginalUser = user
	}
	switch {
	case s.User == "" && s.OriginalUser == "":
		return &requestError{http.StatusUnauthorized,
			"Basic authentication or X-Trino-Original-User or X-Trino-User must be sent"}
	case s.User == "":
		s.User = s.OriginalUser
	case s.OriginalUser == "":
		s.OriginalUser = s.User
	}
	return nil
}

func parseProperties(h http.Header, s *Session) error {
	properties, err := parsePairs(h, headerSession)
	for name := range properties {
		catalog, property, qualified := strings.Cut(name, ".")
		if catalog == "" || qualified && property == "" {
			return badRequest("Invalid %s header", headerSession)
		}
	}
	s.Properties = properties
	return err
}

var rolePattern = regexp.MustCompile(`^(ROLE|ALL|NONE)(?:\{(.+)\})?$`)

func parseRoles(h http.Header, s *Session) error {
	pairs, err := parsePairs(h, headerRole)
	if err != nil {
		return err
	}
	s.Roles = make(map[string]Role, len(pairs))
	for catalog, text := range pairs {
		m := rolePattern.FindStringSubmatch(text)
		if m == nil || (m[1] == "ROLE") != (m[2] != "") {
			return badRequest("Invalid %s header", headerRole)
		}
		s.Roles[catalog] = Role{Kind: m[1], Name: m[2]}
	}
	return nil
}

func parsePrepared(h http.Header, s *Session) error {
	pairs, err := parsePairs(h, headerPrepared)
	if err != nil {
		return err
	}
	s.Prepared = make(map[string]string, len(pairs))
	for key, text := range pairs {
		name, err := url.QueryUnescape(key)
		if err != nil {
			return badRequest("Invalid %s header: %v", headerPrepared, err)
		}
		s.Prepared[name] = text
	}
	return nil
}

func parseTransaction(h http.Header, s *Session) error {
	id := strings.TrimSpace(h.Get(headerTransaction))
	if id == "" {
		return nil
	}
	s.ClientTransactions = true
	if strings.EqualFold(id, "NONE") {
		return nil
	}
	if _, err := uuid.Parse(id); err != nil {
		return badRequest("Invalid UUID string: %s", id)
	}
	s.TransactionID = id
	return nil
}

func parseCredentials(h http.Header, s *Session) (err error) {
	s.ExtraCredentials, err = parsePairs(h, headerExtraCredential)
	for name := range s.ExtraCredentials {
		if strings.HasPrefix(name, "internal$") {
			return badRequest("Invalid extra credential name: %s", name)
		}
	}
	return err
}

var (
	durationPattern = regexp.MustCompile(`^\s*\d+(?:\.\d+)?\s*(ns|us|ms|s|m|h|d)\s*$`)
	dataSizePattern = regexp.MustCompile(`^\s*\d+(?:\.\d+)?\s*(B|kB|MB|GB|TB|PB|EB)\s*$`)
)

// estimates are the resources that a client may estimate, with the form of their values.
var estimates = map[string]*regexp.Regexp{
	"EXECUTION_TIME": durationPattern,
	"CPU_TIME":       durationPattern,
	"PEAK_MEMORY":    dataSizePattern,
}

func parseEstimates(h http.Header, s *Session) error {
	pairs, err := parsePairs(h, headerResourceEstimate)
	if err != nil {
		return err
	}
	s.ResourceEstimates = make(map[string]string, len(pairs))
	for name, value := range pairs {
		form, ok := estimates[strings.ToUpper(name)]
		if !ok {
			return badRequest("Unsupported resource name %s", name)
		}
		if !form.MatchString(value) {
			return badRequest("Unsupported format for resource estimate '%s'", value)
		}
		s.ResourceEstimates[strings.ToUpper(name)] = value
	}
	return nil
}

// parsePairs reads a header of the form name=value,name=value with URL-encoded values.
func parsePairs(h http.Header, header string) (map[string]string, error) {
	pairs := map[string]string{}
	for _, item := range splitList(h, header) {
		key, value, ok := strings.Cut(item, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" || strings.Contains(value, "=") {
			return nil, badRequest("Invalid %s header", header)
		}
		decoded, err := url.QueryUnescape(strings.TrimSpace(value))
		if err != nil {
			return nil, badRequest("Invalid %s header: %v", header, err)
		}
		pairs[key] = decoded
	}
	return pairs, nil
}

// splitList reads a header of comma-separated items, over all its lines.
func splitList(h http.Header, header string) []string {
	var items []string
	for _, line := range h.Values(header) {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}

func remoteHost(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}
