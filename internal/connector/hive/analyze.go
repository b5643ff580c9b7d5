package hive

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
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
func (c *Connector) Analysis(_ context.Context, def *connector.Table, properties map[string]any) (*connector.Analysis, error) {
	t, err := c.existing(def.Name)
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
		if out.Groups, err = c.partitionGroups(t, list); err != nil {
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
func (c *Connector) partitionGroups(t *table, list [][]*string) ([][]*string, error) {
	if len(t.partitionColumns) == 0 {
		return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Partition list provided but table is not partitioned")
	}
	groups := [][]*string{}
	for _, values := range list {
		if len(values) != len(t.partitionColumns) {
			return nil, trinoerr.New(trinoerr.InvalidAnalyzeProperty, "Partition value count does not match partition column count")
		}
		name := partitionName(t.partitionNames(), values)
		p, err := c.store.partition(t.name, name)
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
func (c *Connector) StoreStatistics(_ context.Context, raw json.RawMessage, groups []connector.GroupStatistics) error {
	var a analysis
	if err := json.Unmarshal(raw, &a); err != nil {
		return trinoerr.Wrap(err, trinoerr.SerializationError, "handle of an ANALYZE of a Hive table")
	}
	c.change.Lock()
	defer c.change.Unlock()
	t, err := c.existing(a.Name)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if len(t.partitionColumns) == 0 {
			if err := describeColumns(t, a.Columns, g, t.file.Parameters, &t.file.ColumnStatistics); err != nil {
				return err
			}
			if err := c.store.putTable(t.name, t.file); err != nil {
				return err
			}
			continue
		}
		if len(g.Group) != 1 || g.Group[0] == nil {
			return trinoerr.New(trinoerr.GenericInternalError, "statistics of no partition of %s", t.name)
		}
		if err := c.describePartition(t, *g.Group[0], a.Columns, g); err != nil {
			return err
		}
	}
	return nil
}

func (c *Connector) describePartition(t *table, name string, columns []string, g connector.GroupStatistics) error {
	p, err := c.store.partition(t.name, name)
	if p == nil {
		return err // dropped meanwhile, if there is no error
	}
	if p.Parameters == nil {
		p.Parameters = map[string]string{}
	}
	if err := describeColumns(t, columns, g, p.Parameters, &p.ColumnStatistics); err != nil {
		return err
	}
	file := c.store.partitionFile(t.name, name)
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return nil
	}
	return writeMetadata(file, p, p.rest)
}

// columnStatistics is what a metadata file says of a column.
type columnStatistics struct {
	Integer  *bounds  `json:"integerStatistics,omitempty"`
	Double   *bounds  `json:"doubleStatistics,omitempty"`
	Decimal  *bounds  `json:"decimalStatistics,omitempty"`
	Date     *bounds  `json:"dateStatistics,omitempty"`
	Longest  *int64   `json:"maxValueSizeInBytes,omitempty"`
	Average  *float64 `json:"averageColumnLength,omitempty"`
	Nulls    *int64   `json:"nullsCount,omitempty"`
	Distinct *int64   `json:"distinctValuesCount,omitempty"` // NULL counts as one
}

type bounds struct {
	Min json.RawMessage `json:"min"`
	Max json.RawMessage `json:"max"`
}

// describeColumns puts statistics into those that there are: columns that were not analysed keep theirs.
func describeColumns(t *table, columns []string, g connector.GroupStatistics, parameters map[string]string, to *json.RawMessage) error {
	all := map[string]json.RawMessage{}
	if len(*to) > 0 {
		if err := json.Unmarshal(*to, &all); err != nil {
			return trinoerr.Wrap(err, trinoerr.HiveInvalidMetadata, "statistics of %s", t.name)
		}
	}
	for i, name := range columns {
		n := slices.IndexFunc(t.columns, func(c connector.Column) bool { return c.Name == name })
		if n < 0 || i >= len(g.Columns) {
			continue // dropped meanwhile
		}
		raw, err := json.Marshal(columnFileStatistics(t.columns[n].Type, g.Rows, g.Columns[i]))
		if err != nil {
			return err
		}
		all[name] = raw
	}
	parameters[paramRows] = strconv.FormatInt(g.Rows, 10)
	raw, err := json.Marshal(all)
	*to = raw
	return err
}

func columnFileStatistics(t types.Type, rows int64, s connector.GatheredStatistics) columnStatistics {
	nulls := rows - s.Values
	out := columnStatistics{Nulls: &nulls, Longest: s.Longest}
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
		out.Integer = &bounds{number(*s.Low), number(*s.High)}
	case types.Decimal:
		out.Decimal = &bounds{number(*s.Low), number(*s.High)}
	case types.Real, types.Double:
		low, err1 := strconv.ParseFloat(*s.Low, 64)
		high, err2 := strconv.ParseFloat(*s.High, 64)
		if err1 == nil && err2 == nil && !math.IsInf(low, 0) && !math.IsInf(high, 0) {
			out.Double = &bounds{number(strconv.FormatFloat(low, 'g', -1, 64)), number(strconv.FormatFloat(high, 'g', -1, 64))}
		}
	case types.Date:
		out.Date = &bounds{number(strconv.Quote(*s.Low)), number(strconv.Quote(*s.High))}
	}
	return out
}

// distinctValues are the numbers of distinct values, by column, that ANALYZE has found in a table or table partition, where it
// has as many rows as then.
func (c *Connector) distinctValues(t *table, p *partition) map[string]int64 {
	raw, parameters := t.file.ColumnStatistics, t.file.Parameters
	if len(t.partitionColumns) > 0 {
		f, err := c.store.partition(t.name, p.name)
		if f == nil || err != nil {
			return nil // statistics are no reason to fail
		}
		raw, parameters = f.ColumnStatistics, f.Parameters
	}
	rows := int64(0)
	for _, f := range p.files {
		rows += f.footer.rows
	}
	var all map[string]columnStatistics
	if len(raw) <= len("{}") || parameters[paramRows] != strconv.FormatInt(rows, 10) || json.Unmarshal(raw, &all) != nil {
		return nil
	}
	out := map[string]int64{}
	for name, s := range all {
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
