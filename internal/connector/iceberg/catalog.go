package iceberg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/hadoop"
	"github.com/apache/iceberg-go/catalog/rest"
	sqlcat "github.com/apache/iceberg-go/catalog/sql"
	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// lazyCatalog opens a catalog when it is first needed, and again after a failure.
type lazyCatalog struct {
	open func(ctx context.Context) (catalog.Catalog, func() error, error)

	mu      sync.Mutex
	catalog catalog.Catalog
	release func() error
}

func (l *lazyCatalog) get(ctx context.Context) (catalog.Catalog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.catalog != nil {
		return l.catalog, nil
	}
	c, release, err := l.open(ctx)
	if err != nil {
		return nil, catalogError(err, "open the catalog")
	}
	l.catalog, l.release = c, release
	return c, nil
}

func (l *lazyCatalog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.catalog == nil {
		return nil
	}
	release := l.release
	l.catalog, l.release = nil, nil
	return release()
}

// openCatalog opens the catalog that the settings name, and returns what closes it.
func openCatalog(ctx context.Context, c *Connector) (catalog.Catalog, func() error, error) {
	switch c.catalogType {
	case restCatalog:
		return c.openREST(ctx)
	case jdbcCatalog:
		return c.openJDBC()
	case hiveMetastore:
		return c.openHive()
	case glueMetastore:
		return c.openGlue(ctx)
	default:
		cat, err := hadoop.NewCatalog(c.name, c.hadoopDir, c.ioProperties(nil))
		if err != nil {
			return nil, nil, err
		}
		return cat, cat.Close, nil
	}
}

// ioProperties are properties of a catalog, with the one by which its files are found in this connector's storage.
func (c *Connector) ioProperties(p iceberg.Properties) iceberg.Properties {
	out := iceberg.Properties{storageKey: c.storage.token}
	for k, v := range p {
		out[k] = v
	}
	return out
}

func (c *Connector) openREST(ctx context.Context) (catalog.Catalog, func() error, error) {
	opts := []rest.Option{rest.WithAdditionalProps(c.ioProperties(nil))}
	if c.rest.warehouse != "" {
		opts = append(opts, rest.WithWarehouseLocation(c.rest.warehouse))
	}
	if c.rest.prefix != "" {
		opts = append(opts, rest.WithPrefix(c.rest.prefix))
	}
	if c.rest.security == "OAUTH2" {
		opts = append(opts, rest.WithOAuthToken(c.rest.token), rest.WithCredential(c.rest.credential), rest.WithScope(c.rest.scope))
		if c.rest.oauth != "" {
			u, err := url.Parse(c.rest.oauth)
			if err != nil {
				return nil, nil, err
			}
			opts = append(opts, rest.WithAuthURI(u))
		}
	}
	cat, err := rest.NewCatalog(ctx, c.name, c.rest.uri, opts...)
	if err != nil {
		return nil, nil, err
	}
	return cat, cat.Close, nil
}

func (c *Connector) openJDBC() (catalog.Catalog, func() error, error) {
	db, dialect, err := openDatabase(&c.jdbc)
	if err != nil {
		return nil, nil, err
	}
	cat, err := sqlcat.NewCatalog(c.jdbc.name, db, dialect, c.ioProperties(iceberg.Properties{
		"warehouse": c.jdbc.warehouse, sqlcat.SchemaVersionKey: c.jdbc.version}))
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return cat, func() error { return errors.Join(cat.Close(), db.Close()) }, nil
}

// jdbcKinds are the kinds of databases by what JDBC URLs call them.
var jdbcKinds = map[string]struct {
	driver, class string
	dialect       sqlcat.SupportedDialect
}{
	"postgresql": {"pgx", "org.postgresql.Driver", sqlcat.Postgres},
	"mysql":      {"mysql", "com.mysql.cj.jdbc.Driver", sqlcat.MySQL},
	"sqlite":     {"sqlite", "org.sqlite.JDBC", sqlcat.SQLite},
}

// checkJDBC checks that a JDBC URL is of a kind that can be opened.
func checkJDBC(text string) error {
	_, err := dataSource(text, "", "")
	return err
}

func openDatabase(s *jdbcSettings) (*sql.DB, sqlcat.SupportedDialect, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(s.url, "jdbc:"), ":")
	kind := jdbcKinds[name]
	if s.driver != "" && s.driver != kind.class {
		return nil, "", trinoerr.New(trinoerr.ConfigurationInvalid, "the driver %s does not open %s", s.driver, s.url)
	}
	source, err := dataSource(s.url, s.user, s.password)
	if err != nil {
		return nil, "", err
	}
	db, err := sql.Open(kind.driver, source)
	if err != nil {
		return nil, "", err
	}
	if kind.driver == "sqlite" {
		db.SetMaxOpenConns(1) // it locks the whole file
	} else {
		db.SetMaxOpenConns(8)
	}
	return db, kind.dialect, nil
}

// dataSource turns a JDBC URL into what the Go driver of the database wants.
func dataSource(text, user, password string) (string, error) {
	rest, ok := strings.CutPrefix(text, "jdbc:")
	name, address, found := strings.Cut(rest, ":")
	if kind := jdbcKinds[name]; !ok || !found || kind.driver == "" {
		return "", fmt.Errorf("'%s' is not a URL of a database that can be a catalog", text)
	}
	if name == "sqlite" {
		return "file:" + strings.TrimPrefix(address, "file:") + "?_pragma=busy_timeout(10000)", nil
	}
	u, err := url.Parse(rest)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("'%s' is not a URL of a database that can be a catalog", text)
	}
	if name == "mysql" {
		cfg := mysql.NewConfig()
		cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = user, password, "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		if u.Port() == "" {
			cfg.Addr += ":3306"
		}
		return cfg.FormatDSN(), nil
	}
	u.Scheme = "postgres"
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String(), nil
}

// catalogError words an error of a catalog.
func catalogError(err error, what string, args ...any) error {
	var typed *trinoerr.Error
	if err == nil || errors.As(err, &typed) {
		return err
	}
	return trinoerr.Wrap(err, trinoerr.IcebergCatalogError, "Failed to "+what, args...)
}
