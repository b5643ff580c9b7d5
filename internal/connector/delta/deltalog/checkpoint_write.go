package deltalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parquet-go/parquet-go"
)

// The rows of a checkpoint as they are written.
type (
	checkpointRow struct {
		Protocol *protocolRow `parquet:"protocol,optional"`
		Metadata *metadataRow `parquet:"metaData,optional"`
		Add      *addRow      `parquet:"add,optional"`
		Remove   *removeRow   `parquet:"remove,optional"`
		Txn      *txnRow      `parquet:"txn,optional"`
		Domain   *domainRow   `parquet:"domainMetadata,optional"`
	}
	protocolRow struct {
		MinReaderVersion int32    `parquet:"minReaderVersion"`
		MinWriterVersion int32    `parquet:"minWriterVersion"`
		ReaderFeatures   []string `parquet:"readerFeatures,optional,list"`
		WriterFeatures   []string `parquet:"writerFeatures,optional,list"`
	}
	metadataRow struct {
		ID               string            `parquet:"id"`
		Name             *string           `parquet:"name,optional"`
		Description      *string           `parquet:"description,optional"`
		Format           formatRow         `parquet:"format"`
		SchemaString     string            `parquet:"schemaString"`
		PartitionColumns []string          `parquet:"partitionColumns,list"`
		CreatedTime      *int64            `parquet:"createdTime,optional"`
		Configuration    map[string]string `parquet:"configuration"`
	}
	formatRow struct {
		Provider string            `parquet:"provider"`
		Options  map[string]string `parquet:"options"`
	}
	addRow struct {
		Path             string             `parquet:"path"`
		PartitionValues  map[string]*string `parquet:"partitionValues"`
		Size             int64              `parquet:"size"`
		ModificationTime int64              `parquet:"modificationTime"`
		DataChange       bool               `parquet:"dataChange"`
		Stats            *string            `parquet:"stats,optional"`
		Tags             map[string]*string `parquet:"tags,optional"`
		DeletionVector   *vectorRow         `parquet:"deletionVector,optional"`
		BaseRowID        *int64             `parquet:"baseRowId,optional"`
		RowCommitVersion *int64             `parquet:"defaultRowCommitVersion,optional"`
		Clustering       *string            `parquet:"clusteringProvider,optional"`
	}
	removeRow struct {
		Path                 string             `parquet:"path"`
		DeletionTimestamp    *int64             `parquet:"deletionTimestamp,optional"`
		DataChange           bool               `parquet:"dataChange"`
		ExtendedFileMetadata bool               `parquet:"extendedFileMetadata"`
		PartitionValues      map[string]*string `parquet:"partitionValues,optional"`
		Size                 *int64             `parquet:"size,optional"`
		DeletionVector       *vectorRow         `parquet:"deletionVector,optional"`
	}
	vectorRow struct {
		StorageType    string `parquet:"storageType"`
		PathOrInlineDv string `parquet:"pathOrInlineDv"`
		Offset         *int32 `parquet:"offset,optional"`
		SizeInBytes    int32  `parquet:"sizeInBytes"`
		Cardinality    int64  `parquet:"cardinality"`
	}
	txnRow struct {
		AppID       string `parquet:"appId"`
		Version     int64  `parquet:"version"`
		LastUpdated *int64 `parquet:"lastUpdated,optional"`
	}
	domainRow struct {
		Domain        string `parquet:"domain"`
		Configuration string `parquet:"configuration"`
		Removed       bool   `parquet:"removed"`
	}
)

func rowOfAction(a *Action) checkpointRow {
	switch {
	case a.Add != nil:
		// In a checkpoint no file is a change.
		x := a.Add
		row := &addRow{x.Path, x.PartitionValues, x.Size, x.ModificationTime, false, nil, x.Tags, (*vectorRow)(x.DeletionVector), x.BaseRowID, x.RowCommitVersion, x.Clustering}
		if x.Stats != "" {
			row.Stats = &x.Stats
		}
		return checkpointRow{Add: row}
	case a.Remove != nil:
		x := a.Remove
		return checkpointRow{Remove: &removeRow{x.Path, x.DeletionTimestamp, false, x.ExtendedFileMetadata, x.PartitionValues, x.Size, (*vectorRow)(x.DeletionVector)}}
	case a.Txn != nil:
		return checkpointRow{Txn: (*txnRow)(a.Txn)}
	case a.Domain != nil:
		return checkpointRow{Domain: (*domainRow)(a.Domain)}
	case a.Metadata != nil:
		x := a.Metadata
		return checkpointRow{Metadata: &metadataRow{x.ID, x.Name, x.Description, formatRow(x.Format), x.SchemaString, x.PartitionColumns, x.CreatedTime, x.Configuration}}
	}
	row := &protocolRow{MinReaderVersion: int32(a.Protocol.MinReaderVersion), MinWriterVersion: int32(a.Protocol.MinWriterVersion)}
	if a.Protocol.MinReaderVersion >= featuresReader {
		row.ReaderFeatures = orEmpty(a.Protocol.ReaderFeatures)
	}
	if a.Protocol.MinWriterVersion >= featuresWriter {
		row.WriterFeatures = orEmpty(a.Protocol.WriterFeatures)
	}
	return checkpointRow{Protocol: row}
}

// checkpointGroup is how many actions a row group of a checkpoint has; so many are in memory.
const checkpointGroup = 50_000

// WriteCheckpoint writes the checkpoint of a snapshot, with the tombstones that are not older than expired, and leaves the hint.
func (l *Log) WriteCheckpoint(ctx context.Context, s *Snapshot, expired time.Time) error {
	name := classicName(s.Version)
	out, err := l.create(ctx, name, false)
	if err != nil {
		return err
	}
	defer out.Abort() //nolint:errcheck // after Close it does nothing
	w := parquet.NewGenericWriter[checkpointRow](out, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(checkpointGroup))
	hint := struct {
		Version  int64 `json:"version"`
		Size     int64 `json:"size"`
		AddFiles int64 `json:"numOfAddFiles"`
	}{Version: s.Version}
	put := func(a *Action) error {
		hint.Size++
		if a.Add != nil {
			hint.AddFiles++
		}
		_, err := w.Write([]checkpointRow{rowOfAction(a)})
		return err
	}
	for _, a := range []Action{{Protocol: &s.Protocol}, {Metadata: &s.Metadata}} {
		if err := put(&a); err != nil {
			return err
		}
	}
	applications, domains := map[string]bool{}, map[string]bool{}
	err = l.scan(ctx, s, wantAdds|wantRemoves|wantRest, func(a *Action) error {
		switch {
		case a.Add != nil:
			return put(a)
		case a.Remove != nil:
			if t := a.Remove.DeletionTimestamp; t == nil || *t < expired.UnixMilli() {
				return nil
			}
			return put(a)
		case a.Txn != nil && !applications[a.Txn.AppID]:
			applications[a.Txn.AppID] = true
			return put(a)
		case a.Domain != nil && !domains[a.Domain.Domain]:
			domains[a.Domain.Domain] = true
			if !a.Domain.Removed {
				return put(a)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return l.writeHint(ctx, hint)
}

func (l *Log) writeHint(ctx context.Context, hint any) error {
	data, err := json.Marshal(hint)
	if err != nil {
		return err
	}
	out, err := l.create(ctx, hintName, false)
	if err != nil {
		return err
	}
	defer out.Abort() //nolint:errcheck // after Close it does nothing
	if _, err := out.Write(data); err != nil {
		return err
	}
	return out.Close()
}
