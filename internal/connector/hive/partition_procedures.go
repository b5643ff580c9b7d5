package hive

import (
	"context"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// partitionProcedures are those about single table partitions, and statistics.
func (c *Connector) partitionProcedures() []connector.Procedure {
	varchar := types.Of(types.Varchar)
	list := types.ArrayOf(varchar)
	named := []connector.ProcedureArgument{{Name: "SCHEMA_NAME", Type: varchar, Required: true}, {Name: "TABLE_NAME", Type: varchar, Required: true}}
	chosen := append(slices.Clone(named), connector.ProcedureArgument{Name: "PARTITION_COLUMNS", Type: list, Required: true},
		connector.ProcedureArgument{Name: "PARTITION_VALUES", Type: list, Required: true})
	procedure := func(name string, arguments []connector.ProcedureArgument, run func(ctx context.Context, args []any) error) connector.Procedure {
		return connector.Procedure{Name: connector.SchemaTable{Schema: "system", Table: name}, Arguments: arguments, Run: run}
	}
	return []connector.Procedure{
		procedure("create_empty_partition", chosen, c.createEmptyPartition),
		procedure("register_partition", append(slices.Clone(chosen), connector.ProcedureArgument{Name: "LOCATION", Type: varchar}), c.registerPartition),
		procedure("unregister_partition", chosen, c.unregisterPartition),
		procedure("drop_stats", append(slices.Clone(named), connector.ProcedureArgument{Name: "PARTITION_VALUES", Type: types.ArrayOf(list)}), c.dropStatistics),
	}
}

// tableOf is the table that the first two arguments of a procedure name.
func (c *Connector) tableOf(ctx context.Context, args []any) (*table, error) {
	schema, _ := args[0].(string)
	name, _ := args[1].(string)
	return c.existing(ctx, connector.SchemaTable{Schema: strings.ToLower(schema), Table: strings.ToLower(name)})
}

// textsOf are the texts of an argument that is an array; nil for NULL.
func textsOf(arg any) []*string {
	items, _ := arg.([]any)
	out := make([]*string, len(items))
	for i, item := range items {
		if text, ok := item.(string); ok {
			out[i] = &text
		}
	}
	return out
}

// chosenPartition is the table partition that arguments of a procedure name by columns and values.
func (c *Connector) chosenPartition(ctx context.Context, args []any) (*table, *partition, error) {
	t, err := c.tableOf(ctx, args)
	if err != nil {
		return nil, nil, err
	}
	if len(t.partitionColumns) == 0 {
		return nil, nil, trinoerr.New(trinoerr.InvalidProcedureArgument, "Table is not partitioned: %s", t.name)
	}
	var columns []string
	for _, name := range textsOf(args[2]) {
		if name != nil {
			columns = append(columns, *name)
		}
	}
	values := textsOf(args[3])
	if !slices.Equal(columns, t.partitionNames()) || len(values) != len(columns) {
		return nil, nil, trinoerr.New(trinoerr.InvalidProcedureArgument, "Provided partition column names do not match actual partition column names: [%s]", strings.Join(t.partitionNames(), ", "))
	}
	p, err := t.partition(metastore.PartitionName(t.partitionNames(), values))
	return t, p, err
}

// createEmptyPartition makes a table partition without rows.
func (c *Connector) createEmptyPartition(ctx context.Context, args []any) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, p, err := c.chosenPartition(ctx, args)
	if err != nil {
		return err
	}
	old, err := c.partitionOf(ctx, t.meta, p.name)
	if err != nil {
		return err
	}
	if old != nil {
		return trinoerr.New(trinoerr.AlreadyExists, "Partition already exists")
	}
	if err := c.files.CreateDir(ctx, p.location); err != nil {
		return err
	}
	made := newPartition(t.meta, p.name, p.location)
	added{}.count(made.Parameters, true)
	return c.store.AddPartitions(ctx, t.meta, []*metastore.Partition{made})
}

// registerPartition makes a table partition of a directory, which may lie anywhere.
func (c *Connector) registerPartition(ctx context.Context, args []any) error {
	if !c.allowRegister {
		return trinoerr.New(trinoerr.PermissionDenied, "register_partition procedure is disabled")
	}
	c.change.Lock()
	defer c.change.Unlock()
	t, p, err := c.chosenPartition(ctx, args)
	if err != nil {
		return err
	}
	location := p.location
	if given, ok := args[4].(string); ok {
		location = given
	}
	if err := c.files.Check(location); err != nil {
		return err
	}
	old, err := c.partitionOf(ctx, t.meta, p.name)
	if err != nil {
		return err
	}
	if old != nil {
		return trinoerr.New(trinoerr.AlreadyExists, "Partition [%s] is already registered with location %s", p.name, old.Storage.Location)
	}
	there := false
	if err := c.files.ListDir(ctx, location, func(filesystem.Entry) error { there = true; return nil }); err != nil {
		return err
	}
	if !there {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Partition location does not exist: %s", location)
	}
	return c.store.AddPartitions(ctx, t.meta, []*metastore.Partition{newPartition(t.meta, p.name, location)})
}

// unregisterPartition forgets a table partition and leaves its files.
func (c *Connector) unregisterPartition(ctx context.Context, args []any) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, p, err := c.chosenPartition(ctx, args)
	if err != nil {
		return err
	}
	old, err := c.partitionOf(ctx, t.meta, p.name)
	if err != nil {
		return err
	}
	if old == nil {
		return trinoerr.New(trinoerr.NotFound, "Partition '%s' does not exist", p.name)
	}
	return c.store.DropPartition(ctx, t.meta, p.name, false)
}

// dropStatistics forgets the statistics of a table, or of table partitions: of all when none are named.
func (c *Connector) dropStatistics(ctx context.Context, args []any) error {
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.tableOf(ctx, args)
	if err != nil {
		return err
	}
	chosen, given := args[2].([]any)
	if len(t.partitionColumns) == 0 {
		if given {
			return trinoerr.New(trinoerr.InvalidProcedureArgument, "Partition values specified for unpartitioned table: %s", t.name)
		}
		if err := c.store.SetStatistics(ctx, t.meta, "", nil); err != nil {
			return err
		}
		forgetStatistics(t.meta.Parameters)
		return c.store.ReplaceTable(ctx, t.meta)
	}
	var names []string
	if given {
		for _, item := range chosen {
			values := textsOf(item)
			if len(values) != len(t.partitionColumns) {
				return trinoerr.New(trinoerr.InvalidProcedureArgument, "Partition values don't match the number of partition columns (%d)", len(t.partitionColumns))
			}
			names = append(names, metastore.PartitionName(t.partitionNames(), values))
		}
	} else if names, err = c.store.PartitionNames(ctx, t.meta); err != nil {
		return err
	}
	for batch := range slices.Chunk(names, partitionBatch) {
		parts, err := c.store.Partitions(ctx, t.meta, batch)
		if err != nil {
			return err
		}
		for i, p := range parts {
			if p == nil {
				if given {
					return trinoerr.New(trinoerr.InvalidProcedureArgument, "No partition found for name: %s", batch[i])
				}
				continue
			}
			if err := c.store.SetStatistics(ctx, t.meta, p.Name, nil); err != nil {
				return err
			}
			forgetStatistics(p.Parameters)
			if err := c.store.ReplacePartition(ctx, t.meta, p); err != nil {
				return err
			}
		}
	}
	return nil
}
