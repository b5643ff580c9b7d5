package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func (b *binder) createSchema(s *ast.CreateSchema) (Bound, error) {
	at, err := b.schema(s, s.Name)
	if err != nil {
		return nil, err
	}
	if at.exists {
		if s.IfNotExists {
			return &Nothing{"CREATE SCHEMA"}, nil
		}
		return nil, errAt(s, trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", at.catalog, at.schema)
	}
	props, err := b.schemaProperties(at.md, at.catalog, s.Properties)
	if err != nil {
		return nil, err
	}
	if _, ok := at.md.(connector.SchemaWriter); !ok {
		return nil, cannot("creating schemas")
	}
	return &CreateSchema{at.catalog, at.schema, props}, nil
}

func (b *binder) dropSchema(s *ast.DropSchema) (Bound, error) {
	catalog, schema, err := b.schemaName(s, s.Name)
	if err != nil {
		return nil, err
	}
	md := b.env.Catalogs.Metadata(catalog)
	exists := false
	if md != nil {
		if exists, err = b.schemaExists(md, schema); err != nil {
			return nil, located(s, err)
		}
	}
	if !exists {
		if s.IfExists {
			return &Nothing{"DROP SCHEMA"}, nil
		}
		return nil, errAt(s, trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", catalog, schema)
	}
	if _, ok := md.(connector.SchemaWriter); !ok {
		return nil, cannot("dropping schemas")
	}
	if !s.Cascade {
		tables, err := md.Tables(b.ctx, schema)
		if err != nil {
			return nil, located(s, err)
		}
		if len(tables) > 0 || schema == informationSchema {
			return nil, errAt(s, trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", schema)
		}
	}
	return &DropSchema{catalog, schema, s.Cascade}, nil
}

func (b *binder) renameSchema(s *ast.RenameSchema) (Bound, error) {
	from, err := b.schema(s, s.Name)
	if err != nil {
		return nil, err
	}
	if !from.exists {
		return nil, errAt(s, trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", from.catalog, from.schema)
	}
	to := lower(s.Target)
	taken, err := b.schemaExists(from.md, to)
	if err != nil {
		return nil, located(s, err)
	}
	if taken {
		return nil, errAt(s, trinoerr.SchemaAlreadyExists, "Target schema '%s.%s' already exists", from.catalog, to)
	}
	if _, ok := from.md.(connector.SchemaRenamer); !ok {
		return nil, cannot("renaming schemas")
	}
	return &RenameSchema{from.catalog, from.schema, to}, nil
}
