package iceberg

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Arguments of procedures of tables.
const (
	argThreshold = "file_size_threshold"
	argRetention = "retention_threshold"
	argSnapshot  = "snapshot_id"
)

// TableProcedures are those of ALTER TABLE … EXECUTE.
func (c *Connector) TableProcedures() []connector.TableProcedure {
	retention := []connector.Property{{Name: argRetention, Type: varchar, Default: "7d", Description: "Only what is older is removed"}}
	return []connector.TableProcedure{
		{Name: "OPTIMIZE", Filtered: true, Rewrite: c.optimize, Arguments: []connector.Property{
			{Name: argThreshold, Type: varchar, Default: "100MB", Description: "Only files that are smaller are written anew"}}},
		{Name: "DROP_EXTENDED_STATS", Run: c.dropExtendedStats},
		{Name: "ROLLBACK_TO_SNAPSHOT", Run: c.rollBackTable, Arguments: []connector.Property{{Name: argSnapshot, Type: bigint, Description: "Snapshot ID"}}},
		{Name: "EXPIRE_SNAPSHOTS", Run: c.expireSnapshots, Arguments: retention},
		{Name: "REMOVE_ORPHAN_FILES", Run: c.removeOrphanFiles, Arguments: retention},
	}
}

// optimize picks the files to be written anew: the small ones and those of which rows were deleted, in partitions where there is anything to
// gain by it.
func (c *Connector) optimize(ctx context.Context, t *connector.Table, args map[string]any, where []connector.Domain) (*connector.Table, error) {
	text, _ := args[argThreshold].(string)
	threshold, err := config.ParseSize(text)
	if err != nil {
		return nil, trinoerr.New(trinoerr.InvalidProcedureArgument, "Invalid value for %s: %v", argThreshold, err)
	}
	h, err := readHandle(t.Handle)
	if err != nil {
		return nil, err
	}
	for _, d := range where {
		// Whole files are rewritten, so the condition must not divide any.
		if ok, err := c.CanDelete(ctx, t, []connector.Domain{d}); err != nil || !ok {
			if err == nil {
				err = trinoerr.New(trinoerr.NotSupported, "Unexpected FilterNode found in plan; probably connector was not able to handle provided WHERE expression")
			}
			return nil, err
		}
	}
	tasks, tbl, err := c.plan(ctx, h, where)
	if err != nil {
		return nil, err
	}
	h.Only = smallFiles(tasks, threshold, tbl.Metadata().DefaultPartitionSpec())
	if len(h.Only) == 0 {
		return nil, nil
	}
	out := *t
	out.Handle, err = json.Marshal(h)
	return &out, err
}

// smallFiles are the files of scans that are worth writing anew: of a partition at least two, or one with deletes or of an older partitioning.
func smallFiles(tasks []table.FileScanTask, threshold int64, spec int) []string {
	groups := map[string][]string{}
	worth := map[string]bool{}
	seen := map[string]bool{}
	for i := range tasks {
		f := tasks[i].File
		dirty := len(tasks[i].DeleteFiles)+len(tasks[i].EqualityDeleteFiles)+len(tasks[i].DeletionVectorFiles) > 0 || int(f.SpecID()) != spec
		if seen[f.FilePath()] || f.FileSizeBytes() >= threshold && !dirty {
			continue
		}
		seen[f.FilePath()] = true
		raw, _ := json.Marshal(f.Partition())
		key := string(raw)
		groups[key] = append(groups[key], f.FilePath())
		worth[key] = worth[key] || dirty || len(groups[key]) > 1
	}
	out := []string{}
	for key, names := range groups {
		if worth[key] {
			out = append(out, names...)
		}
	}
	slices.Sort(out)
	return out
}

// retention reads the argument of that name, which must not be shorter than a catalog allows.
func retention(args map[string]any, least time.Duration, property string) (time.Duration, error) {
	text, _ := args[argRetention].(string)
	d, err := config.ParseDuration(text)
	if err != nil {
		return 0, trinoerr.New(trinoerr.InvalidProcedureArgument, "Invalid value for %s: %v", argRetention, err)
	}
	if d < least {
		return 0, trinoerr.New(trinoerr.InvalidProcedureArgument,
			"Retention specified (%s) is shorter than the minimum retention configured in the system (%s). Minimum retention can be changed with %s configuration property",
			config.FormatDuration(d), config.FormatDuration(least), property)
	}
	return d, nil
}

// expireSnapshots forgets snapshots that are older than the retention, and removes the files that only they had.
func (c *Connector) expireSnapshots(ctx context.Context, t *connector.Table, args map[string]any, _ []connector.Domain) error {
	keep, err := retention(args, c.SettingsFor(ctx).expireRetention, "iceberg.expire-snapshots.min-retention")
	if err != nil {
		return err
	}
	var before map[string]bool
	err = c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		if before, err = c.filesOf(ctx, tbl); err != nil {
			return err
		}
		return tx.ExpireSnapshots(table.WithOlderThan(keep), table.WithRetainLast(1), table.WithPostCommit(false))
	})
	if err != nil {
		return err
	}
	tbl, _, err := c.changing(ctx, t)
	if err != nil {
		return err
	}
	after, err := c.filesOf(ctx, tbl)
	if err != nil {
		return err
	}
	for name := range before {
		if !after[name] {
			if err := c.storage.files.Delete(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// filesOf are all files that some snapshot of a table needs: manifest lists, manifests, data and delete files, and statistics.
func (c *Connector) filesOf(ctx context.Context, t *table.Table) (map[string]bool, error) {
	out := map[string]bool{}
	io := &fileIO{ctx: ctx, files: c.storage.files}
	for _, s := range t.Metadata().Snapshots() {
		if s.ManifestList != "" {
			out[s.ManifestList] = true
		}
		manifests, err := s.Manifests(io)
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "Error reading the manifests of %s", strings.Join(t.Identifier(), "."))
		}
		for _, m := range manifests {
			if out[m.FilePath()] {
				continue
			}
			out[m.FilePath()] = true
			for e, err := range m.Entries(io, true) {
				if err != nil {
					return nil, trinoerr.Wrap(err, trinoerr.IcebergInvalidMetadata, "Error reading the manifest %s", m.FilePath())
				}
				out[e.DataFile().FilePath()] = true
			}
		}
	}
	for f := range t.Metadata().Statistics() {
		out[f.StatisticsPath] = true
	}
	for f := range t.Metadata().PartitionStatistics() {
		out[f.StatisticsPath] = true
	}
	return out, nil
}

// removeOrphanFiles removes the files in a table's directory that belong to no snapshot and are older than the retention: those of writes that
// failed, for example.
func (c *Connector) removeOrphanFiles(ctx context.Context, t *connector.Table, args map[string]any, _ []connector.Domain) error {
	keep, err := retention(args, c.SettingsFor(ctx).orphanRetention, "iceberg.remove-orphan-files.min-retention")
	if err != nil {
		return err
	}
	tbl, _, err := c.changing(ctx, t)
	if err != nil {
		return err
	}
	needed, err := c.filesOf(ctx, tbl)
	if err != nil {
		return err
	}
	needed[tbl.MetadataLocation()] = true
	for e := range tbl.Metadata().PreviousFiles() {
		needed[e.MetadataFile] = true
	}
	names := map[string]bool{}
	for name := range needed {
		names[baseName(name)] = true // locations of one file may be written in several ways
	}
	limit := time.Now().Add(-keep)
	var orphans []string
	err = c.storage.files.List(ctx, tbl.Location(), func(e filesystem.Entry) error {
		if base := baseName(e.Location); !names[base] && base != "version-hint.text" && !e.Modified.IsZero() && e.Modified.Before(limit) {
			orphans = append(orphans, e.Location)
		}
		return nil
	})
	for _, name := range orphans {
		if err == nil {
			err = c.storage.files.Delete(ctx, name)
		}
	}
	return trinoerr.Wrap(err, trinoerr.IcebergFilesystemError, "Failed to remove orphan files of %s", t.Name)
}

func baseName(location string) string { return location[strings.LastIndexByte(location, '/')+1:] }

// Procedures are those of CALL system.….
func (c *Connector) Procedures() []connector.Procedure {
	text := func(name string) connector.ProcedureArgument {
		return connector.ProcedureArgument{Name: name, Type: varchar, Required: true}
	}
	named := func(name string) connector.SchemaTable { return connector.SchemaTable{Schema: "system", Table: name} }
	return []connector.Procedure{
		{Name: named("rollback_to_snapshot"), Run: c.rollBack,
			Arguments: []connector.ProcedureArgument{text("SCHEMA"), text("TABLE"), {Name: "SNAPSHOT_ID", Type: bigint, Required: true}}},
		{Name: named("register_table"), Run: c.register,
			Arguments: []connector.ProcedureArgument{text("SCHEMA_NAME"), text("TABLE_NAME"), text("TABLE_LOCATION"), {Name: "METADATA_FILE_NAME", Type: varchar}}},
		{Name: named("unregister_table"), Run: c.unregister,
			Arguments: []connector.ProcedureArgument{text("SCHEMA_NAME"), text("TABLE_NAME")}},
	}
}

// called is the table that a procedure is called with.
func (c *Connector) called(ctx context.Context, args []any) (*connector.Table, error) {
	schema, _ := args[0].(string)
	name, _ := args[1].(string)
	t, err := c.Table(ctx, connector.SchemaTable{Schema: strings.ToLower(schema), Table: strings.ToLower(name)})
	if t == nil && err == nil {
		err = trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s.%s' does not exist", c.name, schema, name)
	}
	return t, err
}

// rollBack makes an older snapshot the current one.
func (c *Connector) rollBack(ctx context.Context, args []any) error {
	t, err := c.called(ctx, args)
	if err != nil {
		return err
	}
	id, ok := args[2].(int64)
	if !ok {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "snapshot_id cannot be null")
	}
	return c.rollBackTo(ctx, t, id)
}

// rollBackTable makes an older snapshot the current one.
func (c *Connector) rollBackTable(ctx context.Context, t *connector.Table, args map[string]any, _ []connector.Domain) error {
	id, ok := args[argSnapshot].(int64)
	if !ok {
		return trinoerr.New(trinoerr.InvalidProcedureArgument, "Required procedure argument '%s' is missing", argSnapshot)
	}
	return c.rollBackTo(ctx, t, id)
}

func (c *Connector) rollBackTo(ctx context.Context, t *connector.Table, id int64) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		if tbl.SnapshotByID(id) == nil {
			return trinoerr.New(trinoerr.IcebergInvalidSnapshotId, "Cannot roll back to unknown snapshot id: %d", id)
		}
		return tx.RollbackToSnapshot(id)
	})
}

// registrar is a catalog that takes tables whose metadata is there.
type registrar interface {
	RegisterTable(ctx context.Context, identifier table.Identifier, metadataLoc string) (*table.Table, error)
}

// register makes a table of metadata that is there.
func (c *Connector) register(ctx context.Context, args []any) error {
	if !c.registerTable {
		return trinoerr.New(trinoerr.PermissionDenied, "register_table procedure is disabled")
	}
	schema, _ := args[0].(string)
	name, _ := args[1].(string)
	location, _ := args[2].(string)
	file, _ := args[3].(string)
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	r, ok := cat.(registrar)
	if !ok {
		return trinoerr.New(trinoerr.NotSupported, "Tables cannot be registered in this catalog")
	}
	dir := filesystem.Join(location, "metadata")
	if file == "" {
		if file, err = c.newestMetadata(ctx, dir); err != nil {
			return err
		}
	}
	to := connector.SchemaTable{Schema: strings.ToLower(schema), Table: strings.ToLower(name)}
	if exists, err := cat.CheckTableExists(ctx, identifier(to)); err != nil || exists {
		if err == nil {
			err = trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s' already exists", to)
		}
		return catalogError(err, "register table %s", to)
	}
	_, err = r.RegisterTable(ctx, identifier(to), filesystem.Join(dir, file))
	return catalogError(err, "register table %s", to)
}

// newestMetadata finds the metadata file with the highest version.
func (c *Connector) newestMetadata(ctx context.Context, dir string) (string, error) {
	newest := ""
	err := c.storage.files.ListDir(ctx, dir, func(e filesystem.Entry) error {
		if name := baseName(e.Location); strings.HasSuffix(name, ".metadata.json") && name > newest {
			newest = name
		}
		return nil
	})
	if err == nil && newest == "" {
		err = trinoerr.New(trinoerr.IcebergInvalidMetadata, "No versioned metadata file exists at location: %s", dir)
	}
	return newest, trinoerr.Wrap(err, trinoerr.IcebergFilesystemError, "Failed checking table location: %s", dir)
}

// unregister makes the catalog forget a table, whose files stay.
func (c *Connector) unregister(ctx context.Context, args []any) error {
	t, err := c.called(ctx, args)
	if err != nil {
		return err
	}
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	return catalogError(cat.DropTable(ctx, identifier(t.Name)), "unregister table %s", t.Name)
}
