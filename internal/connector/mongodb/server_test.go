//go:build e2e

package mongodb

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// table describes a table that is there.
func table(t *testing.T, c *Connector, schema, name string) *connector.Table {
	t.Helper()
	got, err := c.Table(t.Context(), connector.SchemaTable{Schema: schema, Table: name})
	if err != nil || got == nil {
		t.Fatalf("%s.%s: %v, %v", schema, name, got, err)
	}
	return got
}

// rows reads a scan of a table, through ranges of about size documents.
func rows(t *testing.T, c *Connector, table *connector.Table, columns []connector.Column, constraint ...connector.Domain) (out []string) {
	t.Helper()
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: columns, Constraint: constraint}
	list, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	splits, err := list.Next(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	src, err := c.Source(t.Context(), scan, splits)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int, len(columns))
	for i := range all {
		all[i] = i
	}
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(t.Context(), p, all)
		if err != nil {
			t.Fatal(err)
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, 7)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			for i := range n {
				var parts []string
				for k, col := range columns {
					parts = append(parts, shown(&b.Columns[k], col.Type, i))
				}
				out = append(out, strings.Join(parts, "|"))
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return out
}

// A collection that nobody has defined is defined by its first document, for Trino too; values of other types are read as far as possible.
func TestGuessedCollection(t *testing.T) {
	m := servers.StartMongoDB(t)
	db := m.Client(t).Database("shop")
	oid := bson.ObjectID{1, 2, 3}
	day := time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	_, err := db.Collection("Orders").InsertMany(t.Context(), []any{
		bson.D{{Key: "_id", Value: oid}, {Key: "Number", Value: int32(1)}, {Key: "at", Value: day}, {Key: "to", Value: bson.D{{Key: "City", Value: "Ulm"}, {Key: "ref", Value: oid}}},
			{Key: "tags", Value: bson.A{"a", "b"}}},
		bson.D{{Key: "Number", Value: 2.5}, {Key: "to", Value: "nowhere"}, {Key: "tags", Value: bson.A{1}}},
		bson.D{{Key: "Number", Value: "three"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, m, "mongodb.case-insensitive-name-matching=true", connector.Env{})
	got := table(t, c, "shop", "orders")
	var columns []string
	for _, col := range got.Columns {
		columns = append(columns, fmt.Sprintf("%s %s %t", col.Name, col.Type, col.Hidden))
	}
	want := []string{"number bigint false", "at timestamp(3) false", "to row(City varchar, ref varchar) false", "tags array(varchar) false", "_id varchar true"}
	if !reflect.DeepEqual(columns, want) {
		t.Errorf("columns are %q", columns)
	}
	if again := table(t, c, "shop", "orders"); !reflect.DeepEqual(again, got) {
		t.Errorf("described again: %+v", again)
	}
	var kept definition
	if err := db.Collection("_schema").FindOne(t.Context(), bson.D{{Key: "table", Value: "Orders"}}).Decode(&kept); err != nil || kept.Fields[0] != idField ||
		kept.Fields[3].Type != `row("City" varchar, "ref" ObjectId)` {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if got, want := rows(t, c, got, got.Columns[:4]), []string{
		"1|1577923200000000|[Ulm 010203000000000000000000]|[a b]", "2|NULL|NULL|[1]", "NULL|NULL|NULL|NULL",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("rows are %q", got)
	}
	if got := rows(t, c, got, nil); len(got) != 3 {
		t.Errorf("%d rows of no columns", len(got))
	}
	id := got.Columns[4:]
	if got := rows(t, c, got, id, connector.Domain{Column: "_id", Values: []any{"010203000000000000000000"}}); !reflect.DeepEqual(got, []string{"010203000000000000000000"}) {
		t.Errorf("by id: %q", got)
	}
	for name, want := range map[string]string{"shop": "[shop.orders]", "no": "[]"} {
		if list, err := c.Tables(t.Context(), name); err != nil || fmt.Sprint(list) != want {
			t.Errorf("tables of %s are %v, %v", name, list, err)
		}
	}
	q, err := c.query(t.Context(), []any{"shop", "orders", `{"Number": {"$gt": 1}}`})
	if err != nil {
		t.Fatal(err)
	}
	if got := rows(t, c, q, q.Columns[:1]); !reflect.DeepEqual(got, []string{"2"}) {
		t.Errorf("query gives %q", got)
	}
	if _, err := c.query(t.Context(), []any{"shop", "orders", "{"}); trinoerr.CodeOf(err) != trinoerr.InvalidFunctionArgument {
		t.Errorf("a bad filter: %v", err)
	}
}

// Whatever the values are, rows that satisfy a domain are the same with and without the server's filter, and a delete takes exactly these.
func TestFilters(t *testing.T) {
	m := servers.StartMongoDB(t)
	c := open(t, m, "", connector.Env{})
	collection := m.Client(t).Database("d").Collection("c")
	dec, err := bson.ParseDecimal128("2.5")
	if err != nil {
		t.Fatal(err)
	}
	values := []any{nil, int32(-1), int32(2), int64(3), int64(1) << 60, 2.0, 2.5, -0.5, dec, "2", "x", "", "true", true, false, bson.A{int32(2), "x"}, bson.D{{Key: "a", Value: 2}},
		bson.ObjectID{5}, time.UnixMilli(0), time.UnixMilli(86_400_001), bson.Binary{Data: []byte("x")}, bson.Regex{Pattern: "x"}, bson.Timestamp{T: 5, I: 1}}
	fill := func() {
		docs := []any{bson.D{}}
		for _, v := range values {
			docs = append(docs, bson.D{{Key: "v", Value: v}})
		}
		if _, err := collection.InsertMany(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
	one, two := func(v any) *connector.Bound { return &connector.Bound{Value: v} }, func(v any) *connector.Bound { return &connector.Bound{Value: v, Inclusive: true} }
	for _, tt := range []struct {
		typ     string
		domains []connector.Domain
	}{
		{"boolean", []connector.Domain{{Values: []any{true}}}},
		{"bigint", []connector.Domain{{Values: []any{int64(2)}}, {Values: []any{int64(0), int64(3)}}, {Low: one(int64(2))}, {High: two(int64(0))}, {Low: two(int64(0)), NullAllowed: true}}},
		{"double", []connector.Domain{{Values: []any{2.0}}, {Low: two(2.5)}, {High: one(0.0)}}},
		{"decimal(5,2)", []connector.Domain{{Values: []any{types.Int128From(250)}}, {Low: one(types.Int128From(250))}}},
		{"varchar", []connector.Domain{{Values: []any{"2"}}, {Values: []any{"x", "true"}}, {Low: two("2"), High: one("3")}, {Low: one("")}, {}}},
		{"varchar(1)", []connector.Domain{{Values: []any{"x"}}, {Values: []any{"t"}}}},
		{"date", []connector.Domain{{Values: []any{types.DateValue(1)}}, {Low: two(types.DateValue(0)), High: one(types.DateValue(1))}, {High: two(types.DateValue(0))}}},
		{"timestamp(3)", []connector.Domain{{Values: []any{types.TimestampValue{}}}, {Low: one(types.TimestampValue{})}}},
	} {
		for _, d := range tt.domains {
			d.Column = "v"
			if err := collection.Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.definitions("d").DeleteMany(t.Context(), bson.D{}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.definitions("d").InsertOne(t.Context(), definition{Table: "c", Fields: []field{idField, {Name: "v", Type: tt.typ}}}); err != nil {
				t.Fatal(err)
			}
			fill()
			got := table(t, c, "d", "c")
			typ := got.Columns[0].Type
			var want []string
			for _, doc := range rawDocuments(t, c, got) {
				value, _ := doc.LookupErr("v")
				ok, err := satisfies(value, typ, d)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					var v connector.Vector
					if err := appendValue(&v, typ, value); err != nil {
						t.Fatal(err)
					}
					want = append(want, shown(&v, typ, 0))
				}
			}
			slices.Sort(want)
			read := rows(t, c, got, got.Columns[:1], d)
			for _, w := range want {
				if !slices.Contains(read, w) {
					t.Errorf("%s %+v: the server keeps away %s", tt.typ, d, w)
				}
			}
			if can, err := c.CanDelete(t.Context(), got, []connector.Domain{d}); err != nil || !can {
				t.Fatalf("CanDelete: %t, %v", can, err)
			}
			n, err := c.Delete(t.Context(), got, []connector.Domain{d})
			if err != nil || n != int64(len(want)) {
				t.Errorf("%s %+v: deleted %d, %v, want %q", tt.typ, d, n, err, want)
			}
			if left := rows(t, c, got, got.Columns[:1]); len(left) != len(values)+1-len(want) {
				t.Errorf("%s %+v: left %q", tt.typ, d, left)
			}
		}
	}
}

// Ranges of _id have each document once, whatever ids there are.
func TestRanges(t *testing.T) {
	m := servers.StartMongoDB(t)
	c := open(t, m, "mongodb.cursor-batch-size=3", connector.Env{})
	collection := m.Client(t).Database("d").Collection("c")
	var docs []any
	for i := range 50 {
		docs = append(docs, bson.D{{Key: "_id", Value: fmt.Sprintf("k%02d", i)}}, bson.D{{Key: "_id", Value: int32(i)}}, bson.D{{Key: "x", Value: 1}})
	}
	if _, err := collection.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	at := place{"d", "c"}
	ranges, err := c.ranges(t.Context(), at, 10)
	if err != nil || len(ranges) < 3 {
		t.Fatalf("ranges %v, %v", ranges, err)
	}
	total := int64(0)
	for _, r := range ranges {
		n, err := collection.CountDocuments(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != 150 {
		t.Errorf("%d documents in the ranges %v", total, ranges)
	}
	if whole, err := c.ranges(t.Context(), at, 1000); err != nil || len(whole) != 1 || whole[0] != nil {
		t.Errorf("ranges of a small collection: %v, %v", whole, err)
	}
	got := table(t, c, "d", "c")
	if n := len(rows(t, c, got, got.Columns[:1])); n != 150 {
		t.Errorf("%d rows", n)
	}
}

// rawDocuments are all documents of a table.
func rawDocuments(t *testing.T, c *Connector, table *connector.Table) (out []bsoncore.Document) {
	t.Helper()
	h, err := readHandle(table.Handle)
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := c.collection(h.place).Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []bson.Raw
	if err := cursor.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		out = append(out, bsoncore.Document(d))
	}
	return out
}

// Two catalogs with collections of one name have numbers of documents of their own, in one query too.
func TestStatistics(t *testing.T) {
	ctx := connector.Remembering(t.Context())
	for n := range 2 {
		m := servers.StartMongoDB(t)
		docs := []any{bson.D{}}
		for range n {
			docs = append(docs, bson.D{})
		}
		if _, err := m.Client(t).Database("d").Collection("c").InsertMany(ctx, docs); err != nil {
			t.Fatal(err)
		}
		c := open(t, m, "", connector.Env{})
		scan := connector.Scan{Handle: table(t, c, "d", "c").Handle}
		if s, err := c.Statistics(ctx, scan); err != nil || s.Rows != float64(n+1) {
			t.Errorf("%v rows, %v", s.Rows, err)
		}
		scan.Constraint = []connector.Domain{{Column: "_id"}}
		if s, err := c.Statistics(ctx, scan); err != nil || s.Rows >= 0 {
			t.Errorf("%v rows that satisfy a constraint, %v", s.Rows, err)
		}
	}
}
