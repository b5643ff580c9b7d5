package postgresql

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// parameters are those of the JDBC driver that there are here, with what the driver in Go calls them; empty: they have no effect on what the
// connector does, and are accepted.
var parameters = map[string]string{
	"user": "user", "password": "password", "sslmode": "sslmode", "sslrootcert": "sslrootcert", "sslcert": "sslcert", "sslkey": "sslkey",
	"ApplicationName": "application_name", "currentSchema": "search_path", "connectTimeout": "connect_timeout", "options": "options",
	"targetServerType": "target_session_attrs", "ssl": "",
	"prepareThreshold": "", "preparedStatementCacheQueries": "", "defaultRowFetchSize": "", "tcpKeepAlive": "", "reWriteBatchedInserts": "",
	"loginTimeout": "", "socketTimeout": "", "assumeMinServerVersion": "", "binaryTransfer": "", "stringtype": "",
}

// sessionAttributes are the JDBC driver's names of what a server must be.
var sessionAttributes = map[string]string{"any": "any", "primary": "primary", "master": "primary", "secondary": "standby", "slave": "standby",
	"preferSecondary": "prefer-standby", "preferSlave": "prefer-standby"}

// ConnConfig reads a URL like jdbc:postgresql://host:port,host:port/database?parameter=value.
func ConnConfig(scheme string, port int, s *jdbc.Settings) (*pgx.ConnConfig, error) {
	refuse := func(format string, args ...any) error {
		return trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: "+format, args...)
	}
	rest, ok := strings.CutPrefix(s.URL, "jdbc:"+scheme+":")
	if !ok {
		return nil, refuse("must begin with jdbc:%s:", scheme)
	}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, database := "", strings.TrimPrefix(rest, "/")
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		hosts, database, _ = strings.Cut(after, "/")
	}
	settings := map[string]string{"application_name": "Waterbear"}
	if s.User != "" {
		settings["user"] = s.User
	}
	if s.Password != "" {
		settings["password"] = s.Password
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, refuse("%v", err)
	}
	for name := range values {
		value := values.Get(name)
		own, known := parameters[name]
		switch {
		case !known:
			return nil, refuse("parameter '%s' is not supported", name)
		case name == "ssl" && value != "false" && !values.Has("sslmode"):
			settings["sslmode"] = "verify-full"
		case name == "targetServerType":
			attribute, ok := sessionAttributes[value]
			if !ok {
				return nil, refuse("targetServerType cannot be '%s'", value)
			}
			settings[own] = attribute
		case own != "" && (s.User == "" || own != "user") && (s.Password == "" || own != "password"):
			settings[own] = value
		}
	}
	if settings["sslmode"] == "" {
		settings["sslmode"] = "prefer"
	}
	if database, err = url.PathUnescape(database); err != nil {
		return nil, refuse("%v", err)
	}
	if database != "" {
		settings["dbname"] = database
	}
	var names, ports []string
	for h := range strings.SplitSeq(hosts, ",") {
		host, p, err := net.SplitHostPort(h)
		if err != nil {
			host, p = strings.Trim(h, "[]"), fmt.Sprint(port)
		}
		if host == "" {
			host = "localhost"
		}
		names, ports = append(names, host), append(ports, p)
	}
	settings["host"], settings["port"] = strings.Join(names, ","), strings.Join(ports, ",")
	var words []string
	for name, value := range settings {
		words = append(words, name+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
	}
	cfg, err := pgx.ParseConfig(strings.Join(words, " "))
	if err != nil {
		return nil, refuse("%v", err)
	}
	// What an answer means must not depend on the server's settings.
	for name, value := range map[string]string{"timezone": "UTC", "datestyle": "ISO", "standard_conforming_strings": "on", "extra_float_digits": "3",
		"bytea_output": "hex", "intervalstyle": "postgres"} {
		cfg.RuntimeParams[name] = value
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // works behind connection poolers
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second // the JDBC driver's
	}
	return cfg, nil
}
