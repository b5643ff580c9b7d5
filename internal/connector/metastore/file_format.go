package metastore

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// formatVersion is the version of Trino whose files these are. Trino checks it; files of another version are read
// nevertheless and keep theirs.
const formatVersion = "476"

// extras are the members of a metadata file that this package does not know; they stay as they are.
type extras map[string]json.RawMessage

// schemaFile describes a schema.
type schemaFile struct {
	WriterVersion string            `json:"writerVersion"`
	Location      string            `json:"location,omitempty"`
	OwnerName     string            `json:"ownerName,omitempty"`
	Comment       *string           `json:"comment,omitempty"`
	Parameters    map[string]string `json:"parameters"`
}

// tableFile describes a table.
type tableFile struct {
	WriterVersion    string            `json:"writerVersion"`
	Owner            string            `json:"owner,omitempty"`
	TableType        string            `json:"tableType"`
	DataColumns      []Column          `json:"dataColumns"`
	PartitionColumns []Column          `json:"partitionColumns"`
	Parameters       map[string]string `json:"parameters"`
	storageFile
	ViewOriginalText *string                     `json:"viewOriginalText,omitempty"`
	ViewExpandedText *string                     `json:"viewExpandedText,omitempty"`
	ColumnStatistics map[string]ColumnStatistics `json:"columnStatistics"`
}

// storageFile is what files of tables and of table partitions say of the storage.
type storageFile struct {
	StorageFormat    json.RawMessage   `json:"storageFormat,omitempty"`
	Bucketing        *bucketingFile    `json:"bucketProperty,omitempty"`
	SerdeParameters  map[string]string `json:"serdeParameters"`
	ExternalLocation string            `json:"externalLocation,omitempty"`
}

type bucketingFile struct {
	BucketedBy []string         `json:"bucketedBy"`
	Count      int              `json:"bucketCount"`
	SortedBy   []sortColumnFile `json:"sortedBy"`
}

type sortColumnFile struct {
	Column string `json:"columnName"`
	Order  string `json:"order"`
}

// partitionFile describes a table partition.
type partitionFile struct {
	Columns    []Column          `json:"columns"`
	Parameters map[string]string `json:"parameters"`
	storageFile
	ColumnStatistics map[string]ColumnStatistics `json:"columnStatistics"`
}

// keptOfFile is what a file has besides.
type keptOfFile struct {
	version    string
	statistics map[string]ColumnStatistics
	rest       extras
}

func (f *tableFile) table(name connector.SchemaTable, managed string, rest extras) (*Table, error) {
	t := &Table{Name: name, Owner: f.Owner, Type: f.TableType, Columns: f.DataColumns, PartitionColumns: f.PartitionColumns, Parameters: parameters(f.Parameters),
		ViewOriginalText: f.ViewOriginalText, ViewExpandedText: f.ViewExpandedText,
		kept: &keptOfFile{version: f.WriterVersion, statistics: f.ColumnStatistics, rest: rest}}
	var err error
	t.Storage, err = f.storage(managed, f.Parameters)
	return t, err
}

func parameters(p map[string]string) map[string]string {
	if p == nil {
		return map[string]string{}
	}
	return p
}

func (f *storageFile) storage(managed string, tableParameters map[string]string) (Storage, error) {
	format, err := formatOfFile(f.StorageFormat)
	s := Storage{Format: format, Location: managed, SerdeParameters: f.SerdeParameters}
	if f.ExternalLocation != "" {
		s.Location = f.ExternalLocation
	}
	if b := f.Bucketing; b != nil {
		s.Bucketing = &Bucketing{Columns: b.BucketedBy, Count: b.Count, Version: bucketingVersionOf(tableParameters)}
		for _, c := range b.SortedBy {
			s.Bucketing.SortedBy = append(s.Bucketing.SortedBy, SortColumn{Name: c.Column, Descending: c.Order == "DESCENDING"})
		}
	}
	return s, err
}

func (s *Storage) file(managed string) storageFile {
	f := storageFile{StorageFormat: fileFormat(s.Format), SerdeParameters: parameters(s.SerdeParameters)}
	if s.Location != managed {
		f.ExternalLocation = s.Location
	}
	if b := s.Bucketing; b != nil {
		f.Bucketing = &bucketingFile{BucketedBy: b.Columns, Count: b.Count, SortedBy: []sortColumnFile{}}
		for _, c := range b.SortedBy {
			order := "ASCENDING"
			if c.Descending {
				order = "DESCENDING"
			}
			f.Bucketing.SortedBy = append(f.Bucketing.SortedBy, sortColumnFile{c.Name, order})
		}
	}
	return f
}

// file is the file of a table, with the statistics it had.
func (t *Table) file(managed string) (*tableFile, extras) {
	kept := keptOf(t.kept)
	f := &tableFile{WriterVersion: kept.version, Owner: t.Owner, TableType: t.Type, DataColumns: columns(t.Columns), PartitionColumns: columns(t.PartitionColumns),
		Parameters: t.allParameters(), ViewOriginalText: t.ViewOriginalText, ViewExpandedText: t.ViewExpandedText, ColumnStatistics: kept.statistics}
	if f.storageFile = t.Storage.file(managed); t.Type == ExternalTable {
		f.ExternalLocation = t.Storage.Location
	}
	return f, kept.rest
}

func columns(list []Column) []Column {
	out := make([]Column, len(list))
	for i, c := range list {
		if out[i] = c; c.Properties == nil {
			out[i].Properties = map[string]string{}
		}
	}
	return out
}

func keptOf(v any) *keptOfFile {
	if k, ok := v.(*keptOfFile); ok {
		return k
	}
	return &keptOfFile{version: formatVersion, statistics: map[string]ColumnStatistics{}}
}

func (p *Partition) file(managed string) (*partitionFile, extras) {
	kept := keptOf(p.kept)
	return &partitionFile{Columns: columns(p.Columns), Parameters: parameters(p.Parameters), storageFile: p.Storage.file(managed), ColumnStatistics: kept.statistics}, kept.rest
}

// decode reads a file into v, and what v does not have into rest.
func decode(data []byte, v any, rest *extras) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if err := json.Unmarshal(data, rest); err != nil {
		return err
	}
	known, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var names extras
	if err := json.Unmarshal(known, &names); err != nil {
		return err
	}
	for name := range names {
		delete(*rest, name)
	}
	return nil
}

// encode writes members in the order of Trino's files, then those that are not known.
func encode(v any, rest extras) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	b.Truncate(bytes.LastIndexByte(b.Bytes(), '}'))
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		b.WriteByte(',')
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b.Write(quoted)
		b.WriteByte(':')
		b.Write(rest[name])
	}
	b.WriteByte('}')
	var out bytes.Buffer
	err := json.Indent(&out, b.Bytes(), "", "  ")
	return out.Bytes(), err
}
