package deltalog

import (
	"slices"
	"strings"
)

// The versions from which on a protocol lists features instead of implying them.
const (
	featuresReader = 3
	featuresWriter = 7
)

// The features that this package knows by name.
const (
	AppendOnly       = "appendOnly"
	ChangeDataFeed   = "changeDataFeed"
	CheckConstraints = "checkConstraints"
	ColumnMapping    = "columnMapping"
	DeletionVectors  = "deletionVectors"
	GeneratedColumns = "generatedColumns"
	IdentityColumns  = "identityColumns"
	Invariants       = "invariants"
	TimestampNTZ     = "timestampNtz"
	TypeWidening     = "typeWidening"
	V2Checkpoint     = "v2Checkpoint"
)

// feature says what is done about a feature.
type feature struct {
	name string
	// reader is the reader version that implies it, and writer the writer version; zero when it must be listed.
	reader, writer int
	// readers says that readers must know it. read and write say that they, and writers, do.
	readers, read, write bool
}

// features are those known. Writing into tables of some is refused elsewhere, where they are in use.
var features = []feature{
	{name: AppendOnly, writer: 2, write: true},
	{name: Invariants, writer: 2, write: true},
	{name: CheckConstraints, writer: 3, write: true},
	{name: ChangeDataFeed, writer: 4, write: true},
	{name: GeneratedColumns, writer: 4, write: true},
	{name: ColumnMapping, reader: 2, writer: 5, readers: true, read: true, write: true},
	{name: IdentityColumns, writer: 6, write: true},
	{name: DeletionVectors, readers: true, read: true, write: true},
	{name: TimestampNTZ, readers: true, read: true, write: true},
	{name: TypeWidening, readers: true, read: true, write: true},
	{name: "typeWidening-preview", readers: true, read: true, write: true},
	{name: V2Checkpoint, readers: true, read: true, write: true},
	{name: "vacuumProtocolCheck", readers: true, read: true, write: true},
	{name: "domainMetadata", write: true},
	{name: "icebergCompatV1"},
	{name: "icebergCompatV2"},
}

func featureOf(name string) feature {
	i := slices.IndexFunc(features, func(f feature) bool { return f.name == name })
	if i < 0 {
		return feature{name: name}
	}
	return features[i]
}

// Supports reports whether a protocol has a feature.
func (p *Protocol) Supports(name string) bool {
	f := featureOf(name)
	if p.MinWriterVersion >= featuresWriter {
		return slices.Contains(p.WriterFeatures, name) || slices.Contains(p.ReaderFeatures, name)
	}
	return f.writer > 0 && p.MinWriterVersion >= f.writer || f.reader > 0 && p.MinReaderVersion >= f.reader
}

// Readable reports what stands in the way of reading tables of a protocol.
func (p *Protocol) Readable() error {
	if p.MinReaderVersion < 1 || p.MinReaderVersion > featuresReader {
		return unsupported("Delta Lake reader version %d is not supported", p.MinReaderVersion)
	}
	if p.MinReaderVersion < featuresReader {
		return nil
	}
	return unknown("reader", p.ReaderFeatures, func(f feature) bool { return f.read })
}

// Writable reports what stands in the way of writing into tables of a protocol.
func (p *Protocol) Writable() error {
	if err := p.Readable(); err != nil {
		return err
	}
	if p.MinWriterVersion < 1 || p.MinWriterVersion > featuresWriter {
		return unsupported("Delta Lake writer version %d is not supported", p.MinWriterVersion)
	}
	if p.MinWriterVersion < featuresWriter {
		return nil
	}
	return unknown("writer", p.WriterFeatures, func(f feature) bool { return f.write })
}

func unknown(kind string, names []string, known func(feature) bool) error {
	var bad []string
	for _, name := range names {
		if !known(featureOf(name)) {
			bad = append(bad, name)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	return unsupported("Unsupported %s features: [%s]", kind, strings.Join(bad, ", "))
}

// Require changes a protocol to one that has a feature. Where it must, it lists features; those that the versions implied are listed then.
func (p *Protocol) Require(name string) {
	if p.Supports(name) {
		return
	}
	f := featureOf(name)
	if p.MinWriterVersion < featuresWriter {
		var writers, readers []string
		for _, known := range features {
			if known.writer > 0 && p.MinWriterVersion >= known.writer {
				writers = append(writers, known.name)
			}
			if known.reader > 0 && p.MinReaderVersion >= known.reader {
				readers = append(readers, known.name)
			}
		}
		p.WriterFeatures, p.MinWriterVersion = writers, featuresWriter
		if f.readers || len(readers) > 0 {
			p.ReaderFeatures, p.MinReaderVersion = readers, featuresReader
		}
	}
	p.WriterFeatures = append(slices.Clone(p.WriterFeatures), name)
	if f.readers {
		p.MinReaderVersion = featuresReader
		p.ReaderFeatures = append(slices.Clone(p.ReaderFeatures), name)
	}
}
