package hive

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Statistics are kept where Trino's FileHiveMetastore keeps them: those of a table, or of each of its partitions, in its metadata
// file. A write forgets them.

// AnalyzeProperties are Trino's.
func (c *Connector) AnalyzeProperties() []connector.Property {
	texts := types.ArrayOf(types.Of(types.Varchar))
	return []connector.Property{
		{Name: "partitions", Type: types.ArrayOf(texts), Description: "Partitions to be analyzed"},
		{Name: "columns", Type: texts, Description: "Columns to be analyzed"},
	}
}

// analysis is the handle of an ANALYZE.
type analysis struct {
	Name    connector.SchemaTable `json:"name"`
	Columns []string              `json:"columns"`
}

// Analysis describes columns in files, apart for each table partition.
func (c *Connector) Analysis(ctx context.Context, def *connector.Table, properties map[string]any) (*connector.Analysis, error) {
	t, err := c.existing(ctx, def.Name)
	if err != nil {
		return nil, err
	}
	if err := t.readable(); err != nil {
		return nil, err
	}
	wanted, chosen := properties["columns"].([]string)
	if err := t.checkColumns(wanted); err != nil {
		return nil, err
	}
	out := &connector.Analysis{}
	for _, col := range t.columns {
		if !chosen || slices.Contains(wanted, col.Name) {
			out.Columns = append(out.Columns, col.Name)
		}
	}
	if len(t.partitionColumns) > 0 {
		out.GroupBy = []string{partitionColumn}
	}
	if list, given := properties["partitions"].([][]*string); given {
		if out.Groups, err = c.partitionGroups(ctx, t, list); err != nil {
			return nil, err
		}
	}
	out.Handle, err = json.Marshal(analysis{t.name, out.Columns})
	return out, err
}

// checkColumns refuses columns that a table does not have.
func (t *table) checkColumns(names []string) error {
	var missing []string
	for _, n := range names {
		same := func(c connector.Column) bool { return c.Name == n }
		if !slices.ContainsFunc(t.columns, same) && !slices.ContainsFunc(t.partitionColumns, same) {
			missing = append(missing, n)
		}
	}
	if missing != nil {
		return trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Invalid columns specified for analysis: [%s]", strings.Join(missing, ", "))
	}
	return nil
}

// partitionGroups finds table partitions by their values.
func (c *Connector) partitionGroups(ctx context.Context, t *table, list [][]*string) ([][]*string, error) {
	if len(t.partitionColumns) == 0 {
		return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Partition list provided but table is not partitioned")
	}
	groups := [][]*string{}
	for _, values := range list {
		if len(values) != len(t.partitionColumns) {
			return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Partition value count does not match partition column count")
		}
		name := metastore.PartitionName(t.partitionNames(), values)
		p, err := c.partitionOf(ctx, t.meta, name)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, trinoerr.New(trinoerr.HivePartitionDroppedDuringQuery, "Partition %s no longer exists for %s", name, t.name)
		}
		groups = append(groups, []*string{&name})
	}
	return groups, nil
}

// StoreStatistics writes statistics into the metadata of a table or of its partitions.
func (c *Connector) StoreStatistics(ctx context.Context, raw json.RawMessage, groups []connector.GroupStatistics) error {
	var a analysis
	if err := json.Unmarshal(raw, &a); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "handle of an ANALYZE of a Hive table")
	}
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(ctx, a.Name)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if len(t.partitionColumns) == 0 {
			if err := c.describeTable(ctx, t, a.Columns, g); err != nil {
				return err
			}
			continue
		}
		if len(g.Group) != 1 || g.Group[0] == nil {
			return trinoerr.New(trinoerr.GenericInternalError, "statistics of no partition of %s", t.name)
		}
		if err := c.describePartition(ctx, t, *g.Group[0], a.Columns, g); err != nil {
			return err
		}
	}
	return nil
}

func (c *Connector) describeTable(ctx context.Context, t *table, columns []string, g connector.GroupStatistics) error {
	known, err := c.store.Statistics(ctx, t.meta, nil)
	if err != nil {
		return err
	}
	t.meta.Parameters[paramRows] = strconv.FormatInt(g.Rows, 10)
	if err := c.store.ReplaceTable(ctx, t.meta); err != nil {
		return err
	}
	return c.store.SetStatistics(ctx, t.meta, "", describeColumns(t, columns, g, known[0]))
}

func (c *Connector) describePartition(ctx context.Context, t *table, name string, columns []string, g connector.GroupStatistics) error {
	p, err := c.partitionOf(ctx, t.meta, name)
	if p == nil {
		return err // dropped meanwhile, if there is no error
	}
	known, err := c.store.Statistics(ctx, t.meta, []string{name})
	if err != nil {
		return err
	}
	p.Parameters[paramRows] = strconv.FormatInt(g.Rows, 10)
	if err := c.store.ReplacePartition(ctx, t.meta, p); err != nil {
		return err
	}
	return c.store.SetStatistics(ctx, t.meta, name, describeColumns(t, columns, g, known[0]))
}

// describeColumns puts statistics into those that there are: columns that were not analysed keep theirs.
func describeColumns(t *table, columns []string, g connector.GroupStatistics, known map[string]metastore.ColumnStatistics) map[string]metastore.ColumnStatistics {
	all := map[string]metastore.ColumnStatistics{}
	maps.Copy(all, known)
	for i, name := range columns {
		n := slices.IndexFunc(t.columns, func(c connector.Column) bool { return c.Name == name })
		if n < 0 || i >= len(g.Columns) {
			continue // dropped meanwhile
		}
		all[name] = columnFileStatistics(t.columns[n].Type, g.Rows, g.Columns[i])
	}
	return all
}

func columnFileStatistics(t types.Type, rows int64, s connector.GatheredStatistics) metastore.ColumnStatistics {
	nulls := rows - s.Values
	out := metastore.ColumnStatistics{Nulls: &nulls, Longest: s.Longest}
	if s.Distinct != nil {
		d := min(*s.Distinct, s.Values)
		if nulls > 0 {
			d++
		}
		out.Distinct = &d
	}
	if s.Bytes != nil && s.Values > 0 {
		average := float64(*s.Bytes) / float64(s.Values)
		out.Average = &average
	}
	if s.Low == nil || s.High == nil {
		return out
	}
	number := func(text string) json.RawMessage { return json.RawMessage(text) }
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		out.Integer = &metastore.Bounds{Min: number(*s.Low), Max: number(*s.High)}
	case types.Decimal:
		out.Decimal = &metastore.Bounds{Min: number(*s.Low), Max: number(*s.High)}
	case types.Real, types.Double:
		low, err1 := strconv.ParseFloat(*s.Low, 64)
		high, err2 := strconv.ParseFloat(*s.High, 64)
		if err1 == nil && err2 == nil && !math.IsInf(low, 0) && !math.IsInf(high, 0) {
			out.Double = &metastore.Bounds{Min: number(strconv.FormatFloat(low, 'g', -1, 64)), Max: number(strconv.FormatFloat(high, 'g', -1, 64))}
		}
	case types.Date:
		out.Date = &metastore.Bounds{Min: number(strconv.Quote(*s.Low)), Max: number(strconv.Quote(*s.High))}
	}
	return out
}

// distinctValues are the numbers of distinct values, by column, that ANALYZE has found in a table or table partition, where it
// has as many rows as then.
func (c *Connector) distinctValues(ctx context.Context, t *table, p *partition, rows int64) map[string]int64 {
	parameters := t.meta.Parameters
	var names []string
	if len(t.partitionColumns) > 0 {
		f, err := c.partitionOf(ctx, t.meta, p.name)
		if f == nil || err != nil {
			return nil // statistics are no reason to fail
		}
		parameters, names = f.Parameters, []string{p.name}
	}
	if parameters[paramRows] != strconv.FormatInt(rows, 10) {
		return nil
	}
	all, err := c.store.Statistics(ctx, t.meta, names)
	if err != nil || len(all) == 0 || len(all[0]) == 0 {
		return nil
	}
	out := map[string]int64{}
	for name, s := range all[0] {
		if s.Distinct == nil {
			continue
		}
		out[name] = *s.Distinct
		if s.Nulls != nil && *s.Nulls > 0 {
			out[name]--
		}
	}
	return out
}
