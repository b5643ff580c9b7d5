import java.sql.*;
import java.util.*;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Drives the JDBC driver: args are the URL of the server and the user; the statements are in the environment. Prints what
 * it sees, a line for each fact.
 */
public class Test {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", args[1]);
        try (Connection c = DriverManager.getConnection(args[0], properties)) {
            query(c, System.getenv("SQL_TYPES"));
            prepared(c);
            error(c);
            update(c);
            progress(c);
            cancel(c);
        }
    }

    static void query(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(sql)) {
            ResultSetMetaData m = r.getMetaData();
            while (r.next()) {
                for (int i = 1; i <= m.getColumnCount(); i++) {
                    System.out.println(m.getColumnLabel(i) + " " + m.getColumnTypeName(i) + " " + r.getString(i));
                }
            }
        }
    }

    static void prepared(Connection c) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(System.getenv("SQL_PREPARED"))) {
            s.setLong(1, 42);
            s.setString(2, "it's");
            try (ResultSet r = s.executeQuery()) {
                r.next();
                System.out.println("prepared " + r.getLong(1) + " " + r.getString(2));
            }
        }
    }

    static void error(Connection c) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.executeQuery(System.getenv("SQL_ERROR"));
        } catch (SQLException e) {
            System.out.println("error " + e.getErrorCode() + " " + e.getMessage().replaceAll("\\(#[^)]*\\)", "(#)"));
        }
    }

    static void update(Connection c) throws SQLException {
        try (Statement s = c.createStatement()) {
            System.out.println("updated " + s.executeUpdate(System.getenv("SQL_CREATE")));
            System.out.println("dropped " + s.executeUpdate(System.getenv("SQL_DROP")));
            s.execute("USE memory.default");
            System.out.println("session " + c.getCatalog() + "." + c.getSchema());
        }
    }

    static void progress(Connection c) throws SQLException {
        AtomicInteger calls = new AtomicInteger();
        try (Statement s = c.createStatement()) {
            s.unwrap(io.trino.jdbc.TrinoStatement.class).setProgressMonitor(stats -> calls.incrementAndGet());
            int rows = 0;
            try (ResultSet r = s.executeQuery(System.getenv("SQL_PAGES"))) {
                while (r.next()) {
                    rows++;
                }
            }
            System.out.println("pages " + rows + (calls.get() > 1 ? " with progress" : " without progress"));
        }
    }

    static void cancel(Connection c) throws Exception {
        try (Statement s = c.createStatement()) {
            Thread t = new Thread(() -> {
                try {
                    Thread.sleep(300);
                    s.cancel();
                } catch (Exception e) {
                    System.out.println("cancel failed " + e);
                }
            });
            t.start();
            try (ResultSet r = s.executeQuery(System.getenv("SQL_HANG"))) {
                r.next();
                System.out.println("not cancelled");
            } catch (SQLException e) {
                System.out.println("cancelled");
            }
            t.join();
        }
    }
}
