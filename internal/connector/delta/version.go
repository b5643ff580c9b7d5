package delta

import (
	"context"
	"errors"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TableVersion describes a table as it was at a version, or at a moment.
func (c *Connector) TableVersion(ctx context.Context, name connector.SchemaTable, v connector.Version) (*connector.Table, error) {
	if _, _, ok := systemTable(name); ok {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support versioned tables")
	}
	now, err := c.load(ctx, name, deltalog.Latest)
	if now == nil || err != nil {
		return nil, err
	}
	version, ok := v.Value.(int64)
	switch {
	case v.Timestamp:
		if version, err = now.at(ctx, v, connector.SessionOf(ctx).TimeZone); err != nil {
			return nil, err
		}
	case !ok:
		return nil, trinoerr.New(trinoerr.NotSupported, "Unsupported type for table version: %s", v.Type)
	case version < 0 || version > now.Version:
		return nil, trinoerr.New(trinoerr.InvalidArguments, "Delta Lake snapshot ID does not exists: %d", version)
	}
	t, err := c.open(ctx, handle{Name: name, Location: now.Location, Version: version})
	if err != nil {
		return nil, err
	}
	return t.describe()
}

// at finds the version that was the latest at a moment.
func (t *table) at(ctx context.Context, v connector.Version, zone types.Zone) (int64, error) {
	if zone == "" {
		zone = "UTC"
	}
	cast, ok := types.Cast(v.Value, v.Type, types.TimestampTZP(3), zone)
	moment, isMoment := cast.(types.TimestampTZValue)
	if !ok || !isMoment {
		return 0, trinoerr.New(trinoerr.NotSupported, "Unsupported type for temporal table version: %s", v.Type)
	}
	for version := t.Version; version >= 0; version-- {
		info, err := t.log.Info(ctx, version)
		if errors.Is(err, filesystem.ErrNotFound) {
			break
		}
		if err != nil {
			return 0, failure(err, t.Name)
		}
		when, known := info.Time()
		if !known {
			if when, err = t.log.Committed(ctx, version); err != nil {
				return 0, err
			}
		}
		if when.UnixMilli() <= moment.EpochMillis {
			return version, nil
		}
	}
	return 0, trinoerr.New(trinoerr.InvalidArguments, "No temporal version history at or before %s", types.Text(types.TimestampTZP(3), moment))
}
