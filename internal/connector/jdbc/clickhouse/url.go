package clickhouse

import (
	"cmp"
	"crypto/tls"
	"database/sql"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// session are the settings of all statements: joins and aggregations give NULL where there is nothing, new columns can have NULLs, and conversions of values that do not
// fit fail.
var session = driver.Settings{"join_use_nulls": 1, "aggregate_functions_null_for_empty": 1, "data_type_default_nullable": 1, "date_time_overflow_behavior": "throw", "prefer_column_name_to_alias": 1,
	"max_query_size": 4 << 20, "max_ast_elements": 1_000_000, "max_expanded_ast_elements": 1_000_000, "alter_sync": 2, "mutations_sync": 2}

// ignored are parameters of the JDBC driver that have no effect on what the connector does.
var ignored = map[string]bool{"compress": true, "decompress": true, "client_name": true, "product_name": true, "use_server_time_zone": true,
	"use_server_time_zone_for_dates": true, "connection_pool_enabled": true, "max_open_connections": true}

// Open reads the URL.
func (Dialect) Open(s *jdbc.Settings) (*sql.DB, error) {
	options, err := options(s)
	if err != nil {
		return nil, err
	}
	return driver.OpenDB(options), nil
}

// options reads a URL like jdbc:clickhouse://host:port/?parameter=value.
func options(s *jdbc.Settings) (*driver.Options, error) {
	refuse := func(format string, args ...any) error {
		return trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: "+format, args...)
	}
	rest, ok := strings.CutPrefix(s.URL, "jdbc:clickhouse:")
	if short, isShort := strings.CutPrefix(s.URL, "jdbc:ch:"); isShort {
		rest, ok = short, true
	}
	if !ok {
		return nil, refuse("must begin with jdbc:clickhouse: or jdbc:ch:")
	}
	secure := false
	switch scheme, after, _ := strings.Cut(rest, "//"); strings.ToLower(scheme) {
	case "https:":
		secure, rest = true, after
	case "", "http:":
		rest = after
	default:
		return nil, refuse("only the protocols http and https are supported, not '%s'", strings.TrimSuffix(scheme, ":"))
	}
	rest, query, _ := strings.Cut(rest, "?")
	address, database, _ := strings.Cut(rest, "/")
	if address == "" || strings.ContainsAny(address, ",@") {
		return nil, refuse("must name one server")
	}
	if database != "" && database != "default" {
		return nil, refuse("must name no database: each is a schema of the catalog")
	}
	o := &driver.Options{Protocol: driver.HTTP, Settings: session, DialTimeout: 10 * time.Second, ReadTimeout: 24 * time.Hour,
		MaxOpenConns: s.PoolSize, MaxIdleConns: s.PoolSize, Auth: driver.Auth{Username: s.User, Password: s.Password}}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, refuse("%v", err)
	}
	strict := true
	for name := range values {
		value := values.Get(name)
		switch {
		case name == "ssl":
			secure = secure || value == "true" || value == "1"
		case name == "sslmode":
			secure = true
			if strict = strings.EqualFold(value, "strict"); !strict && !strings.EqualFold(value, "none") {
				return nil, refuse("sslmode cannot be '%s'", value)
			}
		case name == "user":
			o.Auth.Username = cmp.Or(s.User, value)
		case name == "password":
			o.Auth.Password = cmp.Or(s.Password, value)
		case name == "connect_timeout" || name == "connection_timeout" || name == "socket_timeout":
			millis, err := strconv.Atoi(value)
			if err != nil || millis <= 0 {
				return nil, refuse("%s must be a number of milliseconds", name)
			}
			if name == "socket_timeout" {
				o.ReadTimeout = time.Duration(millis) * time.Millisecond
			} else {
				o.DialTimeout = time.Duration(millis) * time.Millisecond
			}
		case ignored[name]:
		default:
			return nil, refuse("parameter '%s' is not supported", name)
		}
	}
	port := "8123"
	if secure {
		port = "8443"
		o.TLS = &tls.Config{InsecureSkipVerify: !strict} //nolint:gosec // the user has asked for it
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), port)
	}
	o.Addr = []string{address}
	return o, nil
}
