package mongodb

import (
	"context"
	"encoding/json"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Collections are cut by ranges of _id into about so many documents, but not into more splits than that.
const (
	splitDocuments = 250_000
	maxSplits      = 64
)

// split is a part of a collection: the documents that satisfy a filter, as MongoDB's canonical JSON.
type split struct {
	Filter json.RawMessage `json:"filter"`
	Limit  int64           `json:"limit,omitempty"`
}

// Splits cuts a scan. The bounds are found in the index of _id, walking along it; so the same documents give the same splits.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return nil, err
	}
	conditions, err := filterOf(&h, scan)
	if err != nil {
		return nil, err
	}
	ranges := []bson.D{nil}
	if !h.View && scan.Limit == 0 {
		if ranges, err = c.ranges(ctx, h.place, splitDocuments); err != nil {
			return nil, err
		}
	}
	s := &splitSource{}
	for _, r := range ranges {
		all := conditions
		if r != nil {
			all = append(append(bson.A{}, conditions...), r)
		}
		filter := bson.D{}
		if len(all) > 0 {
			filter = bson.D{{Key: "$and", Value: all}}
		}
		text, err := bson.MarshalExtJSON(filter, true, false)
		if err != nil {
			return nil, err
		}
		raw, err := json.Marshal(split{Filter: text, Limit: scan.Limit})
		if err != nil {
			return nil, err
		}
		s.splits = append(s.splits, connector.Split{Handle: raw})
	}
	return s, nil
}

// ranges are conditions on _id that each document satisfies exactly one of; a nil one is TRUE.
func (c *Connector) ranges(ctx context.Context, at place, size int64) ([]bson.D, error) {
	documents, err := c.documents(ctx, at)
	if err != nil {
		return nil, err
	}
	count := min((documents+size-1)/size, maxSplits)
	if count <= 1 {
		return []bson.D{nil}, nil
	}
	step := (documents + count - 1) / count
	var bounds []bson.RawValue
	for int64(len(bounds)) < count-1 {
		after := bson.D{}
		if len(bounds) > 0 {
			after = bson.D{{Key: id, Value: bson.D{{Key: "$gte", Value: bounds[len(bounds)-1]}}}}
		}
		raw, err := c.collection(at).FindOne(ctx, after, options.FindOne().SetSort(bson.D{{Key: id, Value: 1}}).SetSkip(step).
			SetProjection(bson.D{{Key: id, Value: 1}})).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			break
		}
		if err != nil {
			return nil, failed(err, "look for ranges of %s", at)
		}
		bound := raw.Lookup(id)
		if bound.Type != bson.TypeObjectID && bound.Type != bson.TypeString && !bound.IsNumber() ||
			len(bounds) > 0 && bound.Type != bounds[0].Type {
			break // comparisons are within a type: the last range has the rest
		}
		bounds = append(bounds, bound)
	}
	if len(bounds) == 0 {
		return []bson.D{nil}, nil
	}
	// What is of another type than the bounds is in the first range: it is not greater than a bound.
	ranges := []bson.D{{{Key: id, Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gte", Value: bounds[0]}}}}}}}
	for i, b := range bounds {
		r := bson.D{{Key: "$gte", Value: b}}
		if i+1 < len(bounds) {
			r = append(r, bson.E{Key: "$lt", Value: bounds[i+1]})
		}
		ranges = append(ranges, bson.D{{Key: id, Value: r}})
	}
	return ranges, nil
}

type splitSource struct{ splits []connector.Split }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.splits))
	out := s.splits[:n:n]
	s.splits = s.splits[n:]
	return out, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }

// Momentary says that a collection that grows gives other splits.
func (s *splitSource) Momentary() {}
