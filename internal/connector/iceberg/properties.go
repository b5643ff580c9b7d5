package iceberg

import (
	"context"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Properties of tables in statements, and in Iceberg's metadata.
const (
	propFormat       = "format"
	propVersion      = "format_version"
	propLocation     = "location"
	propPartitioning = "partitioning"
	propRetries      = "max_commit_retry"

	propComment       = "comment"
	propDefaultFormat = "write.format.default"
	propCommitRetries = "commit.retry.num-retries"
)

const parquetFormat = "PARQUET"

// TableProperties are those of Trino's that have a meaning for Parquet files.
func (c *Connector) TableProperties() []connector.Property {
	varchar := types.Of(types.Varchar)
	return []connector.Property{
		{Name: propFormat, Type: varchar, Default: parquetFormat, Description: "File format for the table"},
		{Name: propVersion, Type: types.Of(types.BigInt), Default: int64(c.formatVersion), Description: "Iceberg table format version"},
		{Name: propLocation, Type: varchar, Description: "File system location URI for the table"},
		{Name: propPartitioning, Type: types.ArrayOf(varchar), Default: []string{}, Description: "Partition transforms"},
		{Name: propRetries, Type: types.Of(types.BigInt), Description: "Number of times to retry a commit before failing"},
	}
}

// SchemaProperties is the location.
func (c *Connector) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: propLocation, Type: types.Of(types.Varchar), Description: "Base file system location URI"}}
}

// tableProperties are the properties of a table as SHOW CREATE TABLE prints them.
func tableProperties(t *table.Table) map[string]any {
	out := map[string]any{
		propFormat:   strings.ToUpper(t.Properties().Get(propDefaultFormat, "parquet")),
		propVersion:  int64(t.Metadata().Version()),
		propLocation: t.Location(),
	}
	if p := partitioning(t.Spec(), t.Schema()); len(p) > 0 {
		out[propPartitioning] = p
	}
	if n, err := strconv.ParseInt(t.Properties()[propCommitRetries], 10, 64); err == nil {
		out[propRetries] = n
	}
	return out
}

// newProperties are the properties in the metadata of a table that a statement makes.
func (c *Connector) newProperties(ctx context.Context, t *connector.Table) (iceberg.Properties, error) {
	out := iceberg.Properties{propDefaultFormat: "parquet"}
	version := int64(c.formatVersion)
	if v, ok := t.Properties[propVersion].(int64); ok {
		version = v
	}
	if version < 1 || version > maxFormatVersion {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, "%s must be between 1 and %d", propVersion, maxFormatVersion)
	}
	out[table.PropertyFormatVersion] = strconv.FormatInt(version, 10)
	if f, ok := t.Properties[propFormat].(string); ok {
		if err := checkFormat(f); err != nil {
			return nil, err
		}
	}
	if n, ok := t.Properties[propRetries].(int64); ok {
		if n < 0 {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "%s must be greater than or equal to 0", propRetries)
		}
		out[propCommitRetries] = strconv.FormatInt(n, 10)
	}
	if t.Comment != nil {
		out[propComment] = *t.Comment
	}
	if codec := parquetCodec[c.SettingsFor(ctx).codec]; codec != "" {
		out["write.parquet.compression-codec"] = codec
	}
	return out, nil
}

// parquetCodec are Iceberg's names of the codecs.
var parquetCodec = map[string]string{"NONE": "uncompressed", "SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip"}

func checkFormat(f string) error {
	switch strings.ToUpper(f) {
	case parquetFormat:
		return nil
	case "ORC", "AVRO":
		return trinoerr.New(trinoerr.NotSupported, "Only the Parquet format can be written: %s", f)
	}
	return trinoerr.New(trinoerr.InvalidTableProperty, "Invalid value [%s]. Valid values: [ORC, PARQUET, AVRO]", f)
}

// newSchema is the Iceberg schema of columns.
func newSchema(columns []connector.Column) (*iceberg.Schema, error) {
	ids := &idSource{}
	fields := make([]iceberg.NestedField, 0, len(columns))
	for _, col := range columns {
		if col.Hidden {
			continue
		}
		f := iceberg.NestedField{ID: ids.next(), Name: col.Name, Required: col.NotNull}
		if col.Comment != nil {
			f.Doc = *col.Comment
		}
		fields = append(fields, f)
	}
	at := 0
	for _, col := range columns {
		if col.Hidden {
			continue
		}
		var err error
		if fields[at].Type, err = icebergType(col.Type, ids); err != nil {
			return nil, err
		}
		at++
	}
	return iceberg.NewSchema(0, fields...), nil
}
