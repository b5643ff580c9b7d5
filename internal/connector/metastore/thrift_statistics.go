package metastore

import (
	"context"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// engineName is whose statistics these are: from Hive 4 on each engine can have its own, and those of Hive are seen by all.
const engineName = "hive"

// Statistics asks for those of all columns.
func (m *hms) Statistics(ctx context.Context, t *Table, partitions []string) ([]map[string]ColumnStatistics, error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	if partitions == nil {
		var found hmsTableStatistics
		err := m.client.call(ctx, tableStatistics, &found, hmsTableStatisticsRequest{Database: t.Name.Schema, Table: t.Name.Table, Columns: names, Engine: engineName})
		if is(err, noSuchObject) {
			err = nil
		}
		return []map[string]ColumnStatistics{statisticsOf(found.Columns)}, failed(err)
	}
	out := make([]map[string]ColumnStatistics, len(partitions))
	if len(partitions) == 0 {
		return out, nil
	}
	var found hmsPartitionStatistics
	err := m.client.call(ctx, partStatistics, &found,
		hmsPartitionStatisticsRequest{Database: t.Name.Schema, Table: t.Name.Table, Columns: names, Partitions: partitions, Engine: engineName})
	if err != nil && !is(err, noSuchObject) {
		return nil, failed(err)
	}
	for i, name := range partitions {
		out[i] = statisticsOf(found.Partitions[name])
	}
	return out, nil
}

// SetStatistics writes those that are given and deletes all others.
func (m *hms) SetStatistics(ctx context.Context, t *Table, partition string, columns map[string]ColumnStatistics) error {
	var partitions []string
	if partition != "" {
		partitions = []string{partition}
	}
	known, err := m.Statistics(ctx, t, partitions)
	if err != nil {
		return err
	}
	for name := range known[0] {
		if _, stays := columns[name]; !stays {
			if err := m.forget(ctx, t, partition, name); err != nil {
				return err
			}
		}
	}
	engine := engineName
	stats := hmsStatistics{Of: hmsStatisticsOf{TableLevel: partition == "", Database: t.Name.Schema, Table: t.Name.Table, Partition: given(partition)}, Engine: &engine,
		Columns: []hmsColumnStatistics{}}
	for _, c := range t.Columns {
		if s, ok := columns[c.Name]; ok {
			if data, ok := s.hms(c.Type); ok {
				stats.Columns = append(stats.Columns, hmsColumnStatistics{Column: c.Name, Type: c.Type, Data: data})
			}
		}
	}
	if len(stats.Columns) == 0 {
		return nil
	}
	method := setTableStatistics
	if partition != "" {
		method = setPartStatistics
	}
	err = m.client.call(ctx, method, new(bool), stats)
	if is(err, noSuchObject) {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", m.catalog, t.Name)
	}
	return failed(err)
}

func (m *hms) forget(ctx context.Context, t *Table, partition, column string) (err error) {
	if partition == "" {
		err = m.client.call(ctx, dropTableStats, new(bool), t.Name.Schema, t.Name.Table, column, engineName)
	} else {
		err = m.client.call(ctx, dropPartStats, new(bool), t.Name.Schema, t.Name.Table, partition, column, engineName)
	}
	if is(err, noSuchObject) {
		return nil
	}
	return failed(err)
}

func statisticsOf(list []hmsColumnStatistics) map[string]ColumnStatistics {
	if len(list) == 0 {
		return nil
	}
	out := map[string]ColumnStatistics{}
	for i := range list {
		out[strings.ToLower(list[i].Column)] = list[i].Data.statistics()
	}
	return out
}

// The metastore counts distinct values without NULL, Trino's file metastore with it.
func withNull(distinct, nulls int64) *int64 {
	if nulls > 0 {
		distinct++
	}
	return &distinct
}

func (s *ColumnStatistics) withoutNull() int64 {
	if s.Distinct == nil {
		return 0
	}
	if s.Nulls != nil && *s.Nulls > 0 {
		return max(*s.Distinct-1, 0)
	}
	return *s.Distinct
}

func (d *hmsStatisticsData) statistics() (s ColumnStatistics) {
	switch {
	case d.Booleans != nil:
		s.Boolean, s.Nulls = &Truths{&d.Booleans.True, &d.Booleans.False}, &d.Booleans.Nulls
	case d.Longs != nil:
		s.Integer, s.Nulls, s.Distinct = boundsOf(d.Longs.Low, d.Longs.High, func(n int64) string { return strconv.FormatInt(n, 10) }), &d.Longs.Nulls, withNull(d.Longs.Distinct, d.Longs.Nulls)
	case d.Doubles != nil:
		s.Double, s.Nulls, s.Distinct = boundsOf(d.Doubles.Low, d.Doubles.High, func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }), &d.Doubles.Nulls, withNull(d.Doubles.Distinct, d.Doubles.Nulls)
	case d.Strings != nil:
		s.Longest, s.Average, s.Nulls, s.Distinct = &d.Strings.Longest, &d.Strings.Average, &d.Strings.Nulls, withNull(d.Strings.Distinct, d.Strings.Nulls)
	case d.Binaries != nil:
		s.Longest, s.Average, s.Nulls = &d.Binaries.Longest, &d.Binaries.Average, &d.Binaries.Nulls
	case d.Decimals != nil:
		s.Decimal, s.Nulls, s.Distinct = boundsOf(d.Decimals.Low, d.Decimals.High, hmsDecimal.text), &d.Decimals.Nulls, withNull(d.Decimals.Distinct, d.Decimals.Nulls)
	case d.Dates != nil:
		s.Date, s.Nulls, s.Distinct = boundsOf(d.Dates.Low, d.Dates.High, hmsDate.text), &d.Dates.Nulls, withNull(d.Dates.Distinct, d.Dates.Nulls)
	}
	return s
}

// boundsOf renders bounds; those that are not given are not known.
func boundsOf[T any](low, high *T, render func(T) string) *Bounds {
	if low == nil && high == nil {
		return nil
	}
	b := &Bounds{}
	if low != nil {
		b.Min = json.RawMessage(render(*low))
	}
	if high != nil {
		b.Max = json.RawMessage(render(*high))
	}
	return b
}

func (d hmsDate) text() string {
	return `"` + time.Unix(d.Days*24*60*60, 0).UTC().Format(time.DateOnly) + `"`
}

// text renders a decimal, as long as its scale is one that decimals have.
func (d hmsDecimal) text() string {
	n := new(big.Int).SetBytes(d.Unscaled)
	if len(d.Unscaled) > 0 && d.Unscaled[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(d.Unscaled))))
	}
	scale := min(max(int(d.Scale), 0), 38)
	return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
}

// decimalOf is the reverse; false for what is no number.
func decimalOf(text string) (*hmsDecimal, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok || len(text) > 60 {
		return nil, false
	}
	d := &hmsDecimal{Scale: int16(len(fraction))}
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	d.Unscaled = n.FillBytes(make([]byte, size))
	return d, true
}

func dateOf(text string) (*hmsDate, bool) {
	t, err := time.Parse(`"`+time.DateOnly+`"`, text)
	return &hmsDate{Days: t.Unix() / (24 * 60 * 60)}, err == nil
}

// bound reads one end of bounds; nil when there is none.
func bound[T any](b *Bounds, end func(*Bounds) json.RawMessage, parse func(string) (*T, bool)) *T {
	if b == nil || len(end(b)) == 0 {
		return nil
	}
	v, ok := parse(string(end(b)))
	if !ok {
		return nil
	}
	return v
}

func low(b *Bounds) json.RawMessage  { return b.Min }
func high(b *Bounds) json.RawMessage { return b.Max }

// hms makes the struct for a column of a Hive type; false for types that have no statistics.
func (s *ColumnStatistics) hms(hiveType string) (d hmsStatisticsData, ok bool) {
	number := func(n *int64) int64 {
		if n == nil {
			return 0
		}
		return *n
	}
	nulls, distinct := number(s.Nulls), s.withoutNull()
	average := 0.0
	if s.Average != nil {
		average = *s.Average
	}
	kind, _, _ := strings.Cut(hiveType, "(")
	switch kind {
	case "boolean":
		d.Booleans = &hmsBooleans{Nulls: nulls}
		if s.Boolean != nil {
			d.Booleans.True, d.Booleans.False = number(s.Boolean.True), number(s.Boolean.False)
		}
	case "tinyint", "smallint", "int", "bigint":
		parse := func(t string) (*int64, bool) { n, err := strconv.ParseInt(t, 10, 64); return &n, err == nil }
		d.Longs = &hmsLongs{bound(s.Integer, low, parse), bound(s.Integer, high, parse), nulls, distinct}
	case "float", "double":
		parse := func(t string) (*float64, bool) { f, err := strconv.ParseFloat(t, 64); return &f, err == nil }
		d.Doubles = &hmsDoubles{bound(s.Double, low, parse), bound(s.Double, high, parse), nulls, distinct}
	case "decimal":
		d.Decimals = &hmsDecimals{bound(s.Decimal, low, decimalOf), bound(s.Decimal, high, decimalOf), nulls, distinct}
	case "date":
		d.Dates = &hmsDates{bound(s.Date, low, dateOf), bound(s.Date, high, dateOf), nulls, distinct}
	case "string", "varchar", "char":
		d.Strings = &hmsStrings{number(s.Longest), average, nulls, distinct}
	case "binary":
		d.Binaries = &hmsBinaries{number(s.Longest), average, nulls}
	default:
		return d, false
	}
	return d, true
}
