//go:build e2e

package e2e

import (
	"maps"
	"testing"

	"github.com/waterbear-sql/waterbear/test/servers"
)

// inPostgreSQL is the catalog file of a database.
func inPostgreSQL(p *servers.PostgreSQL) map[string]string {
	return map[string]string{"connector.name": "postgresql", "connection-url": p.URL, "connection-user": p.User, "connection-password": p.Password}
}

// inMariaDB is the catalog file of a server.
func inMariaDB(m *servers.MariaDB) map[string]string {
	return map[string]string{"connector.name": "mariadb", "connection-url": m.URL, "connection-user": m.User, "connection-password": m.Password}
}

// onS3 are the properties with which a lake's files lie in S3.
func onS3(s *servers.S3) map[string]string {
	return map[string]string{"fs.native-s3.enabled": "true", "s3.endpoint": s.URL, "s3.region": s.Region, "s3.path-style-access": "true",
		"s3.aws-access-key": s.AccessKey, "s3.aws-secret-key": s.SecretKey}
}

// icebergOnS3 is the catalog file of a lake in a bucket of its own, whose catalog is a database.
func icebergOnS3(t *testing.T, p *servers.PostgreSQL, s *servers.S3) map[string]string {
	out := onS3(s)
	maps.Copy(out, map[string]string{"connector.name": "iceberg", "iceberg.catalog.type": "jdbc", "iceberg.jdbc-catalog.driver-class": "org.postgresql.Driver",
		"iceberg.jdbc-catalog.connection-url": p.URL, "iceberg.jdbc-catalog.connection-user": p.User, "iceberg.jdbc-catalog.connection-password": p.Password,
		"iceberg.jdbc-catalog.catalog-name": "lake", "iceberg.jdbc-catalog.default-warehouse-dir": "s3://" + s.Bucket(t) + "/warehouse"})
	return out
}

// byMetastoreOnS3 is the catalog file of a lake in a bucket of its own, with a metastore of files there.
func byMetastoreOnS3(t *testing.T, connector string, s *servers.S3) map[string]string {
	out := onS3(s)
	maps.Copy(out, map[string]string{"connector.name": connector, "hive.metastore": "file", "hive.metastore.catalog.dir": "s3://" + s.Bucket(t) + "/metastore"})
	return out
}
