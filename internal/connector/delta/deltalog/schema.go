package deltalog

import (
	"encoding/json"
	"strconv"
)

// The keys of a column's metadata that matter.
const (
	metaMappingID    = "delta.columnMapping.id"
	metaPhysicalName = "delta.columnMapping.physicalName"
	metaComment      = "comment"
)

// maxSchemaDepth bounds how deep types are nested.
const maxSchemaDepth = 100

// Field is a column, or a field of a struct.
type Field struct {
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Nullable bool   `json:"nullable"`
	// Metadata is kept as it is, since others read it too.
	Metadata map[string]json.RawMessage `json:"metadata"`
}

// Type is a type of Delta: one of a primitive, a struct, an array and a map.
type Type struct {
	Primitive string // its name, such as "long" or "decimal(10,2)"
	Struct    []Field
	Element   *Type
	Key       *Type
	Value     *Type
	// ContainsNull is whether elements, or values, may be NULL.
	ContainsNull bool
}

// IsStruct reports whether it is a struct, which may have no fields.
func (t *Type) IsStruct() bool { return t.Struct != nil }

type nestedType struct {
	Type              string   `json:"type"`
	Fields            *[]Field `json:"fields,omitempty"`
	ElementType       *Type    `json:"elementType,omitempty"`
	ContainsNull      *bool    `json:"containsNull,omitempty"`
	KeyType           *Type    `json:"keyType,omitempty"`
	ValueType         *Type    `json:"valueType,omitempty"`
	ValueContainsNull *bool    `json:"valueContainsNull,omitempty"`
}

// MarshalJSON writes a type as Spark does.
func (t Type) MarshalJSON() ([]byte, error) {
	switch {
	case t.Struct != nil:
		return json.Marshal(nestedType{Type: "struct", Fields: &t.Struct})
	case t.Element != nil:
		return json.Marshal(nestedType{Type: "array", ElementType: t.Element, ContainsNull: &t.ContainsNull})
	case t.Key != nil:
		return json.Marshal(nestedType{Type: "map", KeyType: t.Key, ValueType: t.Value, ValueContainsNull: &t.ContainsNull})
	}
	return json.Marshal(t.Primitive)
}

// UnmarshalJSON reads a type.
func (t *Type) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &t.Primitive) == nil {
		return nil
	}
	var n nestedType
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	switch {
	case n.Type == "struct" && n.Fields != nil:
		t.Struct = orEmpty(*n.Fields)
	case n.Type == "array" && n.ElementType != nil:
		t.Element, t.ContainsNull = n.ElementType, n.ContainsNull == nil || *n.ContainsNull
	case n.Type == "map" && n.KeyType != nil && n.ValueType != nil:
		t.Key, t.Value, t.ContainsNull = n.KeyType, n.ValueType, n.ValueContainsNull == nil || *n.ValueContainsNull
	default:
		return broken("unknown type %.100q", data)
	}
	return nil
}

// ParseSchema reads the columns of a table.
func ParseSchema(text string) ([]Field, error) {
	if depthOf(text) > 4*maxSchemaDepth {
		return nil, broken("the schema is nested too deep")
	}
	var t Type
	if err := json.Unmarshal([]byte(text), &t); err != nil || t.Struct == nil {
		return nil, broken("the schema is not valid: %.200q", text)
	}
	return t.Struct, nil
}

// depthOf is about how deep JSON is nested: braces within texts count.
func depthOf(text string) (deepest int) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// FormatSchema writes the columns of a table.
func FormatSchema(fields []Field) (string, error) {
	out, err := json.Marshal(Type{Struct: orEmpty(withMetadata(fields))})
	return string(out), err
}

// withMetadata has no null for metadata.
func withMetadata(fields []Field) []Field {
	out := make([]Field, len(fields))
	for i, f := range fields {
		if f.Metadata == nil {
			f.Metadata = map[string]json.RawMessage{}
		}
		f.Type = typeWithMetadata(f.Type)
		out[i] = f
	}
	return out
}

func typeWithMetadata(t Type) Type {
	if t.Struct != nil {
		t.Struct = withMetadata(t.Struct)
	}
	for _, p := range []**Type{&t.Element, &t.Key, &t.Value} {
		if *p != nil {
			inner := typeWithMetadata(**p)
			*p = &inner
		}
	}
	return t
}

// text returns a text of the metadata.
func (f *Field) text(key string) (s string, ok bool) {
	raw, ok := f.Metadata[key]
	if !ok || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}

// Comment returns the column's comment; nil when it has none.
func (f *Field) Comment() *string {
	if s, ok := f.text(metaComment); ok {
		return &s
	}
	return nil
}

// SetComment changes the comment.
func (f *Field) SetComment(comment *string) {
	if comment == nil {
		f.set(metaComment, nil)
		return
	}
	f.set(metaComment, *comment)
}

// set changes a value of the metadata, of which others may have the map; nil removes it.
func (f *Field) set(key string, value any) {
	meta := map[string]json.RawMessage{}
	for k, v := range f.Metadata {
		meta[k] = v
	}
	delete(meta, key)
	if value != nil {
		raw, err := json.Marshal(value)
		if err == nil {
			meta[key] = raw
		}
	}
	f.Metadata = meta
}

// Physical is the name that the column has in data files and in the log, under a mode of column mapping.
func (f *Field) Physical(mode MappingMode) string {
	if mode != MapNone {
		if s, ok := f.text(metaPhysicalName); ok && s != "" {
			return s
		}
	}
	return f.Name
}

// MappingID is the column's number; ok is false when it has none.
func (f *Field) MappingID() (id int, ok bool) {
	raw, ok := f.Metadata[metaMappingID]
	if !ok {
		return 0, false
	}
	return id, json.Unmarshal(raw, &id) == nil
}

// Map gives the column a number and a physical name.
func (f *Field) Map(id int, physical string) {
	f.set(metaMappingID, id)
	f.set(metaPhysicalName, physical)
}

// Has reports whether the metadata has a key.
func (f *Field) Has(key string) bool {
	_, ok := f.Metadata[key]
	return ok
}

// MappingMode is how the columns of data files are found.
type MappingMode string

// The modes.
const (
	MapNone MappingMode = "none"
	MapName MappingMode = "name"
	MapID   MappingMode = "id"
)

// The table properties that matter.
const (
	propMapping      = "delta.columnMapping.mode"
	PropMaxColumn    = "delta.columnMapping.maxColumnId"
	PropVectors      = "delta.enableDeletionVectors"
	PropAppendOnly   = "delta.appendOnly"
	PropChangeFeed   = "delta.enableChangeDataFeed"
	PropInterval     = "delta.checkpointInterval"
	PropRetention    = "delta.deletedFileRetentionDuration"
	PropConstraints  = "delta.constraints."
	PropMapping      = propMapping
	MetaInvariants   = "delta.invariants"
	MetaGeneration   = "delta.generationExpression"
	MetaIdentity     = "delta.identity.start"
	PropInCommitTime = "delta.enableInCommitTimestamps"
)

// Mapping is the mode of column mapping.
func (s *Snapshot) Mapping() (MappingMode, error) {
	if !s.Protocol.Supports(ColumnMapping) {
		return MapNone, nil
	}
	switch mode := MappingMode(s.Metadata.Configuration[propMapping]); mode {
	case "", MapNone:
		return MapNone, nil
	case MapName, MapID:
		return mode, nil
	default:
		return "", unsupported("column mapping mode %q is not supported", mode)
	}
}

// Flag reads a table property that is true or false.
func (m *Metadata) Flag(name string) bool {
	on, _ := strconv.ParseBool(m.Configuration[name])
	return on
}

// MapAsNamed gives fields, and those below them, numbers after the last one and, in files, the names that they have; it returns the last
// number.
func MapAsNamed(fields []Field, last int) int {
	for i := range fields {
		last++
		fields[i].Map(last, fields[i].Name)
		last = fields[i].Type.mapAsNamed(last)
	}
	return last
}

func (t *Type) mapAsNamed(last int) int {
	last = MapAsNamed(t.Struct, last)
	for _, inner := range []*Type{t.Element, t.Key, t.Value} {
		if inner != nil {
			last = inner.mapAsNamed(last)
		}
	}
	return last
}
