package jdbc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// split is a part of a scan: further conditions, and the comment that goes with the query.
type split struct {
	From    string   `json:"from,omitempty"`
	Where   []string `json:"where,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// partsKey is the key of the parts of a table.
type partsKey struct {
	name Name
	size int64
}

// Splits cuts a table into parts, if its dialect can; any other relation is one split.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return nil, err
	}
	s := c.SettingsFor(ctx)
	base := split{Where: c.constraint(r, scan.Constraint, &s), Comment: c.comment(ctx, &s)}
	parts := []Part{{}}
	if d, ok := c.dialect.(Divider); ok && r.Table != nil && !r.cut() {
		found, err := connector.Remember(ctx, owned[partsKey]{c, partsKey{*r.Table, s.SplitSize}}, func(p []Part) int { return len(p) },
			func() ([]Part, error) { return d.Divide(ctx, c.reads, *r.Table, &s) })
		if err != nil {
			return nil, c.failed(err)
		}
		if len(found) > 0 {
			parts = found
		}
	}
	source := &splitSource{}
	for _, p := range parts {
		own := base
		own.From = p.From
		if p.Where != "" {
			own.Where = append(own.Where[:len(own.Where):len(own.Where)], p.Where)
		}
		raw, err := json.Marshal(own)
		if err != nil {
			return nil, err
		}
		source.rest = append(source.rest, connector.Split{Handle: raw, Rows: p.Rows, Bytes: p.Bytes})
	}
	return source, nil
}

// constraint renders the domains of a scan that the database can check. After a limit they hold of what it left.
func (c *Connector) constraint(r *relation, domains []connector.Domain, s *Settings) (where []string) {
	if r.cut() {
		return nil
	}
	for _, d := range domains {
		col := r.find(d.Column)
		if col == nil {
			continue
		}
		if len(d.Values) > s.DomainThreshold {
			compare, ordered := comparer(col.Type)
			if !ordered {
				continue
			}
			d = d.Compacted(s.DomainThreshold, compare)
		}
		e := d.Condition(col.Type)
		if e == nil {
			continue
		}
		if sql, ok := c.renderer(r, s).condition(e); ok {
			where = append(where, sql)
		} else if sql, ok := c.renderer(r, s).prefilter(e); ok {
			where = append(where, sql)
		}
	}
	return where
}

// comment is the comment of the queries of a scan.
func (c *Connector) comment(ctx context.Context, s *Settings) string {
	if s.QueryComment == "" {
		return ""
	}
	session := connector.SessionOf(ctx)
	text := strings.NewReplacer("$QUERY_ID", session.QueryID, "$USER", session.User, "$SOURCE", session.Source).Replace(s.QueryComment)
	return strings.ReplaceAll(text, "*/", "* /") // a user's name does not end the comment
}

type splitSource struct{ rest []connector.Split }

// Next returns the next splits.
func (s *splitSource) Next(_ context.Context, limit int) ([]connector.Split, error) {
	n := min(limit, len(s.rest))
	next := s.rest[:n]
	s.rest = s.rest[n:]
	return next, nil
}

// Close does nothing.
func (s *splitSource) Close() error { return nil }

func readSplit(raw json.RawMessage) (split, error) {
	var s split
	err := json.Unmarshal(raw, &s)
	return s, trinoerr.Wrap(err, trinoerr.SerializationError, "split of a table in a database")
}
