package sqlserver

import (
	"database/sql"
	"net/url"
	"strconv"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// parameters are those of the JDBC driver's URLs, in lower case, with the names that the driver in Go has for them.
var parameters = map[string]string{
	"databasename": "database", "database": "database", "encrypt": "encrypt", "trustservercertificate": "TrustServerCertificate",
	"hostnameincertificate": "hostNameInCertificate", "logintimeout": "dial timeout", "applicationname": "app name", "applicationintent": "ApplicationIntent",
	"multisubnetfailover": "MultiSubnetFailover", "packetsize": "packet size", "failoverpartner": "failoverpartner", "workstationid": "Workstation ID",
	"servercertificate": "certificate",
}

// ignored are parameters that have no effect on what the connector does.
var ignored = map[string]bool{"sendstringparametersasunicode": true, "selectmethod": true, "responsebuffering": true}

// Open reads the URL.
func (Dialect) Open(s *jdbc.Settings) (*sql.DB, error) {
	dsn, err := source(s)
	if err != nil {
		return nil, err
	}
	c, err := mssql.NewConnector(dsn)
	if err != nil {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: %v", err)
	}
	return sql.OpenDB(c), nil
}

// source makes the driver's URL of one like jdbc:sqlserver://host:port;databaseName=name;encrypt=false.
func source(s *jdbc.Settings) (string, error) {
	refuse := func(format string, args ...any) (string, error) {
		return "", trinoerr.New(trinoerr.ConfigurationInvalid, "connection-url: "+format, args...)
	}
	rest, ok := strings.CutPrefix(s.URL, "jdbc:sqlserver://")
	if !ok {
		return refuse("must begin with jdbc:sqlserver://")
	}
	if s.BatchSize > maxRows {
		return "", trinoerr.New(trinoerr.ConfigurationInvalid, "write.batch-size: SQL Server takes at most %d rows in a statement", maxRows)
	}
	address, options, _ := strings.Cut(rest, ";")
	host, instance, _ := strings.Cut(address, `\`)
	out := url.URL{Scheme: "sqlserver", Host: host, Path: instance}
	if instance != "" {
		name, port, found := strings.Cut(instance, ":")
		out.Path = name
		if found {
			out.Host = host + ":" + port
		}
	}
	query := url.Values{"encrypt": {"true"}} // the JDBC driver's default
	user, password := s.User, s.Password
	for pair := range strings.SplitSeq(options, ";") {
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return refuse("'%s' has no value", pair)
		}
		lower := strings.ToLower(name)
		value = strings.TrimSuffix(strings.TrimPrefix(value, "{"), "}")
		switch {
		case lower == "user" || lower == "username":
			if user == "" {
				user = value
			}
		case lower == "password":
			if password == "" {
				password = value
			}
		case lower == "port" || lower == "portnumber":
			if _, err := strconv.ParseUint(value, 10, 16); err != nil {
				return refuse("'%s' is not a port", value)
			}
			out.Host += ":" + value
		case lower == "instancename":
			out.Path = value
		case parameters[lower] != "":
			query.Set(parameters[lower], value)
		case ignored[lower]:
		default:
			return refuse("parameter '%s' is not supported", name)
		}
	}
	if user != "" {
		out.User = url.UserPassword(user, password)
	}
	out.RawQuery = query.Encode()
	return out.String(), nil
}

// maxRows is how many rows an INSERT may have.
const maxRows = 1000
