package deltalog

import (
	"encoding/json"
	"net/url"
	"strconv"
)

// Action is a line of a commit, or a row of a checkpoint: one of its fields is set. What is not known here is left out.
type Action struct {
	Protocol   *Protocol       `json:"protocol,omitempty"`
	Metadata   *Metadata       `json:"metaData,omitempty"`
	Add        *Add            `json:"add,omitempty"`
	Remove     *Remove         `json:"remove,omitempty"`
	Txn        *Txn            `json:"txn,omitempty"`
	CommitInfo *CommitInfo     `json:"commitInfo,omitempty"`
	CDC        *CDC            `json:"cdc,omitempty"`
	Domain     *DomainMetadata `json:"domainMetadata,omitempty"`
	Sidecar    *Sidecar        `json:"sidecar,omitempty"`
	// Checkpoint is in checkpoints by the second specification only.
	Checkpoint *CheckpointMetadata `json:"checkpointMetadata,omitempty"`
}

// Protocol says what a program must be capable of to read and write the table.
type Protocol struct {
	MinReaderVersion int      `json:"minReaderVersion"`
	MinWriterVersion int      `json:"minWriterVersion"`
	ReaderFeatures   []string `json:"readerFeatures,omitempty"`
	WriterFeatures   []string `json:"writerFeatures,omitempty"`
}

// MarshalJSON has the lists of features exactly where the versions ask for them.
func (p Protocol) MarshalJSON() ([]byte, error) {
	type plain Protocol
	out := struct {
		plain
		ReaderFeatures *[]string `json:"readerFeatures,omitempty"`
		WriterFeatures *[]string `json:"writerFeatures,omitempty"`
	}{plain: plain(p)}
	if p.MinReaderVersion >= featuresReader {
		out.ReaderFeatures = new(orEmpty(p.ReaderFeatures))
	}
	if p.MinWriterVersion >= featuresWriter {
		out.WriterFeatures = new(orEmpty(p.WriterFeatures))
	}
	return json.Marshal(out)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Metadata is the table's definition.
type Metadata struct {
	ID               string            `json:"id"`
	Name             *string           `json:"name,omitempty"`
	Description      *string           `json:"description,omitempty"`
	Format           Format            `json:"format"`
	SchemaString     string            `json:"schemaString"`
	PartitionColumns []string          `json:"partitionColumns"`
	CreatedTime      *int64            `json:"createdTime,omitempty"`
	Configuration    map[string]string `json:"configuration"`
}

// Format is the format of data files.
type Format struct {
	Provider string            `json:"provider"`
	Options  map[string]string `json:"options"`
}

// MarshalJSON has no nulls where there must be lists and maps.
func (m Metadata) MarshalJSON() ([]byte, error) {
	type plain Metadata
	if m.PartitionColumns = orEmpty(m.PartitionColumns); m.Configuration == nil {
		m.Configuration = map[string]string{}
	}
	if m.Format.Options == nil {
		m.Format.Options = map[string]string{}
	}
	return json.Marshal(plain(m))
}

// Add puts a data file into the table.
type Add struct {
	Path             string             `json:"path"`
	PartitionValues  map[string]*string `json:"partitionValues"`
	Size             int64              `json:"size"`
	ModificationTime int64              `json:"modificationTime"`
	DataChange       bool               `json:"dataChange"`
	Stats            string             `json:"stats,omitempty"`
	Tags             map[string]*string `json:"tags,omitempty"`
	DeletionVector   *DeletionVector    `json:"deletionVector,omitempty"`
	BaseRowID        *int64             `json:"baseRowId,omitempty"`
	RowCommitVersion *int64             `json:"defaultRowCommitVersion,omitempty"`
	Clustering       *string            `json:"clusteringProvider,omitempty"`
}

// MarshalJSON has no null where there must be a map.
func (a Add) MarshalJSON() ([]byte, error) {
	type plain Add
	if a.PartitionValues == nil {
		a.PartitionValues = map[string]*string{}
	}
	return json.Marshal(plain(a))
}

// Remove takes a data file out of the table.
type Remove struct {
	Path                 string             `json:"path"`
	DeletionTimestamp    *int64             `json:"deletionTimestamp,omitempty"`
	DataChange           bool               `json:"dataChange"`
	ExtendedFileMetadata bool               `json:"extendedFileMetadata,omitempty"`
	PartitionValues      map[string]*string `json:"partitionValues,omitempty"`
	Size                 *int64             `json:"size,omitempty"`
	DeletionVector       *DeletionVector    `json:"deletionVector,omitempty"`
}

// DeletionVector says where the list of a file's deleted rows is.
type DeletionVector struct {
	StorageType    string `json:"storageType"`
	PathOrInlineDv string `json:"pathOrInlineDv"`
	Offset         *int32 `json:"offset,omitempty"`
	SizeInBytes    int32  `json:"sizeInBytes"`
	Cardinality    int64  `json:"cardinality"`
}

// ID tells deletion vectors of a file apart; empty for none.
func (d *DeletionVector) ID() string {
	switch {
	case d == nil:
		return ""
	case d.Offset == nil:
		return d.StorageType + d.PathOrInlineDv
	}
	return d.StorageType + d.PathOrInlineDv + "@" + strconv.Itoa(int(*d.Offset))
}

// Txn records how far an application has come.
type Txn struct {
	AppID       string `json:"appId"`
	Version     int64  `json:"version"`
	LastUpdated *int64 `json:"lastUpdated,omitempty"`
}

// CommitInfo says who made a version, and how.
type CommitInfo struct {
	Version             *int64            `json:"version,omitempty"`
	Timestamp           int64             `json:"timestamp"`
	InCommitTimestamp   *int64            `json:"inCommitTimestamp,omitempty"`
	UserID              string            `json:"userId,omitempty"`
	UserName            string            `json:"userName,omitempty"`
	Operation           string            `json:"operation,omitempty"`
	OperationParameters map[string]string `json:"operationParameters,omitempty"`
	ClusterID           string            `json:"clusterId,omitempty"`
	ReadVersion         *int64            `json:"readVersion,omitempty"`
	IsolationLevel      string            `json:"isolationLevel,omitempty"`
	IsBlindAppend       *bool             `json:"isBlindAppend,omitempty"`
	EngineInfo          string            `json:"engineInfo,omitempty"`
}

// UnmarshalJSON reads what writers agree on: all else, and values that are not as usual, are left out.
func (c *CommitInfo) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	for name, to := range map[string]any{"version": &c.Version, "timestamp": &c.Timestamp, "inCommitTimestamp": &c.InCommitTimestamp,
		"userId": &c.UserID, "userName": &c.UserName, "operation": &c.Operation, "clusterId": &c.ClusterID, "readVersion": &c.ReadVersion,
		"isolationLevel": &c.IsolationLevel, "isBlindAppend": &c.IsBlindAppend, "engineInfo": &c.EngineInfo} {
		_ = json.Unmarshal(fields[name], to)
	}
	var parameters map[string]json.RawMessage
	if json.Unmarshal(fields["operationParameters"], &parameters) == nil && parameters != nil {
		c.OperationParameters = map[string]string{}
		for name, raw := range parameters {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			c.OperationParameters[name] = text
		}
	}
	return nil
}

// CDC adds a file of changes.
type CDC struct {
	Path            string             `json:"path"`
	PartitionValues map[string]*string `json:"partitionValues"`
	Size            int64              `json:"size"`
	DataChange      bool               `json:"dataChange"`
}

// DomainMetadata is a configuration that some feature keeps with the table.
type DomainMetadata struct {
	Domain        string `json:"domain"`
	Configuration string `json:"configuration"`
	Removed       bool   `json:"removed"`
}

// Sidecar names a file that has actions of a checkpoint.
type Sidecar struct {
	Path        string `json:"path"`
	SizeInBytes int64  `json:"sizeInBytes"`
}

// CheckpointMetadata marks a checkpoint by the second specification.
type CheckpointMetadata struct {
	Version int64 `json:"version"`
}

// DecodePath returns the path of a data file: relative to the table's directory, or a location.
func DecodePath(path string) (string, error) {
	out, err := url.PathUnescape(path)
	if err != nil {
		return "", broken("path %q of a data file cannot be decoded", path)
	}
	return out, nil
}
