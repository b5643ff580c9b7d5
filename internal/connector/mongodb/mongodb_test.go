package mongodb

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestProperties(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "pem")
	if err := os.WriteFile(notPEM, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"", "mongodb.connection-url"},
		{"mongodb.connection-url=http://x", "expected mongodb:// or mongodb+srv://"},
		{"mongodb.connection-url=mongodb://x\nmongodb.tls.keystore-path=/x", "need mongodb.tls.enabled=true"},
		{"mongodb.connection-url=mongodb://x\nmongodb.tls.enabled=true\nmongodb.tls.keystore-path=/no/such", "no such file"},
		{"mongodb.connection-url=mongodb://x\nmongodb.tls.enabled=true\nmongodb.tls.truststore-path=" + notPEM, "has no certificate"},
		{"mongodb.connection-url=mongodb://x\nmongodb.min-connections-per-host=2\nmongodb.connections-per-host=1", "is more than"},
		{"mongodb.connection-url=mongodb://x\nmongodb.write-concern=UNACKNOWLEDGED", "UNACKNOWLEDGED"},
		{"mongodb.connection-url=mongodb://x\nmongodb.seeds=x", "use 'mongodb.connection-url'"},
		{"mongodb.connection-url=mongodb://x\nmongodb.socket-timeout=1", "end with their query"},
	} {
		f, err := config.ParseProperties("mongodb.properties", tt.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(connector.CatalogConfig{Catalog: "m", File: f}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// What the driver is told is what the catalog file says.
func TestClientOptions(t *testing.T) {
	f, err := config.ParseProperties("mongodb.properties", `mongodb.connection-url=mongodb://u:p@host:1/?authSource=a
mongodb.min-connections-per-host=2
mongodb.connections-per-host=7
mongodb.connection-timeout=1500
mongodb.max-connection-idle-time=2500
mongodb.read-preference=SECONDARY_PREFERRED
mongodb.write-concern=MAJORITY
mongodb.required-replica-set=rs
mongodb.tls.enabled=true`, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := connector.Properties(connector.CatalogConfig{Catalog: "m", File: f}, &properties)
	if err != nil {
		t.Fatal(err)
	}
	o, err := clientOptions(&s)
	if err != nil {
		t.Fatal(err)
	}
	if *o.MinPoolSize != 2 || *o.MaxPoolSize != 7 || o.ConnectTimeout.Milliseconds() != 1500 || o.MaxConnIdleTime.Milliseconds() != 2500 ||
		o.ReadPreference.Mode().String() != "secondaryPreferred" || o.WriteConcern.W != "majority" || *o.ReplicaSet != "rs" || o.TLSConfig == nil || o.Auth.Username != "u" {
		t.Errorf("got %+v", o)
	}
}

// document makes a document of extended JSON.
func document(t *testing.T, text string) bsoncore.Document {
	t.Helper()
	var raw bson.Raw
	if err := bson.UnmarshalExtJSON([]byte(text), false, &raw); err != nil {
		t.Fatal(err)
	}
	return bsoncore.Document(raw)
}

func TestGuess(t *testing.T) {
	for value, want := range map[string]string{
		`true`: "boolean", `1`: "bigint", `{"$numberLong":"1"}`: "bigint", `1.5`: "double", `"x"`: "varchar", `{"$oid":"55b151633864d6438c61a9ce"}`: "ObjectId",
		`{"$date":"2020-01-01T00:00:00Z"}`: "timestamp(3)", `{"$binary":{"base64":"AQ==","subType":"00"}}`: "varbinary",
		`{"$numberDecimal":"1.50"}`: "decimal(3,2)", `{"$numberDecimal":"0.0001"}`: "decimal(4,4)", `{"$numberDecimal":"1E+3"}`: "decimal(4,0)",
		`{"$numberDecimal":"NaN"}`: "", `{"$numberDecimal":"1E+6000"}`: "", `null`: "", `[]`: "", `{}`: "",
		`[1,2]`: "array(bigint)", `[1,"x"]`: `row("_pos1" bigint, "_pos2" varchar)`, `[1,null]`: "", `[[1],[2]]`: "array(array(bigint))",
		`{"a":1,"B c":{"d":"x"},"n":null}`:                                 `row("a" bigint, "B c" row("d" varchar))`,
		`{"$ref":"c","$id":{"$oid":"55b151633864d6438c61a9ce"},"$db":"d"}`: `row("collectionName" varchar, "id" ObjectId, "databaseName" varchar)`,
	} {
		fields := guessFields(document(t, `{"v":`+value+`}`), "_pos")
		got := ""
		if len(fields) > 0 {
			got = fields[0].Type
		}
		if got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
		if got == "" {
			continue
		}
		if _, err := typeOf(fields[0]); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
	got := guessFields(document(t, `{"_id":{"$oid":"55b151633864d6438c61a9ce"},"Name":"x","name":1}`), "_pos")
	if want := []field{{Name: "_id", Type: "ObjectId", Hidden: true}, {Name: "Name", Type: "varchar"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// decoded is a value as one of a type, as JSON of a vector's parts; an error is its text.
func decoded(t *testing.T, typ, value string) string {
	t.Helper()
	at := types.MustParse(typ)
	var v connector.Vector
	val, _ := document(t, `{"v":`+value+`}`).LookupErr("v")
	if err := appendValue(&v, at, val); err != nil {
		return err.Error()
	}
	if v.Len(at) != 1 {
		t.Errorf("%s as %s has %d values", value, typ, v.Len(at))
	}
	return shown(&v, at, 0)
}

// shown is a value as a text.
func shown(v *connector.Vector, t types.Type, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	list := func(from, to int, of func(k int) string) string {
		var parts []string
		for k := from; k < to; k++ {
			parts = append(parts, of(k))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	switch t.Kind {
	case types.Varchar, types.Char, types.Varbinary, types.JSON:
		return string(bytesOf(v, i))
	case types.Array:
		return list(int(v.Offsets[i]), int(v.Offsets[i+1]), func(k int) string { return shown(v.Items, t.Elem(0), k) })
	case types.Map:
		return list(int(v.Offsets[i]), int(v.Offsets[i+1]), func(k int) string {
			return shown(&v.Fields[0], t.Elem(0), k) + ":" + shown(&v.Fields[1], t.Elem(1), k)
		})
	case types.Row:
		return list(0, len(t.Args), func(k int) string { return shown(&v.Fields[k], t.Elem(k), i) })
	}
	for _, values := range []any{v.I8, v.I16, v.I32, v.I64, v.I128, v.F32, v.F64} {
		if list := reflect.ValueOf(values); list.Len() > 0 {
			return fmt.Sprint(list.Index(i).Interface())
		}
	}
	return "nothing"
}

func TestDecode(t *testing.T) {
	oid := `{"$oid":"55b151633864d6438c61a9ce"}`
	for _, tt := range []struct{ typ, value, want string }{
		{"boolean", "true", "1"}, {"boolean", "1", "NULL"}, {"boolean", "null", "NULL"},
		{"bigint", "5", "5"}, {"bigint", `{"$numberLong":"9223372036854775807"}`, "9223372036854775807"}, {"bigint", "5.9", "5"}, {"bigint", "-5.9", "-5"},
		{"bigint", `{"$numberDouble":"NaN"}`, "0"}, {"bigint", `1e300`, "9223372036854775807"}, {"bigint", `{"$numberDecimal":"7.9"}`, "7"}, {"bigint", `"5"`, "NULL"},
		{"integer", "5", "5"}, {"smallint", "5", "5"}, {"tinyint", "5", "5"}, {"tinyint", "200", "Out of range for tinyint: 200"},
		{"integer", `{"$numberLong":"3000000000"}`, "Out of range for integer: 3000000000"},
		{"double", "5", "5"}, {"double", "1.5", "1.5"}, {"double", `{"$numberDecimal":"2.5"}`, "2.5"}, {"real", "1.5", "1.5"}, {"double", `"x"`, "NULL"},
		{"decimal(5,2)", `{"$numberDecimal":"1.5"}`, "150"}, {"decimal(5,2)", `{"$numberDecimal":"-0"}`, "0"}, {"decimal(5,2)", `{"$numberDecimal":"1.500"}`, "150"},
		{"decimal(5,2)", `{"$numberDecimal":"1.555"}`, "The value 1.555 is not a decimal(5,2)"}, {"decimal(5,2)", `{"$numberDecimal":"1000"}`, "The value 1000 is not a decimal(5,2)"},
		{"decimal(5,2)", `{"$numberDecimal":"1E+6000"}`, "The value 1E+6000 is not a decimal(5,2)"}, {"decimal(5,2)", "1", "NULL"},
		{"varchar", `"x"`, "x"}, {"varchar(2)", `"äöü"`, "äö"}, {"varchar", "5", "5"}, {"varchar", "1.5", "1.5"}, {"varchar", "true", "true"}, {"varchar", oid, "55b151633864d6438c61a9ce"},
		{"varchar", `[1,"x",null]`, "[1, x, null]"}, {"varchar", `{"a":1}`, `{"a":1}`}, {"varchar", `{"$date":"2020-01-01T00:00:00Z"}`, "2020-01-01T00:00:00.000Z"},
		{"varchar", `{"$numberDecimal":"1.50"}`, "1.50"}, {"varchar", "null", "NULL"}, {"char(3)", `"ab  "`, "ab"}, {"char(3)", "5", "NULL"},
		{"varbinary", `{"$binary":{"base64":"eHk=","subType":"00"}}`, "xy"}, {"varbinary", `"x"`, "NULL"},
		{"date", `{"$date":"1970-01-02T23:00:00Z"}`, "1"}, {"date", `{"$date":"1969-12-31T23:00:00Z"}`, "-1"}, {"date", "5", "NULL"},
		{"time(3)", `{"$date":"1969-12-31T23:00:00.001Z"}`, "82800001000"}, {"timestamp(3)", `{"$date":"1970-01-01T00:00:00.001Z"}`, "1000"},
		{"timestamp(3) with time zone", `{"$date":"1970-01-01T00:00:00.001Z"}`, "1"},
		{"json", `{"b":1,"a":[1,{"$numberLong":"2"}]}`, `{"a":[1,2],"b":1}`}, {"json", `"x"`, `"x"`}, {"json", "null", "NULL"},
		{"array(bigint)", "[1,null,3]", "[1 NULL 3]"}, {"array(bigint)", "[]", "[]"}, {"array(bigint)", "5", "NULL"},
		{"map(varchar, bigint)", `{"a":1,"b":2}`, "[a:1 b:2]"}, {"map(varchar, bigint)", `[{"key":"a","value":1},{"key":"a","value":2},{"key":null,"value":3},{"x":1}]`, "[a:2]"},
		{"map(bigint, varchar)", `[{"key":1,"value":"x"}]`, "[1:x]"},
		{`row("a" bigint, "B" row("c" varchar))`, `{"B":{"c":"x"},"z":1}`, "[NULL [x]]"}, {`row("_pos1" bigint, "_pos2" varchar)`, `[1]`, "[1 NULL]"},
		{`row("collectionName" varchar, "id" varchar)`, `{"$ref":"c","$id":` + oid + `}`, "[c 55b151633864d6438c61a9ce]"}, {`row("a" bigint)`, "5", "NULL"},
	} {
		if got := decoded(t, tt.typ, tt.value); got != tt.want {
			t.Errorf("%s as %s is %q, want %q", tt.value, tt.typ, got, tt.want)
		}
	}
}

// What is written is read again.
func TestEncode(t *testing.T) {
	for _, tt := range []struct{ typ, value string }{
		{"boolean", "true"}, {"tinyint", "5"}, {"smallint", "5"}, {"integer", "5"}, {"bigint", "5"}, {"real", "1.5"}, {"double", "1.5"},
		{"decimal(5,2)", `{"$numberDecimal":"-1.50"}`}, {"decimal(34,2)", `{"$numberDecimal":"12345678901234567890123456789012.34"}`}, {"varchar", `"x"`}, {"char(3)", `"a"`},
		{"varbinary", `{"$binary":{"base64":"eHk=","subType":"00"}}`}, {"date", `{"$date":"1969-12-31T00:00:00Z"}`}, {"time(3)", `{"$date":"1970-01-01T00:00:00.001Z"}`},
		{"timestamp(3)", `{"$date":"1969-12-31T23:59:59.999Z"}`}, {"timestamp(3) with time zone", `{"$date":"1970-01-01T00:00:00.001Z"}`},
		{"json", `{"a":[1,"x",null,{"b":true}]}`}, {"json", `"x"`}, {"array(bigint)", "[1,null,3]"}, {"map(varchar, array(bigint))", `{"a":[1],"b":null}`},
		{`row("a" bigint, "B" row("c" varchar))`, `{"a":null,"B":{"c":"x"}}`}, {`row("_pos1" bigint, "_pos2" varchar)`, `[1,"x"]`}, {"bigint", "null"},
	} {
		typ := types.MustParse(tt.typ)
		if !writable(typ, true) {
			t.Errorf("%s cannot be written", tt.typ)
		}
		var v connector.Vector
		val, _ := document(t, `{"v":`+tt.value+`}`).LookupErr("v")
		if err := appendValue(&v, typ, val); err != nil {
			t.Fatal(err)
		}
		at, doc := bsoncore.AppendDocumentStart(nil)
		doc, err := encoder{prefix: "_pos"}.appendElement(doc, "v", &v, typ, 0)
		if err != nil {
			t.Fatal(err)
		}
		if doc, err = bsoncore.AppendDocumentEnd(doc, at); err != nil {
			t.Fatal(err)
		}
		var again connector.Vector
		back, err := bsoncore.Document(doc).LookupErr("v")
		if err != nil {
			t.Fatal(err)
		}
		if err := appendValue(&again, typ, back); err != nil {
			t.Fatal(err)
		}
		if got, want := shown(&again, typ, 0), shown(&v, typ, 0); got != want {
			t.Errorf("%s as %s comes back as %s, was %s", tt.value, tt.typ, got, want)
		}
		if strings.Contains(tt.typ, "_pos") && back.Type != bsoncore.TypeArray {
			t.Errorf("%s is written as %s", tt.typ, back.Type)
		}
	}
	for _, typ := range []string{"timestamp(6)", "time(6)", "uuid", "decimal(38,0)", "row(bigint)", `row("a.b" bigint)`, "array(timestamp(3) with time zone)"} {
		if writable(types.MustParse(typ), true) {
			t.Errorf("%s can be written", typ)
		}
	}
}

// Filters let pass what satisfies a domain, and what MongoDB compares otherwise.
func TestPredicates(t *testing.T) {
	bound := func(v any, inclusive bool) *connector.Bound { return &connector.Bound{Value: v, Inclusive: inclusive} }
	plain, oid := handleField{Name: "f"}, handleField{Name: "f", ObjectID: true}
	for _, tt := range []struct {
		f    handleField
		typ  string
		d    connector.Domain
		want string
	}{
		{plain, "boolean", connector.Domain{Values: []any{true}}, `{"f":{"$in":[true]}}`},
		{plain, "bigint", connector.Domain{Values: []any{int64(1), int64(2)}},
			`{"$or":[{"f":{"$in":[1,2]}},{"f":{"$type":["double","decimal"]}}]}`},
		{plain, "double", connector.Domain{Low: bound(1.5, false)}, `{"$or":[{"f":{"$gt":1.5}},{"f":{"$type":["long","decimal"]}}]}`},
		{plain, "double", connector.Domain{Low: bound(math.NaN(), false)}, ``},
		{plain, "date", connector.Domain{Low: bound(types.DateValue(0), false), High: bound(types.DateValue(1), true)},
			`{"f":{"$gte":{"$date":"1970-01-02T00:00:00Z"},"$lt":{"$date":"1970-01-03T00:00:00Z"}}}`},
		{plain, "timestamp(3)", connector.Domain{High: bound(types.TimestampValue{EpochMicros: 1000}, true)}, `{"f":{"$lte":{"$date":"1970-01-01T00:00:00.001Z"}}}`},
		{plain, "decimal(5,2)", connector.Domain{Values: []any{types.Int128From(150)}}, `{"f":{"$in":[{"$numberDecimal":"1.50"}]}}`},
		{plain, "varchar(2)", connector.Domain{Values: []any{"ab"}}, ``},
		{plain, "char(2)", connector.Domain{Values: []any{"ab"}}, ``},
		{plain, "bigint", connector.Domain{Values: []any{int64(1)}, NullAllowed: true}, ``},
		{plain, "bigint", connector.Domain{}, `{"f":{"$ne":null}}`},
		{handleField{Name: "a.b"}, "bigint", connector.Domain{Values: []any{int64(1)}}, ``},
		{oid, "varchar", connector.Domain{Values: []any{"x"}}, ``},
	} {
		got := ""
		if p := predicate(tt.f, types.MustParse(tt.typ), tt.d); p != nil {
			raw, err := bson.MarshalExtJSON(p, false, false)
			if err != nil {
				t.Fatal(err)
			}
			got = string(raw)
		}
		if got != tt.want {
			t.Errorf("%s %+v: got %s, want %s", tt.typ, tt.d, got, tt.want)
		}
	}
	p, _ := bson.MarshalExtJSON(predicate(oid, types.MustParse("varchar"), connector.Domain{Values: []any{"55b151633864d6438c61a9ce"}}), false, false)
	if !strings.HasPrefix(string(p), `{"$or":[{"f":{"$in":[{"$oid":"55b151633864d6438c61a9ce"}]}},{"f":{"$type":["bool",`) {
		t.Errorf("got %s", p)
	}
}

// Any document can be read as a row of any columns.
func FuzzDecode(f *testing.F) {
	doc, _ := bson.Marshal(bson.D{{Key: "v", Value: bson.A{1, "x", bson.D{{Key: "key", Value: 1}, {Key: "value", Value: nil}}}}})
	f.Add(doc)
	all := []types.Type{}
	for _, typ := range []string{"boolean", "bigint", "double", "decimal(5,2)", "varchar", "varbinary", "date", "json", "array(varchar)", "map(varchar, bigint)", `row("a" array(bigint))`} {
		all = append(all, types.MustParse(typ))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bson.Raw(raw).Validate() != nil {
			return
		}
		guessFields(bsoncore.Document(raw), "_pos")
		elements, _ := bsoncore.Document(raw).Elements()
		for _, e := range elements {
			for _, typ := range all {
				var v connector.Vector
				if err := appendValue(&v, typ, e.Value()); err == nil && v.Len(typ) != 1 {
					t.Fatalf("%s has %d values", typ, v.Len(typ))
				}
			}
		}
	})
}
