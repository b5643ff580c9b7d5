package metastore

import (
	"maps"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// table is the table of a struct of the metastore.
func (h *hmsTable) table(name connector.SchemaTable) *Table {
	t := &Table{Name: name, Owner: text(h.Owner), Type: h.Type, PartitionColumns: columnsOf(h.PartitionKeys), Parameters: parameters(h.Parameters),
		ViewOriginalText: given(text(h.ViewOriginalText)), ViewExpandedText: given(text(h.ViewExpandedText)), kept: h}
	t.Columns, t.Storage = h.Storage.storage(h.Parameters)
	if t.Type == VirtualView {
		t.Storage.Location = ""
	}
	return t
}

func columnsOf(fields []hmsField) []Column {
	list := make([]Column, len(fields))
	for i, f := range fields {
		list[i] = Column{Name: f.Name, Type: f.Type, Comment: given(text(f.Comment))}
	}
	return list
}

func fields(list []Column) []hmsField {
	out := make([]hmsField, len(list))
	for i, c := range list {
		out[i] = hmsField{Name: c.Name, Type: c.Type, Comment: c.Comment}
	}
	return out
}

// storage makes sense of a storage descriptor; a nil one says nothing.
func (h *hmsStorage) storage(tableParameters map[string]string) ([]Column, Storage) {
	if h == nil {
		return []Column{}, Storage{}
	}
	s := Storage{Location: text(h.Location), Format: Format{Input: text(h.InputFormat), Output: text(h.OutputFormat)}}
	if h.Serde != nil {
		s.Format.SerDe = text(h.Serde.Library)
		if len(h.Serde.Parameters) > 0 {
			s.SerdeParameters = h.Serde.Parameters
		}
	}
	if h.Buckets > 0 && len(h.BucketColumns) > 0 {
		s.Bucketing = &Bucketing{Columns: h.BucketColumns, Count: int(h.Buckets), Version: bucketingVersionOf(tableParameters)}
		for _, o := range h.SortColumns {
			s.Bucketing.SortedBy = append(s.Bucketing.SortedBy, SortColumn{Name: o.Column, Descending: o.Order == 0})
		}
	}
	return columnsOf(h.Columns), s
}

// hms is the struct of a storage: what was kept, with what this package knows of changed.
func (s *Storage) hms(name string, columns []Column, kept *hmsStorage) *hmsStorage {
	h := &hmsStorage{Parameters: map[string]string{}, BucketColumns: []string{}, SortColumns: []hmsOrder{}, Serde: &hmsSerde{Name: &name}}
	if kept != nil {
		c := *kept
		h = &c
		serde := hmsSerde{Name: &name}
		if kept.Serde != nil {
			serde = *kept.Serde
		}
		h.Serde = &serde
	}
	h.Columns, h.Location = fields(columns), given(s.Location)
	h.InputFormat, h.OutputFormat, h.Serde.Library = given(s.Format.Input), given(s.Format.Output), given(s.Format.SerDe)
	h.Serde.Parameters = maps.Clone(parameters(s.SerdeParameters))
	h.Buckets, h.BucketColumns, h.SortColumns = 0, []string{}, []hmsOrder{}
	if b := s.Bucketing; b != nil {
		h.Buckets, h.BucketColumns = int32(b.Count), b.Columns
		for _, c := range b.SortedBy {
			order := hmsOrder{Column: c.Name, Order: 1}
			if c.Descending {
				order.Order = 0
			}
			h.SortColumns = append(h.SortColumns, order)
		}
	}
	return h
}

// hms is the struct of a table.
func (t *Table) hms() hmsTable {
	kept, _ := t.kept.(*hmsTable)
	h := hmsTable{}
	var storage *hmsStorage
	if kept != nil {
		h, storage = *kept, kept.Storage
	}
	h.Database, h.Name, h.Owner, h.Type = t.Name.Schema, t.Name.Table, given(t.Owner), t.Type
	h.PartitionKeys, h.Parameters = fields(t.PartitionColumns), t.allParameters()
	h.ViewOriginalText, h.ViewExpandedText = t.ViewOriginalText, t.ViewExpandedText
	h.Storage = t.Storage.hms(t.Name.Table, t.Columns, storage)
	if t.Type == ExternalTable {
		h.Parameters["EXTERNAL"] = "TRUE" // by which the metastore knows them
	}
	return h
}

// partition is the table partition of a struct; its name is made of the values.
func (h *hmsPartition) partition(columns []string) *Partition {
	p := &Partition{Parameters: parameters(h.Parameters), kept: h}
	values := make([]*string, len(columns))
	for i := range min(len(columns), len(h.Values)) {
		if h.Values[i] != NullPartition {
			values[i] = &h.Values[i]
		}
	}
	p.Name = PartitionName(columns, values)
	p.Columns, p.Storage = h.Storage.storage(nil)
	return p
}

// hms is the struct of a table partition.
func (p *Partition) hms(t *Table) hmsPartition {
	kept, _ := p.kept.(*hmsPartition)
	h := hmsPartition{}
	var storage *hmsStorage
	if kept != nil {
		h, storage = *kept, kept.Storage
	}
	h.Database, h.Table = t.Name.Schema, t.Name.Table
	h.Values, _ = hmsValues(t.partitionNames(), p.Name)
	h.Parameters = maps.Clone(parameters(p.Parameters))
	h.Storage = p.Storage.hms(t.Name.Table, p.Columns, storage)
	return h
}
