package delta

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Procedures are Trino's.
func (c *Connector) Procedures() []connector.Procedure {
	text := func(name string) connector.ProcedureArgument {
		return connector.ProcedureArgument{Name: name, Type: types.Of(types.Varchar), Required: true}
	}
	name := func(args []any) connector.SchemaTable {
		return connector.SchemaTable{Schema: strings.ToLower(str(args[0])), Table: strings.ToLower(str(args[1]))}
	}
	system := func(procedure string) connector.SchemaTable {
		return connector.SchemaTable{Schema: "system", Table: procedure}
	}
	return []connector.Procedure{
		{Name: system("register_table"), Arguments: []connector.ProcedureArgument{text("SCHEMA_NAME"), text("TABLE_NAME"), text("TABLE_LOCATION")},
			Run: func(ctx context.Context, args []any) error { return c.registerTable(ctx, name(args), str(args[2])) }},
		{Name: system("unregister_table"), Arguments: []connector.ProcedureArgument{text("SCHEMA_NAME"), text("TABLE_NAME")},
			Run: func(ctx context.Context, args []any) error { return c.unregisterTable(ctx, name(args)) }},
		{Name: system("vacuum"), Arguments: []connector.ProcedureArgument{text("SCHEMA_NAME"), text("TABLE_NAME"), text("RETENTION")},
			Run: func(ctx context.Context, args []any) error { return c.vacuum(ctx, name(args), str(args[2])) }},
	}
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// registerTable makes a table that is there visible.
func (c *Connector) registerTable(ctx context.Context, name connector.SchemaTable, location string) error {
	if !c.settings.register {
		return trinoerr.New(trinoerr.PermissionDenied, "Access Denied: register_table procedure is disabled")
	}
	location = strings.TrimRight(location, "/")
	db, err := c.store.Database(ctx, name.Schema)
	if err != nil {
		return err
	}
	if db == nil {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", name.Schema)
	}
	if old, err := c.store.Table(ctx, name); err != nil || old != nil {
		if err == nil {
			err = trinoerr.New(trinoerr.TableAlreadyExists, "Table already exists: '%s'", name)
		}
		return err
	}
	if err := c.files.Check(location); err != nil {
		return err
	}
	log := &deltalog.Log{Files: c.files, Location: location}
	if there, err := log.Exists(ctx); err != nil || !there {
		if err == nil {
			err = trinoerr.New(trinoerr.GenericUserError, "No transaction log found in location %s", filesystem.Join(location, strings.TrimRight(deltalog.Dir, "/")))
		}
		return err
	}
	if _, err := c.current(ctx, handle{Name: name, Location: location}); err != nil {
		return err
	}
	return c.registered(ctx, name, location, true)
}

// unregisterTable makes a table invisible; its files stay.
func (c *Connector) unregisterTable(ctx context.Context, name connector.SchemaTable) error {
	e, err := c.entry(ctx, name)
	if err != nil {
		return err
	}
	if e == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s' not found", name)
	}
	return c.store.DropTable(ctx, name, false)
}

// vacuum deletes the files of which neither the latest version knows nor one that was replaced within the retention.
func (c *Connector) vacuum(ctx context.Context, name connector.SchemaTable, text string) error {
	retention, err := parseRetention(text)
	if err != nil {
		return err
	}
	if least := c.SettingsFor(ctx).minimum; retention < least {
		return trinoerr.New(trinoerr.GenericUserError, "Retention specified (%s) is shorter than the minimum retention configured in the system (%s). "+
			"Minimum retention can be changed with delta.vacuum.min-retention configuration property or vacuum_min_retention session property", text, least)
	}
	t, err := c.load(ctx, name, deltalog.Latest)
	if err != nil {
		return err
	}
	if t == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s' does not exist", name)
	}
	if err := t.snapshot.Protocol.Writable(); err != nil {
		return failure(err, name)
	}
	since := c.now().Add(-retention)
	kept, err := t.referenced(ctx, since)
	if err != nil {
		return failure(err, name)
	}
	var gone []string
	err = c.files.List(ctx, t.Location, func(e filesystem.Entry) error {
		rest := strings.TrimPrefix(strings.TrimPrefix(e.Location, t.Location), "/")
		if e.Dir || hidden(rest) || kept[e.Location] || !e.Modified.Before(since) {
			return nil
		}
		gone = append(gone, e.Location)
		return nil
	})
	if err != nil {
		return err
	}
	for _, location := range gone {
		if err := c.files.Delete(ctx, location); err != nil {
			return err
		}
	}
	return nil
}

// hidden reports whether a file is none that vacuum may delete: the log's, and what others have put there under names that hide it.
func hidden(rest string) bool {
	for _, step := range strings.Split(rest, "/") {
		// Names of table partitions may begin so.
		if (strings.HasPrefix(step, "_") || strings.HasPrefix(step, ".")) && !strings.Contains(step, "=") && step != "_change_data" {
			return true
		}
	}
	return path.Base(rest) == ""
}

// referenced are the locations of the files that the latest version has or that were removed since a moment.
func (t *table) referenced(ctx context.Context, since time.Time) (map[string]bool, error) {
	kept := map[string]bool{}
	keep := func(file string, dv *deltalog.DeletionVector) error {
		location, err := locate(t.Location, file)
		if err != nil {
			return err
		}
		kept[location] = true
		if name, ok := dv.FileName(); ok {
			kept[filesystem.Join(t.Location, name)] = true
		}
		if dv != nil && dv.StorageType == "p" {
			kept[dv.PathOrInlineDv] = true
		}
		return nil
	}
	err := t.log.FileActions(ctx, t.snapshot, func(a *deltalog.Action) error {
		switch {
		case a.Add != nil:
			return keep(a.Add.Path, a.Add.DeletionVector)
		case a.CDC != nil:
			return keep(a.CDC.Path, nil)
		case a.Remove != nil && (a.Remove.DeletionTimestamp == nil || *a.Remove.DeletionTimestamp >= since.UnixMilli()):
			return keep(a.Remove.Path, a.Remove.DeletionVector)
		}
		return nil
	})
	return kept, err
}

// parseRetention reads a duration such as 7d or 12h, in Trino's units.
func parseRetention(text string) (time.Duration, error) {
	units := []struct {
		suffix string
		unit   time.Duration
	}{{"ns", 1}, {"us", time.Microsecond}, {"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}}
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.TrimSpace(text), u.suffix)
		if !ok {
			continue
		}
		v, isNumber := parseText(types.Of(types.Double), strings.TrimSpace(number))
		if f, _ := v.(float64); isNumber && f >= 0 && f*float64(u.unit) < 1<<62 {
			return time.Duration(f * float64(u.unit)), nil
		}
	}
	return 0, trinoerr.New(trinoerr.InvalidProcedureArgument, "duration is not a valid data duration string: %s", text)
}
