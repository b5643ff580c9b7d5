package iceberg

import (
	"context"

	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TableVersion describes a table as of a snapshot's id, the name of a branch or tag, or a moment.
func (c *Connector) TableVersion(ctx context.Context, name connector.SchemaTable, v connector.Version) (*connector.Table, error) {
	t, err := c.load(ctx, name)
	if t == nil || err != nil {
		return nil, err
	}
	s, err := snapshotAt(t, v)
	if err != nil {
		return nil, err
	}
	h := handleOf(name, t, nil)
	h.at(t, s)
	return c.describe(t, h)
}

// snapshotAt finds the snapshot that a version points to.
func snapshotAt(t *table.Table, v connector.Version) (*table.Snapshot, error) {
	if v.Timestamp {
		ms, ok := epochMillis(v.Value)
		if !ok {
			return nil, trinoerr.New(trinoerr.NotSupported, "Unsupported type for temporal table version: %s", v.Type)
		}
		if s := t.SnapshotAsOf(ms, true); s != nil {
			return s, nil
		}
		return nil, trinoerr.New(trinoerr.InvalidArguments, "No version history table %s at or before %s", "\""+t.Identifier()[0]+"\".\""+t.Identifier()[1]+"\"", types.Text(v.Type, v.Value))
	}
	switch value := v.Value.(type) {
	case int64:
		if s := t.SnapshotByID(value); s != nil {
			return s, nil
		}
		return nil, trinoerr.New(trinoerr.InvalidArguments, "Iceberg snapshot ID does not exists: %d", value)
	case string:
		if s := t.SnapshotByName(value); s != nil {
			return s, nil
		}
		return nil, trinoerr.New(trinoerr.InvalidArguments, "Cannot find snapshot with reference name: %s", value)
	}
	return nil, trinoerr.New(trinoerr.NotSupported, "Unsupported type for table version: %s", v.Type)
}

// epochMillis is a moment as Iceberg counts snapshots' times.
func epochMillis(v any) (int64, bool) {
	switch v := v.(type) {
	case types.TimestampTZValue:
		return v.EpochMillis, true
	case types.TimestampValue:
		return types.FloorDiv(v.EpochMicros, microsPerMilli), true
	case types.DateValue:
		return int64(v) * 86_400_000, true
	}
	return 0, false
}
