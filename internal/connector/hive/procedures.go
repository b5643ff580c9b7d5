package hive

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Procedures are those of schema system.
func (c *Connector) Procedures() []connector.Procedure {
	varchar := types.Of(types.Varchar)
	return []connector.Procedure{{
		Name: connector.SchemaTable{Schema: "system", Table: "sync_partition_metadata"},
		Arguments: []connector.ProcedureArgument{
			{Name: "SCHEMA_NAME", Type: varchar, Required: true},
			{Name: "TABLE_NAME", Type: varchar, Required: true},
			{Name: "MODE", Type: varchar, Required: true},
			{Name: "CASE_SENSITIVE", Type: types.Of(types.Boolean), Default: true},
		},
		Run: func(_ context.Context, args []any) error {
			var texts [3]string
			for i := range texts {
				texts[i], _ = args[i].(string)
			}
			sensitive, _ := args[3].(bool)
			name := connector.SchemaTable{Schema: strings.ToLower(texts[0]), Table: strings.ToLower(texts[1])}
			return c.syncPartitions(name, strings.ToUpper(texts[2]), sensitive)
		},
	}}
}

// syncPartitions makes the table partitions in the metastore agree with the directories that there are.
func (c *Connector) syncPartitions(name connector.SchemaTable, mode string, sensitive bool) error {
	if mode != "ADD" && mode != "DROP" && mode != "FULL" {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Invalid partition metadata sync mode: %s", mode)
	}
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(name)
	if err != nil {
		return err
	}
	if len(t.partitionColumns) == 0 {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Table is not partitioned: %s", name)
	}
	known, err := c.store.partitionNames(name, len(t.partitionColumns))
	if err != nil {
		return err
	}
	inMetastore := map[string]bool{}
	for _, p := range known {
		inMetastore[p] = true
	}
	onDisk, err := c.directories(t, sensitive)
	if err != nil {
		return err
	}
	if mode != "DROP" {
		for p := range onDisk {
			if err := c.addPartition(t, p, onDisk[p], inMetastore[p]); err != nil {
				return err
			}
		}
	}
	if mode == "ADD" {
		return nil
	}
	for p := range inMetastore {
		if _, there := onDisk[p]; !there {
			file := c.store.partitionFile(name, p)
			if err := os.Remove(file); err != nil {
				return metastoreError(err)
			}
			removeEmpty(filepath.Dir(file), c.store.tableDir(name))
		}
	}
	return nil
}

// addPartition registers a directory as a table partition unless it is one already.
func (c *Connector) addPartition(t *table, name, location string, known bool) error {
	if known {
		return nil
	}
	if _, err := t.partition(name); err != nil {
		return err
	}
	p := &partitionFile{Columns: t.file.DataColumns, StorageFormat: t.file.StorageFormat, SerdeParameters: map[string]string{},
		Parameters: map[string]string{}, ColumnStatistics: json.RawMessage("{}")}
	if t.external {
		p.ExternalLocation = location
	}
	file := c.store.partitionFile(t.name, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return metastoreError(err)
	}
	return writeMetadata(file, p, nil)
}

// directories finds the directories in a table's location that have the form of its table partitions: their locations, by
// the name that the partition has in the metastore.
func (c *Connector) directories(t *table, sensitive bool) (map[string]string, error) {
	root, err := c.path(t.location)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	columns := t.partitionNames()
	var walk func(dir, name, location string, depth int) error
	walk = func(dir, name, location string, depth int) error {
		if depth == len(columns) {
			found[name] = location
			return nil
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return filesystemError(err, location)
		}
		for _, e := range entries {
			column, value, ok := strings.Cut(e.Name(), "=")
			if !ok || !e.IsDir() || hidden(e.Name()) {
				continue
			}
			if column = unescapeName(column); column != columns[depth] && (sensitive || !strings.EqualFold(column, columns[depth])) {
				continue
			}
			part := escapeName(columns[depth]) + "=" + value
			if err := walk(filepath.Join(dir, e.Name()), strings.TrimPrefix(name+"/"+part, "/"), join(location, e.Name()), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return found, walk(root, "", t.location, 0)
}
