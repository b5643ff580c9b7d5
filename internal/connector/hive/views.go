package hive

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Views are tables of the metastore whose text is a comment, to Hive, with the definition in it. Trino writes and reads them so.
const (
	paramView      = "presto_view"
	viewPrefix     = "/* Presto View: "
	viewSuffix     = " */"
	viewExpanded   = "/* Presto View */"
	viewComment    = "Presto View"
	paramCreatedBy = "trino_created_by"
)

// viewDefinition is what lies in a view's text.
type viewDefinition struct {
	SQL         string        `json:"originalSql"`
	Catalog     string        `json:"catalog,omitempty"`
	Schema      string        `json:"schema,omitempty"`
	Columns     []viewColumn  `json:"columns"`
	Comment     *string       `json:"comment,omitempty"`
	Owner       string        `json:"owner,omitempty"`
	RunAsInvoke bool          `json:"runAsInvoker"`
	Path        []pathElement `json:"path"`
}

type viewColumn struct {
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Comment *string `json:"comment,omitempty"`
}

type pathElement struct {
	Catalog string `json:"catalogName"`
	Schema  string `json:"schemaName"`
}

// View reads a view.
func (c *Connector) View(ctx context.Context, name connector.SchemaTable) (*connector.View, error) {
	t, err := c.store.Table(ctx, name)
	if err != nil || t == nil || t.Type != metastore.VirtualView {
		return nil, err
	}
	if t.Parameters[paramView] != "true" || t.ViewOriginalText == nil {
		return nil, trinoerr.New(trinoerr.NotSupported, "Hive views are not supported: '%s'", name)
	}
	v, err := decodeView(name, *t.ViewOriginalText)
	if err != nil {
		return nil, trinoerr.New(trinoerr.HiveInvalidViewData, "Invalid view data of '%s': %v", name, err)
	}
	return v, nil
}

// PutView stores a view.
func (c *Connector) PutView(ctx context.Context, v *connector.View, replace bool) error {
	c.change.Lock()
	defer c.change.Unlock()
	text, err := encodeView(v)
	if err != nil {
		return err
	}
	expanded := viewExpanded
	t := &metastore.Table{Name: v.Name, Owner: connector.SessionOf(ctx).User, Type: metastore.VirtualView,
		Columns:    []metastore.Column{{Name: "dummy", Type: "string"}},
		Parameters: map[string]string{paramComment: viewComment, paramView: "true", paramCreatedBy: "Trino Hive connector"}, ViewOriginalText: &text, ViewExpandedText: &expanded}
	if id := connector.SessionOf(ctx).QueryID; id != "" {
		t.Parameters[paramQuery] = id
	}
	old, err := c.store.Table(ctx, v.Name)
	switch {
	case err != nil:
		return err
	case old == nil:
		if _, err := c.checkFree(ctx, v.Name); err != nil {
			return err
		}
		return c.store.CreateTable(ctx, t)
	case !replace || old.Type != metastore.VirtualView:
		return trinoerr.New(trinoerr.TableAlreadyExists, "View already exists: '%s.%s'", c.catalog, v.Name)
	}
	old.Columns, old.Parameters, old.ViewOriginalText, old.ViewExpandedText = t.Columns, t.Parameters, t.ViewOriginalText, t.ViewExpandedText
	return c.store.ReplaceTable(ctx, old)
}

// DropView drops a view.
func (c *Connector) DropView(ctx context.Context, name connector.SchemaTable) error {
	c.change.Lock()
	defer c.change.Unlock()
	if err := c.checkView(ctx, name); err != nil {
		return err
	}
	return c.store.DropTable(ctx, name, false)
}

// RenameView renames a view.
func (c *Connector) RenameView(ctx context.Context, name, to connector.SchemaTable) error {
	c.change.Lock()
	defer c.change.Unlock()
	if err := c.checkView(ctx, name); err != nil {
		return err
	}
	if _, err := c.checkFree(ctx, to); err != nil {
		return err
	}
	return c.store.RenameTable(ctx, name, to)
}

func (c *Connector) checkView(ctx context.Context, name connector.SchemaTable) error {
	t, err := c.store.Table(ctx, name)
	if err == nil && (t == nil || t.Type != metastore.VirtualView) {
		err = trinoerr.New(trinoerr.TableNotFound, "View '%s.%s' does not exist", c.catalog, name)
	}
	return err
}

// encodeView makes the text of a view.
func encodeView(v *connector.View) (string, error) {
	d := viewDefinition{SQL: v.SQL, Catalog: v.Catalog, Schema: v.Schema, Columns: []viewColumn{}, Comment: v.Comment, Owner: v.Owner, RunAsInvoke: v.Owner == "", Path: []pathElement{}}
	for _, c := range v.Columns {
		d.Columns = append(d.Columns, viewColumn{Name: c.Name, Type: c.Type.ProtocolName(), Comment: c.Comment})
	}
	for element := range strings.SplitSeq(v.Path, ",") {
		if catalog, schema, ok := strings.Cut(strings.TrimSpace(element), "."); ok {
			d.Path = append(d.Path, pathElement{catalog, schema})
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return "", err
	}
	return viewPrefix + base64.StdEncoding.EncodeToString(bytes.TrimSuffix(b.Bytes(), []byte("\n"))) + viewSuffix, nil
}

// decodeView reads the text of a view.
func decodeView(name connector.SchemaTable, text string) (*connector.View, error) {
	text, prefixed := strings.CutPrefix(text, viewPrefix)
	text, suffixed := strings.CutSuffix(text, viewSuffix)
	if !prefixed || !suffixed {
		return nil, trinoerr.New(trinoerr.HiveInvalidViewData, "it is not the text of a view")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var d viewDefinition
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, err
	}
	v := &connector.View{Name: name, SQL: d.SQL, Catalog: d.Catalog, Schema: d.Schema, Comment: d.Comment, Owner: d.Owner}
	if d.RunAsInvoke {
		v.Owner = ""
	}
	for _, c := range d.Columns {
		t, err := types.Parse(c.Type)
		if err != nil {
			return nil, err
		}
		v.Columns = append(v.Columns, connector.ViewColumn{Name: c.Name, Type: t, Comment: c.Comment})
	}
	var path []string
	for _, p := range d.Path {
		path = append(path, p.Catalog+"."+p.Schema)
	}
	v.Path = strings.Join(path, ", ")
	return v, nil
}
