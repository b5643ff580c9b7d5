package hive

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// metastore keeps the metadata of schemas, tables and table partitions in files, laid out as Trino's FileHiveMetastore does:
//
//	.<schema>.trinoSchema                       a schema
//	<schema>/<table>/.trinoSchema               a table; the data of a managed one lies beside it
//	<schema>/<table>/<k=v>/.trinoSchema         a table partition
//
// A thing exists if its file does, so making it visible or invisible is one rename or removal.
type metastore struct {
	dir string
}

// metadataFile holds the metadata of a directory; for a schema it is a suffix.
const metadataFile = ".trinoSchema"

// formatVersion is the version of Trino whose files these are. Trino checks it; files of another version are read
// nevertheless and keep theirs.
const formatVersion = "476"

// extras are the members of a metadata file that this package does not know; they stay as they are.
type extras map[string]json.RawMessage

// schemaFile describes a schema.
type schemaFile struct {
	WriterVersion string            `json:"writerVersion"`
	Location      string            `json:"location,omitempty"`
	Comment       string            `json:"comment,omitempty"`
	Parameters    map[string]string `json:"parameters"`
	rest          extras
}

// tableFile describes a table.
type tableFile struct {
	WriterVersion    string            `json:"writerVersion"`
	TableType        string            `json:"tableType"`
	DataColumns      []columnFile      `json:"dataColumns"`
	PartitionColumns []columnFile      `json:"partitionColumns"`
	Parameters       map[string]string `json:"parameters"`
	StorageFormat    json.RawMessage   `json:"storageFormat,omitempty"`
	Bucketing        json.RawMessage   `json:"bucketProperty,omitempty"`
	SerdeParameters  map[string]string `json:"serdeParameters"`
	ExternalLocation string            `json:"externalLocation,omitempty"`
	ColumnStatistics json.RawMessage   `json:"columnStatistics"`
	rest             extras
}

// partitionFile describes a table partition.
type partitionFile struct {
	Columns          []columnFile      `json:"columns"`
	Parameters       map[string]string `json:"parameters"`
	StorageFormat    json.RawMessage   `json:"storageFormat,omitempty"`
	Bucketing        json.RawMessage   `json:"bucketProperty,omitempty"`
	SerdeParameters  map[string]string `json:"serdeParameters"`
	ExternalLocation string            `json:"externalLocation,omitempty"`
	ColumnStatistics json.RawMessage   `json:"columnStatistics"`
	rest             extras
}

// columnFile is a column, with Hive's name of its type.
type columnFile struct {
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Comment    *string           `json:"comment,omitempty"`
	Properties map[string]string `json:"properties"`
}

// Types of tables.
const (
	managedTable  = "MANAGED_TABLE"
	externalTable = "EXTERNAL_TABLE"
	virtualView   = "VIRTUAL_VIEW"
)

// Parameters of tables and table partitions.
const (
	paramComment = "comment"
	paramQuery   = "trino_query_id"
	paramFiles   = "numFiles"
	paramRows    = "numRows"
	paramBytes   = "totalSize"
	paramRaw     = "rawDataSize"
)

func (m metastore) schemaDir(schema string) string { return filepath.Join(m.dir, schema) }

func (m metastore) schemaFile(schema string) string {
	return filepath.Join(m.dir, "."+schema+metadataFile)
}

func (m metastore) tableDir(name connector.SchemaTable) string {
	return filepath.Join(m.dir, name.Schema, name.Table)
}

func (m metastore) tableFile(name connector.SchemaTable) string {
	return filepath.Join(m.tableDir(name), metadataFile)
}

// validName refuses names that would lead out of their directory, or are hidden.
func validName(name string) bool {
	return name != "" && name[0] != '.' && !strings.ContainsAny(name, "/\x00")
}

// schemas lists the schemas.
func (m metastore) schemas() ([]string, error) {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return nil, metastoreError(err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), metadataFile); ok && strings.HasPrefix(name, ".") && validName(name[1:]) {
			names = append(names, name[1:])
		}
	}
	slices.Sort(names)
	return names, nil
}

// schema reads a schema; nil when there is none.
func (m metastore) schema(name string) (*schemaFile, error) {
	if !validName(name) {
		return nil, nil
	}
	var s schemaFile
	found, err := readMetadata(m.schemaFile(name), &s, &s.rest)
	if !found {
		return nil, err
	}
	return &s, nil
}

// tables lists the tables of a schema.
func (m metastore) tables(schema string) ([]string, error) {
	if s, err := m.schema(schema); s == nil || err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(m.schemaDir(schema))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, metastoreError(err)
	}
	var names []string
	for _, e := range entries {
		if !validName(e.Name()) {
			continue
		}
		if _, err := os.Stat(m.tableFile(connector.SchemaTable{Schema: schema, Table: e.Name()})); err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// table reads a table; nil when there is none.
func (m metastore) table(name connector.SchemaTable) (*tableFile, error) {
	if !validName(name.Schema) || !validName(name.Table) {
		return nil, nil
	}
	var t tableFile
	found, err := readMetadata(m.tableFile(name), &t, &t.rest)
	if !found {
		return nil, err
	}
	return &t, nil
}

// putTable writes a table's file; the table is visible from then on.
func (m metastore) putTable(name connector.SchemaTable, t *tableFile) error {
	if err := os.MkdirAll(m.tableDir(name), 0o777); err != nil {
		return metastoreError(err)
	}
	return writeMetadata(m.tableFile(name), t, t.rest)
}

// readMetadata reads a file into v, and what v does not have into rest.
func readMetadata(file string, v any, rest *extras) (found bool, err error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, metastoreError(err)
	}
	if err := decode(data, v, rest); err != nil {
		return false, trinoerr.New(trinoerr.HiveInvalidMetadata, "%s: %v", file, err)
	}
	return true, nil
}

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

// writeMetadata replaces a file, so that readers see the old or the new content, and a crash leaves one of them.
func writeMetadata(file string, v any, rest extras) error {
	data, err := encode(v, rest)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".waterbear-metadata-*")
	if err != nil {
		return metastoreError(err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
		return metastoreError(err)
	}
	return syncDir(filepath.Dir(file))
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

// syncDir makes the entries of a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return metastoreError(err)
	}
	defer d.Close()
	return metastoreError(d.Sync())
}

func metastoreError(err error) error {
	return trinoerr.Wrap(err, trinoerr.HiveMetastoreError, "Metastore")
}
