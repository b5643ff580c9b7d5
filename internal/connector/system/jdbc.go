package system

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// jdbcTables are metadata in the shape that JDBC's DatabaseMetaData hands out. Trino has nothing to say about half of them.
var jdbcTables = []table{
	define("jdbc", "attributes", "type_cat, type_schem, type_name, attr_name, data_type bigint, attr_type_name, attr_size bigint, "+
		"decimal_digits bigint, num_prec_radix bigint, nullable bigint, remarks, attr_def, sql_data_type bigint, "+
		"sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, scope_catalog, scope_schema, "+
		"scope_table, source_data_type bigint", nil),
	define("jdbc", "catalogs", "table_cat", jdbcCatalogs),
	define("jdbc", "columns", "table_cat, table_schem, table_name, column_name, data_type bigint, type_name, column_size bigint, "+
		"buffer_length bigint, decimal_digits bigint, num_prec_radix bigint, nullable bigint, remarks, column_def, "+
		"sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, "+
		"scope_catalog, scope_schema, scope_table, source_data_type bigint, is_autoincrement, is_generatedcolumn", jdbcColumns),
	define("jdbc", "procedure_columns", "procedure_cat, procedure_schem, procedure_name, column_name, column_type bigint, "+
		"data_type bigint, type_name, precision bigint, length bigint, scale bigint, radix bigint, nullable bigint, remarks, "+
		"column_def, sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, "+
		"specific_name", nil),
	define("jdbc", "procedures", "procedure_cat, procedure_schem, procedure_name, remarks, procedure_type bigint, specific_name", nil),
	define("jdbc", "pseudo_columns", "table_cat, table_schem, table_name, column_name, data_type bigint, column_size bigint, "+
		"decimal_digits bigint, num_prec_radix bigint, column_usage, remarks, char_octet_length bigint, is_nullable bigint", nil),
	define("jdbc", "schemas", "table_schem, table_catalog", jdbcSchemas),
	define("jdbc", "super_tables", "table_cat, table_schem, table_name, supertable_name", nil),
	define("jdbc", "super_types", "type_cat, type_schem, type_name, supertype_cat, supertype_schem, supertype_name", nil),
	define("jdbc", "table_types", "table_type", constant([][]any{{tableKind}, {viewKind}})),
	define("jdbc", "tables", "table_cat, table_schem, table_name, table_type, remarks, type_cat, type_schem, type_name, "+
		"self_referencing_col_name, ref_generation", jdbcTableRows),
	define("jdbc", "types", "type_name, data_type bigint, precision bigint, literal_prefix, literal_suffix, create_params, "+
		"nullable bigint, case_sensitive boolean, searchable bigint, unsigned_attribute boolean, fixed_prec_scale boolean, "+
		"auto_increment boolean, local_type_name, minimum_scale bigint, maximum_scale bigint, sql_data_type bigint, "+
		"sql_datetime_sub bigint, num_prec_radix bigint", constant(jdbcTypes())),
	define("jdbc", "udts", "type_cat, type_schem, type_name, class_name, data_type, remarks, base_type", nil),
}

// The values of table_type.
const (
	tableKind = "TABLE"
	viewKind  = "VIEW"
)

func constant(rows [][]any) func(context.Context, *Connector, filter) ([][]any, error) {
	return func(context.Context, *Connector, filter) ([][]any, error) { return rows, nil }
}

func jdbcCatalogs(_ context.Context, c *Connector, _ filter) (rows [][]any, err error) {
	for _, info := range c.system.Catalogs() {
		rows = append(rows, []any{info.Name})
	}
	return rows, nil
}

func jdbcSchemas(ctx context.Context, c *Connector, f filter) (rows [][]any, err error) {
	err = c.eachSchema(ctx, f, [2]string{"table_catalog", "table_schem"}, func(info connector.CatalogInfo, schema string) error {
		rows = append(rows, []any{schema, info.Name})
		return nil
	})
	return rows, err
}

// jdbcNames are the columns of tables and columns that have their names.
var jdbcNames = [3]string{"table_cat", "table_schem", "table_name"}

func jdbcTableRows(ctx context.Context, c *Connector, f filter) (rows [][]any, err error) {
	if !f.allows("table_type", tableKind) && !f.allows("table_type", viewKind) {
		return nil, nil
	}
	err = c.eachTable(ctx, f, jdbcNames, func(info connector.CatalogInfo, name connector.TableName) error {
		kind := tableKind
		if name.View {
			kind = viewKind
		}
		rows = append(rows, []any{info.Name, name.Schema, name.Table, kind, nil, nil, nil, nil, nil, nil})
		return nil
	})
	return rows, err
}

func jdbcColumns(ctx context.Context, c *Connector, f filter) (rows [][]any, err error) {
	err = c.eachTable(ctx, f, jdbcNames, func(info connector.CatalogInfo, name connector.TableName) error {
		t, err := info.Metadata.Table(ctx, name.SchemaTable)
		if err != nil || t == nil {
			return err // a table that has gone since it was listed has no columns
		}
		position := int64(0)
		for _, col := range t.Columns {
			if col.Hidden {
				continue
			}
			position++
			if f.allows("column_name", col.Name) {
				rows = append(rows, columnRow(info.Name, name.SchemaTable, col, position))
			}
		}
		return nil
	})
	return rows, err
}

// columnRow is a row of columns.
func columnRow(catalog string, name connector.SchemaTable, col connector.Column, position int64) []any {
	d := describe(col.Type)
	nullable, isNullable := int64(1), "YES"
	if col.NotNull {
		nullable, isNullable = 0, "NO"
	}
	return []any{catalog, name.Schema, name.Table, col.Name, d.number, col.Type.String(), d.size, int64(0), d.digits, d.radix, nullable,
		textOrNull(col.Comment), nil, nil, nil, d.octets, position, isNullable, nil, nil, nil, nil, nil, nil}
}
