package system

import "context"

// jdbcTables are metadata in the shape that the JDBC interface DatabaseMetaData hands out.
var jdbcTables = []table{
	define("jdbc", "catalogs", "table_cat", jdbcCatalogs),
	define("jdbc", "table_types", "table_type", func(context.Context, *Connector, filter) ([][]any, error) {
		return [][]any{{"TABLE"}, {"VIEW"}}, nil
	}),
}

func jdbcCatalogs(_ context.Context, c *Connector, _ filter) (rows [][]any, err error) {
	for _, info := range c.system.Catalogs() {
		rows = append(rows, []any{info.Name})
	}
	return rows, nil
}
