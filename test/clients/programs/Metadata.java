import java.sql.*;
import java.util.*;

/**
 * Asks the JDBC driver for metadata as programs for queries do: args are the URL of the server and the user. Prints what it
 * is told of the catalogs tpch and system, a row a line.
 */
public class Metadata {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", args[1]);
        try (Connection c = DriverManager.getConnection(args[0], properties)) {
            DatabaseMetaData m = c.getMetaData();
            print("catalogs", m.getCatalogs(), "tpch", "system");
            print("schemas", m.getSchemas("tpch", "t%"));
            print("all schemas", m.getSchemas(), "metadata");
            print("tables", m.getTables("tpch", "tiny", "%", null));
            print("some tables", m.getTables("tpch", "t_ny", "n%", new String[] {"TABLE", "VIEW"}));
            print("no views", m.getTables("tpch", null, null, new String[] {"VIEW"}));
            print("escaped", m.getTables("system", "runtime", "quer\\%", null));
            print("columns", m.getColumns("tpch", "tiny", "customer", "%"));
            print("one column", m.getColumns("system", "runtime", "queries", "resource\\_group%"));
            print("types", m.getTypeInfo(), "bigint", "varbinary", "array");
            print("table types", m.getTableTypes());
            print("procedures", m.getProcedures("system", null, null));
            print("procedure columns", m.getProcedureColumns("system", null, null, null));
            print("attributes", m.getAttributes(null, null, null, null));
            print("udts", m.getUDTs(null, null, null, null));
            print("super tables", m.getSuperTables(null, null, null));
            print("super types", m.getSuperTypes(null, null, null));
            print("pseudo columns", m.getPseudoColumns("tpch", "tiny", "nation", null));
        }
    }

    /** Prints a result, of which only the rows are wanted that have one of some values. */
    static void print(String what, ResultSet r, String... wanted) throws SQLException {
        ResultSetMetaData m = r.getMetaData();
        StringJoiner names = new StringJoiner(" ");
        for (int i = 1; i <= m.getColumnCount(); i++) {
            names.add(m.getColumnLabel(i) + ":" + m.getColumnTypeName(i));
        }
        System.out.println(what + ": " + names);
        while (r.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= m.getColumnCount(); i++) {
                row.add(r.getString(i));
            }
            if (wanted.length == 0 || !Collections.disjoint(row, Arrays.asList(wanted))) {
                System.out.println("  " + row);
            }
        }
        r.close();
    }
}
