package hive

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// partition is a table partition, or a whole table that has none.
type partition struct {
	name     string // "k=v/l=w"; empty for a whole table
	values   []any  // of the partitioning columns
	location string
	files    []dataFile
	// otherBuckets says that rows are not divided among buckets as the table says.
	otherBuckets bool
}

// partitions lists the table partitions that a constraint leaves; a table that is not partitioned is one.
func (c *Connector) partitions(ctx context.Context, t *table, constraint []connector.Domain) ([]*partition, error) {
	if len(t.partitionColumns) == 0 {
		return []*partition{{location: t.location}}, nil
	}
	names, err := c.partitionNames(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []*partition
	for _, name := range names {
		p, err := t.partition(name)
		if err != nil {
			return nil, err
		}
		if p.satisfies(t, constraint) {
			out = append(out, p)
		}
	}
	return c.locate(ctx, t, out)
}

// partitionNames lists the table partitions, once for a query.
func (c *Connector) partitionNames(ctx context.Context, t *table) ([]string, error) {
	return connector.Remember(ctx, listed{c: c, table: t.name}, func(names []string) int { return len(names) }, func() ([]string, error) {
		return c.store.PartitionNames(ctx, t.meta)
	})
}

// partitionBatch is how many table partitions are asked for at a time.
const partitionBatch = 500

// described is what is remembered of a table partition.
type described struct {
	c     *Connector
	table connector.SchemaTable
	name  string // the first of a batch
	count int
}

// locate asks where table partitions lie. Those that were dropped meanwhile are left out.
func (c *Connector) locate(ctx context.Context, t *table, parts []*partition) (out []*partition, err error) {
	for len(parts) > 0 {
		batch := parts[:min(partitionBatch, len(parts))]
		parts = parts[len(batch):]
		names := make([]string, len(batch))
		for i, p := range batch {
			names[i] = p.name
		}
		key := described{c: c, table: t.name, name: names[0], count: len(names)}
		found, err := connector.Remember(ctx, key, func(found []*metastore.Partition) int { return 4 * len(found) }, func() ([]*metastore.Partition, error) {
			return c.store.Partitions(ctx, t.meta, names)
		})
		if err != nil {
			return nil, err
		}
		for i, f := range found {
			if f == nil || f.Name != names[i] {
				continue
			}
			if f.Storage.Format != (metastore.Format{}) && f.Storage.Format.Name() != t.format() {
				return nil, trinoerr.New(trinoerr.NotSupported, "Hive partition %s of %s has the storage format %s, which is not that of the table", f.Name, t.name, f.Storage.Format.Name())
			}
			batch[i].otherBuckets = !sameBuckets(f.Storage.Bucketing, t.meta.Storage.Bucketing)
			if f.Storage.Location != "" {
				batch[i].location = f.Storage.Location
			}
			out = append(out, batch[i])
		}
	}
	return out, nil
}

// partition makes sense of the name of a table partition.
func (t *table) partition(name string) (*partition, error) {
	columns := t.partitionNames()
	texts, ok := metastore.PartitionValues(columns, name)
	if !ok {
		return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "Invalid partition name %s of table %s", name, t.name)
	}
	p := &partition{name: name, location: join(t.location, name), values: make([]any, len(texts))}
	for i, text := range texts {
		var err error
		if p.values[i], err = parseValue(t.partitionColumns[i].Type, text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// newPartition makes the metadata of a table partition.
func newPartition(t *metastore.Table, name, location string) *metastore.Partition {
	s := t.Storage
	s.Location = location
	return &metastore.Partition{Name: name, Columns: t.Columns, Parameters: map[string]string{}, Storage: s}
}

// partitionOf asks for one table partition; nil when there is none.
func (c *Connector) partitionOf(ctx context.Context, t *metastore.Table, name string) (*metastore.Partition, error) {
	found, err := c.store.Partitions(ctx, t, []string{name})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}
