package mysql

import (
	"database/sql"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// security maps the drivers' values of sslMode to those of the driver in Go.
var security = map[string]string{
	"DISABLED": "false", "PREFERRED": "preferred", "REQUIRED": "skip-verify", "VERIFY_CA": "true", "VERIFY_IDENTITY": "true",
	"DISABLE": "false", "TRUST": "skip-verify", "VERIFY-CA": "true", "VERIFY-FULL": "true",
}

// ignored are parameters of the JDBC drivers that have no effect on what the connector does.
var ignored = map[string]bool{"useUnicode": true, "characterEncoding": true, "rewriteBatchedStatements": true, "useCursorFetch": true,
	"tinyInt1isBit": true, "useServerPrepStmts": true, "cachePrepStmts": true, "allowPublicKeyRetrieval": true, "useInformationSchema": true,
	"connectionCollation": true, "autoReconnect": true, "tcpKeepAlive": true}

// mode is the SQL mode of all sessions: texts have no escapes, and what does not fit into a column is an error.
const mode = "'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"

// Open reads the URL.
func (d Dialect) Open(s *jdbc.Settings) (*sql.DB, error) {
	cfg, err := d.config(s)
	if err != nil {
		return nil, err
	}
	c, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: %v", err)
	}
	return sql.OpenDB(c), nil
}

// config reads a URL like jdbc:mysql://host:port?parameter=value.
func (d Dialect) config(s *jdbc.Settings) (*driver.Config, error) {
	refuse := func(format string, args ...any) error {
		return trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: "+format, args...)
	}
	scheme := "mysql"
	if d.MariaDB {
		scheme = "mariadb"
	}
	rest, ok := strings.CutPrefix(s.URL, "jdbc:"+scheme+"://")
	if !ok {
		return nil, refuse("must begin with jdbc:%s://", scheme)
	}
	rest, query, _ := strings.Cut(rest, "?")
	address, database, _ := strings.Cut(rest, "/")
	if database != "" {
		return nil, refuse("must name no database: each is a schema of the catalog")
	}
	if strings.Contains(address, ",") {
		return nil, refuse("must name one server")
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "3306")
	}
	cfg := driver.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", address, s.User, s.Password
	cfg.TLSConfig, cfg.Timeout = "preferred", 10*time.Second
	cfg.DialFunc = dial
	cfg.ClientFoundRows = true // UPDATE counts rows, not changes
	cfg.Params = map[string]string{"sql_mode": mode, "time_zone": "'+00:00'"}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, refuse("%v", err)
	}
	for name := range values {
		value := values.Get(name)
		switch {
		case name == "sslMode":
			if cfg.TLSConfig = security[strings.ToUpper(value)]; cfg.TLSConfig == "" {
				return nil, refuse("sslMode cannot be '%s'", value)
			}
		case name == "useSSL" || name == "requireSSL":
			if value == "true" && cfg.TLSConfig == "preferred" {
				cfg.TLSConfig = "skip-verify"
			} else if value == "false" && name == "useSSL" {
				cfg.TLSConfig = "false"
			}
		case name == "user" && s.User == "":
			cfg.User = value
		case name == "password" && s.Password == "":
			cfg.Passwd = value
		case name == "connectTimeout" || name == "socketTimeout":
			millis, err := strconv.Atoi(value)
			if err != nil {
				return nil, refuse("%s must be a number of milliseconds", name)
			}
			if name == "connectTimeout" {
				cfg.Timeout = time.Duration(millis) * time.Millisecond
			} else {
				cfg.ReadTimeout, cfg.WriteTimeout = time.Duration(millis)*time.Millisecond, time.Duration(millis)*time.Millisecond
			}
		case name == "user" || name == "password" || ignored[name]:
		default:
			return nil, refuse("parameter '%s' is not supported", name)
		}
	}
	if err := cfg.Apply(driver.Charset("utf8mb4", "")); err != nil {
		return nil, refuse("%v", err)
	}
	return cfg, nil
}
