package metastore

import (
	"encoding/json"
	"slices"
)

// Format is how the rows of a table are stored, as Hive says it: three Java classes.
type Format struct {
	SerDe  string `json:"serde"`
	Input  string `json:"inputFormat"`
	Output string `json:"outputFormat"`
}

const (
	textInput  = "org.apache.hadoop.mapred.TextInputFormat"
	textOutput = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
	rcInput    = "org.apache.hadoop.hive.ql.io.RCFileInputFormat"
	rcOutput   = "org.apache.hadoop.hive.ql.io.RCFileOutputFormat"
	lazySimple = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
)

// formats are Trino's names of combinations of classes.
var formats = []struct {
	name   string
	format Format
}{
	{"ORC", Format{"org.apache.hadoop.hive.ql.io.orc.OrcSerde", "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat"}},
	{"PARQUET", Format{"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"}},
	{"AVRO", Format{"org.apache.hadoop.hive.serde2.avro.AvroSerDe", "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat", "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat"}},
	{"RCBINARY", Format{"org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe", rcInput, rcOutput}},
	{"RCTEXT", Format{"org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe", rcInput, rcOutput}},
	{"SEQUENCEFILE", Format{lazySimple, "org.apache.hadoop.mapred.SequenceFileInputFormat", "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat"}},
	{"JSON", Format{"org.apache.hive.hcatalog.data.JsonSerDe", textInput, textOutput}},
	{"OPENX_JSON", Format{"org.openx.data.jsonserde.JsonSerDe", textInput, textOutput}},
	{"TEXTFILE", Format{lazySimple, textInput, textOutput}},
	{"CSV", Format{"org.apache.hadoop.hive.serde2.OpenCSVSerde", textInput, textOutput}},
	{"REGEX", Format{"org.apache.hadoop.hive.serde2.RegexSerDe", textInput, textOutput}},
}

// FormatNames lists the names of formats, as Trino has them.
func FormatNames() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// FormatOf returns the classes of a format's name; none for a name that there is not.
func FormatOf(name string) Format {
	for _, f := range formats {
		if f.name == name {
			return f.format
		}
	}
	return Format{}
}

// Name returns Trino's name of the format; when it has none, the classes.
func (f Format) Name() string {
	for _, known := range formats {
		// What is written is of no matter to who reads; programs differ in it.
		if known.format.SerDe == f.SerDe && known.format.Input == f.Input {
			return known.name
		}
	}
	return f.SerDe + " " + f.Input
}

// IsView reports whether there are no classes, as views have none.
func (f Format) IsView() bool { return f == Format{} }

// fileFormat is a format in a metadata file: a name, or an object with the classes.
func fileFormat(f Format) json.RawMessage {
	if f.IsView() {
		return nil
	}
	i := slices.IndexFunc(formats, func(known struct {
		name   string
		format Format
	}) bool {
		return known.format == f
	})
	if i >= 0 {
		return json.RawMessage(`"` + formats[i].name + `"`)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return nil // three strings always are JSON
	}
	return raw
}

// formatOfFile is the reverse of fileFormat.
func formatOfFile(raw json.RawMessage) (Format, error) {
	var name string
	if len(raw) == 0 || string(raw) == "null" {
		return Format{}, nil
	}
	if json.Unmarshal(raw, &name) == nil {
		if f := FormatOf(name); f != (Format{}) {
			return f, nil
		}
		return Format{SerDe: name}, nil
	}
	var f Format
	err := json.Unmarshal(raw, &f)
	return f, err
}
