package hive

import (
	"context"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Procedures are those of schema system.
func (c *Connector) Procedures() []connector.Procedure {
	varchar := types.Of(types.Varchar)
	sync := connector.Procedure{
		Name: connector.SchemaTable{Schema: "system", Table: "sync_partition_metadata"},
		Arguments: []connector.ProcedureArgument{
			{Name: "SCHEMA_NAME", Type: varchar, Required: true},
			{Name: "TABLE_NAME", Type: varchar, Required: true},
			{Name: "MODE", Type: varchar, Required: true},
			{Name: "CASE_SENSITIVE", Type: types.Of(types.Boolean), Default: true},
		},
		Run: func(ctx context.Context, args []any) error {
			var texts [3]string
			for i := range texts {
				texts[i], _ = args[i].(string)
			}
			sensitive, _ := args[3].(bool)
			name := connector.SchemaTable{Schema: strings.ToLower(texts[0]), Table: strings.ToLower(texts[1])}
			return c.syncPartitions(ctx, name, strings.ToUpper(texts[2]), sensitive)
		},
	}
	return append([]connector.Procedure{sync, c.flushProcedure()}, c.partitionProcedures()...)
}

// syncPartitions makes the table partitions in the metastore agree with the directories that there are.
func (c *Connector) syncPartitions(ctx context.Context, name connector.SchemaTable, mode string, sensitive bool) error {
	if mode != "ADD" && mode != "DROP" && mode != "FULL" {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Invalid partition metadata sync mode: %s", mode)
	}
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(ctx, name)
	if err != nil {
		return err
	}
	if len(t.partitionColumns) == 0 {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Table is not partitioned: %s", name)
	}
	known, err := c.store.PartitionNames(ctx, t.meta)
	if err != nil {
		return err
	}
	inMetastore := map[string]bool{}
	for _, p := range known {
		inMetastore[p] = true
	}
	onDisk, err := c.directories(ctx, t, sensitive)
	if err != nil {
		return err
	}
	if mode != "DROP" {
		for p := range onDisk {
			if err := c.addPartition(ctx, t, p, onDisk[p], inMetastore[p]); err != nil {
				return err
			}
		}
	}
	if mode == "ADD" {
		return nil
	}
	for p := range inMetastore {
		if _, there := onDisk[p]; !there {
			if err := c.store.DropPartition(ctx, t.meta, p, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// addPartition registers a directory as a table partition unless it is one already.
func (c *Connector) addPartition(ctx context.Context, t *table, name, location string, known bool) error {
	if known {
		return nil
	}
	if _, err := t.partition(name); err != nil {
		return err
	}
	return c.store.AddPartitions(ctx, t.meta, []*metastore.Partition{newPartition(t.meta, name, location)})
}

// directories finds the directories in a table's location that have the form of its table partitions: their locations, by
// the name that the partition has in the metastore.
func (c *Connector) directories(ctx context.Context, t *table, sensitive bool) (map[string]string, error) {
	found := map[string]string{}
	columns := t.partitionNames()
	var walk func(location, name string, depth int) error
	walk = func(location, name string, depth int) error {
		if depth == len(columns) {
			found[name] = location
			return nil
		}
		return c.files.ListDir(ctx, location, func(e filesystem.Entry) error {
			in := filesystem.Name(e.Location)
			column, value, ok := strings.Cut(in, "=")
			if !ok || !e.Dir || metastore.Hidden(in) {
				return nil
			}
			if column = metastore.UnescapeName(column); column != columns[depth] && (sensitive || !strings.EqualFold(column, columns[depth])) {
				return nil
			}
			part := metastore.EscapeName(columns[depth]) + "=" + value
			return walk(e.Location, strings.TrimPrefix(name+"/"+part, "/"), depth+1)
		})
	}
	return found, filesystemError(walk(t.location, "", 0), t.location)
}
