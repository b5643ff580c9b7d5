package deltalog

import (
	"strings"

	"github.com/parquet-go/parquet-go"
)

// part is a column of a checkpoint, which is an action. A row has the action whose key is not NULL.
type part struct {
	name, key string
	want      wanted
	columns   []column
}

// column is a field of an action. Fields of lists and maps have several leaves.
type column struct {
	name string
	kind fieldKind
	put  func(a *Action, v fieldValue)
}

type fieldKind uint8

const (
	single fieldKind = iota
	list
	dict
)

// fieldValue is what a row has for a field: one of these, by its kind.
type fieldValue struct {
	parquet.Value
	list []string
	dict map[string]*string
}

func (c column) leaves(part string) []string {
	base := part + "." + c.name
	switch c.kind {
	case list:
		return []string{base + "[]"}
	case dict:
		return []string{base + "{k}", base + "{v}"}
	}
	return []string{base}
}

// set sets a field, unless it is NULL.
func (c column) set(a *Action, row rowOf, part string) {
	base := part + "." + c.name
	var v fieldValue
	switch c.kind {
	case single:
		value, ok := row.value(base)
		if !ok {
			return
		}
		v.Value = value
	case list:
		for _, e := range row.values[base+"[]"] {
			if !e.IsNull() {
				v.list = append(v.list, text(e))
			}
		}
	case dict:
		keys, values := row.values[base+"{k}"], row.values[base+"{v}"]
		if len(keys) != len(values) || len(keys) == 0 {
			return
		}
		for i, k := range keys {
			if k.IsNull() {
				continue
			}
			if v.dict == nil {
				v.dict = map[string]*string{}
			}
			v.dict[text(k)] = nil
			if !values[i].IsNull() {
				s := text(values[i])
				v.dict[text(k)] = &s
			}
		}
	}
	c.put(a, v)
}

// rowOf is the values of a row, by leaf.
type rowOf struct{ values map[string][]parquet.Value }

// value is the value of a leaf that is in no list; ok is false for NULL.
func (r rowOf) value(leaf string) (v parquet.Value, ok bool) {
	values := r.values[leaf]
	if len(values) != 1 || values[0].IsNull() {
		return v, false
	}
	return values[0], true
}

func text(v parquet.Value) string { return strings.ToValidUTF8(string(v.ByteArray()), "\uFFFD") }

func (v fieldValue) text() string { return text(v.Value) }

// whole is an integer of any width.
func (v fieldValue) whole() int64 {
	switch v.Kind() {
	case parquet.Int32:
		return int64(v.Int32())
	case parquet.Int64:
		return v.Int64()
	}
	return 0
}

func (v fieldValue) truth() bool { return v.Kind() == parquet.Boolean && v.Boolean() }

func (v fieldValue) plain() map[string]string {
	out := map[string]string{}
	for k, s := range v.dict {
		if s != nil {
			out[k] = *s
		}
	}
	return out
}

// made returns what *p points to, which is made first when it is nil.
func made[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

// checkpointParts are the actions of checkpoints.
var checkpointParts = []part{
	{"protocol", "minReaderVersion", wantHead, []column{
		{"minReaderVersion", single, func(a *Action, v fieldValue) { made(&a.Protocol).MinReaderVersion = int(v.whole()) }},
		{"minWriterVersion", single, func(a *Action, v fieldValue) { made(&a.Protocol).MinWriterVersion = int(v.whole()) }},
		{"readerFeatures", list, func(a *Action, v fieldValue) { made(&a.Protocol).ReaderFeatures = v.list }},
		{"writerFeatures", list, func(a *Action, v fieldValue) { made(&a.Protocol).WriterFeatures = v.list }},
	}},
	{"metaData", "id", wantHead, []column{
		{"id", single, func(a *Action, v fieldValue) { made(&a.Metadata).ID = v.text() }},
		{"name", single, func(a *Action, v fieldValue) { made(&a.Metadata).Name = new(v.text()) }},
		{"description", single, func(a *Action, v fieldValue) { made(&a.Metadata).Description = new(v.text()) }},
		{"format.provider", single, func(a *Action, v fieldValue) { made(&a.Metadata).Format.Provider = v.text() }},
		{"format.options", dict, func(a *Action, v fieldValue) { made(&a.Metadata).Format.Options = v.plain() }},
		{"schemaString", single, func(a *Action, v fieldValue) { made(&a.Metadata).SchemaString = v.text() }},
		{"partitionColumns", list, func(a *Action, v fieldValue) { made(&a.Metadata).PartitionColumns = v.list }},
		{"createdTime", single, func(a *Action, v fieldValue) { made(&a.Metadata).CreatedTime = new(v.whole()) }},
		{"configuration", dict, func(a *Action, v fieldValue) { made(&a.Metadata).Configuration = v.plain() }},
	}},
	{"add", "path", wantAdds, append([]column{
		{"path", single, func(a *Action, v fieldValue) { made(&a.Add).Path = v.text() }},
		{"partitionValues", dict, func(a *Action, v fieldValue) { made(&a.Add).PartitionValues = v.dict }},
		{"size", single, func(a *Action, v fieldValue) { made(&a.Add).Size = v.whole() }},
		{"modificationTime", single, func(a *Action, v fieldValue) { made(&a.Add).ModificationTime = v.whole() }},
		{"dataChange", single, func(a *Action, v fieldValue) { made(&a.Add).DataChange = v.truth() }},
		{"stats", single, func(a *Action, v fieldValue) { made(&a.Add).Stats = v.text() }},
		{"tags", dict, func(a *Action, v fieldValue) { made(&a.Add).Tags = v.dict }},
		{"baseRowId", single, func(a *Action, v fieldValue) { made(&a.Add).BaseRowID = new(v.whole()) }},
		{"defaultRowCommitVersion", single, func(a *Action, v fieldValue) { made(&a.Add).RowCommitVersion = new(v.whole()) }},
		{"clusteringProvider", single, func(a *Action, v fieldValue) { made(&a.Add).Clustering = new(v.text()) }},
	}, vectorColumns(func(a *Action) *DeletionVector { return made(&made(&a.Add).DeletionVector) })...)},
	{"remove", "path", wantRemoves, append([]column{
		{"path", single, func(a *Action, v fieldValue) { made(&a.Remove).Path = v.text() }},
		{"deletionTimestamp", single, func(a *Action, v fieldValue) { made(&a.Remove).DeletionTimestamp = new(v.whole()) }},
		{"dataChange", single, func(a *Action, v fieldValue) { made(&a.Remove).DataChange = v.truth() }},
		{"extendedFileMetadata", single, func(a *Action, v fieldValue) { made(&a.Remove).ExtendedFileMetadata = v.truth() }},
		{"partitionValues", dict, func(a *Action, v fieldValue) { made(&a.Remove).PartitionValues = v.dict }},
		{"size", single, func(a *Action, v fieldValue) { made(&a.Remove).Size = new(v.whole()) }},
	}, vectorColumns(func(a *Action) *DeletionVector { return made(&made(&a.Remove).DeletionVector) })...)},
	{"txn", "appId", wantRest, []column{
		{"appId", single, func(a *Action, v fieldValue) { made(&a.Txn).AppID = v.text() }},
		{"version", single, func(a *Action, v fieldValue) { made(&a.Txn).Version = v.whole() }},
		{"lastUpdated", single, func(a *Action, v fieldValue) { made(&a.Txn).LastUpdated = new(v.whole()) }},
	}},
	{"domainMetadata", "domain", wantRest, []column{
		{"domain", single, func(a *Action, v fieldValue) { made(&a.Domain).Domain = v.text() }},
		{"configuration", single, func(a *Action, v fieldValue) { made(&a.Domain).Configuration = v.text() }},
		{"removed", single, func(a *Action, v fieldValue) { made(&a.Domain).Removed = v.truth() }},
	}},
	{"sidecar", "path", wantAdds | wantRemoves, []column{
		{"path", single, func(a *Action, v fieldValue) { made(&a.Sidecar).Path = v.text() }},
		{"sizeInBytes", single, func(a *Action, v fieldValue) { made(&a.Sidecar).SizeInBytes = v.whole() }},
	}},
}

// vectorColumns are the fields of a deletion vector.
func vectorColumns(of func(a *Action) *DeletionVector) []column {
	return []column{
		{"deletionVector.storageType", single, func(a *Action, v fieldValue) { of(a).StorageType = v.text() }},
		{"deletionVector.pathOrInlineDv", single, func(a *Action, v fieldValue) { of(a).PathOrInlineDv = v.text() }},
		{"deletionVector.offset", single, func(a *Action, v fieldValue) { of(a).Offset = new(int32(v.whole())) }},
		{"deletionVector.sizeInBytes", single, func(a *Action, v fieldValue) { of(a).SizeInBytes = int32(v.whole()) }},
		{"deletionVector.cardinality", single, func(a *Action, v fieldValue) { of(a).Cardinality = v.whole() }},
	}
}
