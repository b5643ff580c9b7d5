package mongodb

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// definition is the document that says what columns a collection has: Trino's form.
type definition struct {
	Table   string  `bson:"table"`
	Comment *string `bson:"comment,omitempty"`
	Fields  []field `bson:"fields"`
	// Query made the table, by CREATE TABLE AS: its commit token.
	Query string `bson:"waterbear_query,omitempty"`
}

// field is a field of documents, and so a column.
type field struct {
	Name    string  `bson:"name"`
	Type    string  `bson:"type"`
	Hidden  bool    `bson:"hidden"`
	Comment *string `bson:"comment,omitempty"`
}

// objectID is what definitions call the type that ids have by default. Its values are texts here.
const objectID = "ObjectId"

// id is the field that all documents have.
const id = "_id"

// idField is how new tables have it.
var idField = field{Name: id, Type: objectID, Hidden: true}

// objectIDs finds the name of the type in the text of another one. Names of fields are in quotes.
var objectIDs = regexp.MustCompile(`(?i)"(?:[^"]|"")*"|\bobjectid\b`)

// typeOf is the type of a field as a column has it.
func typeOf(f field) (types.Type, error) {
	text := objectIDs.ReplaceAllStringFunc(f.Type, func(s string) string {
		if strings.HasPrefix(s, `"`) {
			return s
		}
		return "varchar"
	})
	t, err := types.Parse(text)
	if err != nil {
		return t, trinoerr.Wrap(err, trinoerr.NotSupported, "type %q of field %q", f.Type, f.Name)
	}
	if !connector.BatchTypeSupported(t) {
		return t, trinoerr.New(trinoerr.NotSupported, "unsupported type: %s of field %q", f.Type, f.Name)
	}
	return t, nil
}

// column is the field as a column of a table.
func (f field) column() (connector.Column, error) {
	t, err := typeOf(f)
	return connector.Column{Name: strings.ToLower(f.Name), Type: t, Hidden: f.Hidden, Comment: f.Comment}, err
}

// fieldOf is a new field for a column.
func fieldOf(col connector.Column) (field, error) {
	if !writable(col.Type, true) {
		return field{}, trinoerr.New(trinoerr.NotSupported, "unsupported type: %s", col.Type)
	}
	if strings.ContainsAny(col.Name, ".$") {
		return field{}, trinoerr.New(trinoerr.NotSupported, "Column name must not contain '$' or '.' for INSERT: %s", col.Name)
	}
	if col.NotNull {
		return field{}, trinoerr.New(trinoerr.NotSupported, "This connector does not support non-null columns: %s", col.Name)
	}
	return field{Name: col.Name, Type: col.Type.String(), Comment: col.Comment}, nil
}

// writable reports whether values of a type can be made documents' values, without a loss: those of Trino.
func writable(t types.Type, top bool) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Varchar, types.Char, types.Varbinary,
		types.Date, types.JSON:
		return true
	case types.Decimal:
		return t.P <= 34 // the digits of a decimal128
	case types.Time, types.Timestamp:
		return t.P == 3
	case types.TimestampTZ:
		return t.P == 3 && top
	case types.Array, types.Map, types.Row:
		for i := range t.Args {
			if !writable(t.Elem(i), false) {
				return false
			}
			if name := t.Args[i].Name; t.Kind == types.Row && (name == "" || strings.ContainsAny(name, ".$")) {
				return false
			}
		}
		return true
	}
	return false
}

func (c *Connector) definitions(database string) *mongo.Collection {
	return c.client.Database(database).Collection(c.settings.schemaCollection)
}

// definition reads the definition of a collection; nil when there is none.
func (c *Connector) definition(ctx context.Context, at place) (*definition, error) {
	var d definition
	err := c.definitions(at.Database).FindOne(ctx, bson.D{{Key: "table", Value: at.Collection}}).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return &d, failed(err, "read the definition of %s", at)
}

// redefine replaces a definition.
func (c *Connector) redefine(ctx context.Context, at place, change func(*definition) error) error {
	d, err := c.definition(ctx, at)
	if err != nil {
		return err
	}
	if d == nil {
		return trinoerr.New(trinoerr.GenericInternalError, "Table definition not found in schema collection: %s", at.Collection)
	}
	if err := change(d); err != nil {
		return err
	}
	_, err = c.definitions(at.Database).ReplaceOne(ctx, bson.D{{Key: "table", Value: at.Collection}}, d)
	return failed(err, "write the definition of %s", at)
}
