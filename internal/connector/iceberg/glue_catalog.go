package iceberg

import (
	"context"

	"github.com/apache/iceberg-go/catalog"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector/iceberg/glue"
)

// glueProperties are Trino's properties of Glue that are about tables whose metadata is elsewhere.
func glueProperties() []config.Property[settings] {
	const prefix = "hive.metastore.glue."
	of := func(field func(*glue.Config) *string) func(*settings) *string {
		return func(s *settings) *string { return field(&s.glue) }
	}
	return []config.Property[settings]{
		{Name: prefix + "region", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.Region }), "a region such as eu-central-1"),
			Doc: "AWS region of the Glue Data Catalog. Without it the region of the environment is used."},
		{Name: prefix + "endpoint-url", UsedBy: usedBy, Value: config.Text(of(func(g *glue.Config) *string { return &g.Endpoint }), "a URI", checkURI),
			Doc: "Where Glue is, if not where AWS has it."},
		{Name: prefix + "sts.region", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.STSRegion }), "a region"),
			Doc: "AWS region of the service that the role is asked of."},
		{Name: prefix + "sts.endpoint", UsedBy: usedBy, Value: config.Text(of(func(g *glue.Config) *string { return &g.STSEndpoint }), "a URI", checkURI),
			Doc: "Where that service is, if not where AWS has it."},
		{Name: prefix + "iam-role", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.Role }), "an ARN"),
			Doc: "The role to take on for Glue."},
		{Name: prefix + "external-id", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.ExternalID }), "a text"),
			Doc: "The external id that the role's trust policy asks for."},
		{Name: prefix + "aws-access-key", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.AccessKey }), "an access key"),
			Doc: "AWS access key for Glue. Without it AWS's usual sources of credentials are used."},
		{Name: prefix + "aws-secret-key", UsedBy: usedBy, Secret: true, Value: text(of(func(g *glue.Config) *string { return &g.SecretKey }), "a secret key"),
			Doc: "AWS secret key for Glue."},
		{Name: prefix + "catalogid", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.CatalogID }), "an id"),
			Doc: "Id of the Glue Data Catalog; by default that of the account."},
		{Name: prefix + "default-warehouse-dir", UsedBy: usedBy, Value: text(of(func(g *glue.Config) *string { return &g.Warehouse }), "a location"),
			Doc: "Where schemas lie that have no location."},
		{Name: prefix + "max-connections", Default: "30", UsedBy: usedBy,
			Value: config.Int(func(s *settings) *int { return &s.glue.Connections }, 1, 1000), Doc: "Most connections to Glue at a time."},
		{Name: prefix + "max-error-retries", Default: "10", UsedBy: usedBy,
			Value: config.Int(func(s *settings) *int { return &s.glue.Retries }, 0, 1000), Doc: "How often a request to Glue is tried again."},
		{Name: prefix + "skip-archive", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(s *settings) *bool { return &s.glue.SkipArchive }),
			Doc:   "Whether Glue keeps no earlier version of a table when it is changed."},
	}
}

// glueUnsupported are Trino's other properties of Glue.
var glueUnsupported = []config.Defunct{
	{Name: "hive.metastore.glue.pin-client-to-current-region", Use: "set 'hive.metastore.glue.region'"},
	{Name: "hive.metastore.glue.use-web-identity-token-credentials-provider", Use: "web identity tokens are found in the environment; it can be removed"},
	{Name: "hive.metastore.glue.partitions-segments", Use: "Iceberg tables have no partitions in Glue; it can be removed"},
	{Name: "hive.metastore.glue.threads", Use: "tables are not listed in parallel; it can be removed"},
	{Name: "hive.metastore.glue.assume-canonical-partition-keys", Use: "Iceberg tables have no partitions in Glue; it can be removed"},
	{Name: "iceberg.glue.cache-table-metadata", Use: "columns are read from Iceberg's metadata; it can be removed"},
}

func checkGlue(s *glue.Config) error {
	bad := func(property, needs string) error {
		return &config.PropertyError{Property: "hive.metastore.glue." + property, Msg: "'hive.metastore.glue." + needs + "' must be set with it"}
	}
	switch {
	case s.AccessKey != "" && s.SecretKey == "":
		return bad("aws-access-key", "aws-secret-key")
	case s.AccessKey == "" && s.SecretKey != "":
		return bad("aws-secret-key", "aws-access-key")
	case s.Role == "" && s.ExternalID != "":
		return bad("external-id", "iam-role")
	case s.Role == "" && s.STSRegion != "":
		return bad("sts.region", "iam-role")
	case s.Role == "" && s.STSEndpoint != "":
		return bad("sts.endpoint", "iam-role")
	}
	return nil
}

func (c *Connector) openGlue(ctx context.Context) (catalog.Catalog, func() error, error) {
	return glue.Open(ctx, c.glue, c.ioProperties(nil))
}
