// Package mariadb is the connector to MariaDB. It differs from that to MySQL in its URL and in some types.
package mariadb

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
)

// Factory makes the connectors of catalogs with connector.name=mariadb.
var Factory = connector.Factory{Name: "mariadb", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, mysql.Dialect{MariaDB: true})
}}

var properties = jdbc.Table("MariaDB connector")
