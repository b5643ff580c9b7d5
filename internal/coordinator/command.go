package coordinator

import (
	"context"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// command carries out a statement that needs no tasks.
func (q *query) command(b binder.Bound) error {
	switch b := b.(type) {
	case *binder.Nothing:
		q.succeed(nil)
		return nil
	case *binder.SetSession:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			name := b.FullName()
			if err := q.c.checkSession(b); err != nil {
				return err
			}
			ch.SetProperties = map[string]string{name: b.Value}
			if config.IsSessionHint(name) {
				q.warn(name + " has no effect: what it steers in Trino is decided by Waterbear itself")
			}
			return nil
		})
	case *binder.ResetSession:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			name := b.Name
			if b.Catalog != "" {
				name = b.Catalog + "." + b.Name
			}
			ch.ClearProperties = []string{name}
			return nil
		})
	case *binder.Use:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.SetCatalog, ch.SetSchema = b.Catalog, b.Schema
			return nil
		})
	case *binder.Prepare:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.AddedPrepared = map[string]string{b.Name: b.SQL}
			return nil
		})
	case *binder.Deallocate:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.DeallocatedPrepared = []string{b.Name}
			return nil
		})
	case *binder.SetTimeZone:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			if b.Zone == "" {
				ch.ClearProperties = []string{zoneProperty}
			} else {
				ch.SetProperties = map[string]string{zoneProperty: b.Zone}
			}
			return nil
		})
	case *binder.SetRole:
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.SetRoles = map[string]protocol.Role{b.Catalog: {Kind: b.Role}}
			return nil
		})
	case *binder.SetPath:
		if !q.req.Session.Has("PATH") {
			return trinoerr.New(trinoerr.NotSupported, "SET PATH not supported by client")
		}
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.SetPath = &b.Path
			return nil
		})
	case *binder.SetSessionAuthorization:
		if !q.req.Session.Has("SESSION_AUTHORIZATION") {
			verb := "SET"
			if b.User == "" {
				verb = "RESET"
			}
			return trinoerr.New(trinoerr.NotSupported, "%s SESSION AUTHORIZATION not supported by client", verb)
		}
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.SetAuthorization, ch.ResetAuthorization = b.User, b.User == ""
			return nil
		})
	case *binder.StartTransaction:
		if q.req.Session.TransactionID != "" {
			return trinoerr.New(trinoerr.NotSupported, "Nested transactions not supported")
		}
		if !q.req.Session.ClientTransactions {
			return trinoerr.New(trinoerr.IncompatibleClient, "Client does not support transactions")
		}
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			ch.StartedTransaction = q.c.transactions.start(b.Isolation, b.ReadOnly, time.Now())
			return nil
		})
	case *binder.Commit, *binder.Rollback:
		if q.req.Session.TransactionID == "" {
			return trinoerr.New(trinoerr.NotInTransaction, "No transaction in progress")
		}
		return q.changeSession(func(ch *protocol.SessionChanges) error {
			q.c.transactions.end(q.req.Session.TransactionID)
			ch.ClearedTransaction = true
			return nil
		})
	}
	if err := q.begun(); err != nil {
		return err
	}
	if err := q.definition(b); err != nil {
		return err
	}
	q.succeed(nil)
	return nil
}

// noEffect is the warning of a statement that is accepted and changes nothing. Trino has no such code.
const noEffect = "NO_EFFECT"

// warn adds a warning to the answer.
func (q *query) warn(text string) {
	q.update(func() { q.warnings = append(q.warnings, protocol.Warning{Code: 1, Name: noEffect, Message: text}) })
}

// changeSession ends the statement with changes of the client's session.
func (q *query) changeSession(f func(*protocol.SessionChanges) error) error {
	ch := &protocol.SessionChanges{}
	if err := f(ch); err != nil {
		return err
	}
	q.succeed(func() { q.changes = ch })
	return nil
}

// unsupported is Trino's answer when a connector lacks an ability.
func unsupported(what string) error {
	return trinoerr.New(trinoerr.NotSupported, "This connector does not support %s", what)
}

// ability finds an optional interface of a catalog's connector.
func ability[T any](q *query, catalog, what string) (T, error) {
	t, ok := q.c.cfg.Catalogs[catalog].(T)
	if !ok {
		return t, unsupported(what)
	}
	return t, nil
}

// definition changes metadata.
func (q *query) definition(b binder.Bound) error {
	ctx := q.ctx
	switch b := b.(type) {
	case *binder.CreateSchema:
		return with(q, b.Catalog, "creating schemas", func(c connector.SchemaWriter) error {
			return c.CreateSchema(ctx, b.Schema, b.Properties)
		})
	case *binder.DropSchema:
		return with(q, b.Catalog, "dropping schemas", func(c connector.SchemaWriter) error {
			return c.DropSchema(ctx, b.Schema, b.Cascade)
		})
	case *binder.RenameSchema:
		return with(q, b.Catalog, "renaming schemas", func(c connector.SchemaRenamer) error {
			return c.RenameSchema(ctx, b.Schema, b.To)
		})
	case *binder.CreateTable:
		return q.createTable(ctx, b)
	case *binder.DropTable:
		return with(q, b.Catalog, "dropping tables", func(c connector.TableCreator) error { return c.DropTable(ctx, b.Table) })
	case *binder.RenameTable:
		return with(q, b.Catalog, "renaming tables", func(c connector.TableRenamer) error { return c.RenameTable(ctx, b.Table, b.To) })
	case *binder.AddColumn:
		if b.After != nil {
			return with(q, b.Catalog, "adding columns in a place", func(c connector.ColumnPlacer) error {
				return c.AddColumnAfter(ctx, b.Table, b.Column, *b.After)
			})
		}
		return with(q, b.Catalog, "adding columns", func(c connector.ColumnAlterer) error { return c.AddColumn(ctx, b.Table, b.Column) })
	case *binder.DropColumn:
		return with(q, b.Catalog, "dropping columns", func(c connector.ColumnAlterer) error { return c.DropColumn(ctx, b.Table, b.Column) })
	case *binder.SetColumnType:
		return with(q, b.Catalog, "setting column types", func(c connector.ColumnTyper) error {
			return c.SetColumnType(ctx, b.Table, b.Column, b.Type)
		})
	case *binder.SetProperties:
		return with(q, b.Catalog, "setting table properties", func(c connector.PropertySetter) error {
			return c.SetProperties(ctx, b.Table, b.Properties)
		})
	case *binder.ChangeField:
		return with(q, b.Catalog, "changing fields", func(c connector.FieldAlterer) error { return changeField(ctx, c, b) })
	case *binder.RenameColumn:
		return with(q, b.Catalog, "renaming columns", func(c connector.ColumnAlterer) error {
			return c.RenameColumn(ctx, b.Table, b.Column, b.To)
		})
	case *binder.Comment:
		return with(q, b.Catalog, "setting table comments", func(c connector.Commenter) error {
			return c.SetComment(ctx, b.Table, b.Column, b.Text)
		})
	case *binder.DeleteAll:
		if b.Truncate {
			return with(q, b.Catalog, "truncating tables", func(c connector.Truncater) error { return c.Truncate(ctx, b.Table) })
		}
		return with(q, b.Catalog, "modifying table rows", func(c connector.Deleter) error {
			n, err := c.Delete(ctx, b.Table, b.Constraint)
			if err == nil && n >= 0 {
				q.update(func() { q.updateRows = &n })
			}
			return err
		})
	case *binder.PutView:
		return with(q, b.Catalog, "creating views", func(c connector.Views) error { return c.PutView(ctx, b.View, b.Replace) })
	case *binder.DropView:
		return with(q, b.Catalog, "dropping views", func(c connector.Views) error { return c.DropView(ctx, b.Name) })
	case *binder.RenameView:
		return with(q, b.Catalog, "renaming views", func(c connector.Views) error { return c.RenameView(ctx, b.Name, b.To) })
	case *binder.CreateFunction:
		return with(q, b.Catalog, "creating functions", func(c connector.Routines) error { return c.PutRoutine(ctx, b.Routine, b.Replace) })
	case *binder.DropFunction:
		return with(q, b.Catalog, "dropping functions", func(c connector.Routines) error {
			return c.DropRoutine(ctx, b.Schema, b.Name, b.Signature)
		})
	case *binder.DropNotNull:
		return with(q, b.Catalog, "dropping a not null constraint", func(c connector.NullabilityChanger) error {
			return c.DropNotNull(ctx, b.Table, b.Column)
		})
	case *binder.Call:
		return b.Procedure.Run(ctx, b.Arguments)
	case *binder.ExecuteProcedure:
		return b.Procedure.Run(ctx, b.Table, b.Arguments, b.Where)
	}
	return trinoerr.New(trinoerr.NotSupported, "%s is not supported", b.UpdateType())
}

// with runs f with an ability of a catalog's connector.
func with[T any](q *query, catalog, what string, f func(T) error) error {
	t, err := ability[T](q, catalog, what)
	if err != nil {
		return err
	}
	return f(t)
}

func (q *query) createTable(ctx context.Context, b *binder.CreateTable) error {
	return with(q, b.Catalog, "creating tables", func(c connector.TableCreator) error {
		t := *b.Table
		if b.InferColumns {
			inferrer, err := ability[connector.SchemaInferrer](q, b.Catalog, "tables without columns")
			if err != nil {
				return err
			}
			if t.Columns, err = inferrer.InferColumns(ctx, t.Properties); err != nil {
				return err
			}
		}
		return c.CreateTable(ctx, &t)
	})
}

func changeField(ctx context.Context, c connector.FieldAlterer, b *binder.ChangeField) error {
	switch b.Change {
	case binder.AddField:
		return c.AddField(ctx, b.Table, b.Path, b.Type)
	case binder.DropField:
		return c.DropField(ctx, b.Table, b.Path)
	case binder.RenameField:
		return c.RenameField(ctx, b.Table, b.Path, b.To)
	}
	return c.SetFieldType(ctx, b.Table, b.Path, b.Type)
}
