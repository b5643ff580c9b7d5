package mongodb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// guess defines a collection that has no definition by its first document, and keeps that. A collection without documents has an id.
func (c *Connector) guess(ctx context.Context, at place) (*definition, error) {
	d := &definition{Table: at.Collection, Fields: []field{idField}}
	raw, err := c.collection(at).FindOne(ctx, bson.D{}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return d, nil
	}
	if err != nil {
		return nil, failed(err, "read a document of %s", at)
	}
	d.Fields = guessFields(bsoncore.Document(raw), c.settings.implicitPrefix)
	// Another one that guesses at the same time may have been first: then that counts.
	_, err = c.definitions(at.Database).UpdateOne(ctx, bson.D{{Key: "table", Value: at.Collection}}, bson.D{{Key: "$setOnInsert", Value: d}},
		options.UpdateOne().SetUpsert(true))
	if err != nil {
		return nil, failed(err, "keep the definition of %s", at)
	}
	return c.definition(ctx, at)
}

// guessFields are the fields of a document whose types can be guessed. Of names that differ in case alone the first counts.
func guessFields(doc bsoncore.Document, prefix string) (fields []field) {
	seen := map[string]bool{}
	elements, err := doc.Elements()
	if err != nil {
		return nil
	}
	for _, e := range elements {
		t := guessType(e.Value(), prefix)
		if lower := strings.ToLower(e.Key()); t != "" && !seen[lower] && e.Key() != "" {
			seen[lower] = true
			fields = append(fields, field{Name: e.Key(), Type: t, Hidden: e.Key() == id && t == objectID})
		}
	}
	return fields
}

// guessType is the type, as a text, of a value; empty when it cannot be told, as of NULL.
func guessType(v bsoncore.Value, prefix string) string {
	switch v.Type {
	case bsoncore.TypeBoolean:
		return "boolean"
	case bsoncore.TypeInt32, bsoncore.TypeInt64:
		return "bigint"
	case bsoncore.TypeDouble:
		return "double"
	case bsoncore.TypeString:
		return "varchar"
	case bsoncore.TypeBinary:
		return "varbinary"
	case bsoncore.TypeDateTime:
		return "timestamp(3)"
	case bsoncore.TypeObjectID:
		return objectID
	case bsoncore.TypeDecimal128:
		return guessDecimal(v)
	case bsoncore.TypeArray:
		return guessArray(v.Array(), prefix)
	case bsoncore.TypeEmbeddedDocument:
		return guessRow(v.Document(), prefix)
	}
	return ""
}

// guessDecimal is a decimal with the digits of a value.
func guessDecimal(v bsoncore.Value) string {
	h, l := v.Decimal128()
	digits, exponent, err := bson.NewDecimal128(h, l).BigInt()
	if err != nil {
		return "" // infinite, or not a number
	}
	precision, scale := len(strings.TrimPrefix(digits.String(), "-")), max(0, -exponent)
	precision = max(precision+max(0, exponent), scale, 1)
	if precision > 38 {
		return ""
	}
	return fmt.Sprintf("decimal(%d,%d)", precision, scale)
}

// guessArray is an array when all elements are of one type, otherwise a row with a field for each.
func guessArray(a bsoncore.Array, prefix string) string {
	values, err := a.Values()
	if err != nil || len(values) == 0 {
		return ""
	}
	var fields []string
	same := true
	first := guessType(values[0], prefix)
	for i, v := range values {
		t := guessType(v, prefix)
		if t == "" {
			return ""
		}
		same = same && t == first
		fields = append(fields, fmt.Sprintf("%s %s", quotedName(fmt.Sprintf("%s%d", prefix, i+1)), t))
	}
	if same {
		return "array(" + first + ")"
	}
	return "row(" + strings.Join(fields, ", ") + ")"
}

// guessRow is a row of the fields whose types can be guessed. A reference to a document of another collection has Trino's names for its parts.
func guessRow(d bsoncore.Document, prefix string) string {
	elements, err := d.Elements()
	if err != nil {
		return ""
	}
	var fields []string
	for _, e := range elements {
		name := e.Key()
		if known, ok := referenceNames[name]; ok {
			name = known
		}
		if t := guessType(e.Value(), prefix); t != "" {
			fields = append(fields, quotedName(name)+" "+t)
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return "row(" + strings.Join(fields, ", ") + ")"
}

// referenceNames are the parts of a DBRef.
var referenceNames = map[string]string{"$db": "databaseName", "$ref": "collectionName", "$id": "id"}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
