import java.sql.*;
import java.util.*;

/**
 * Asks one query with the JDBC driver: args are the URL of the server and the user; the query is in the environment.
 * Prints its rows, a line for each, columns with commas between them.
 */
public class Ask {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", args[1]);
        properties.setProperty("sessionProperties", System.getenv("SESSION").replace('=', ':').replace(',', ';'));
        try (Connection c = DriverManager.getConnection(args[0] + "/tpch/tiny", properties);
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(System.getenv("SQL"))) {
            int columns = r.getMetaData().getColumnCount();
            while (r.next()) {
                StringJoiner line = new StringJoiner(",");
                for (int i = 1; i <= columns; i++) {
                    line.add(r.getString(i));
                }
                System.out.println(line);
            }
        }
    }
}
