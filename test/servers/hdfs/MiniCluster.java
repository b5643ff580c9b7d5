import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSNNTopology;

/**
 * Runs a cluster of HDFS with two name nodes, one of which is active, and two data nodes, on free ports of 127.0.0.1. It is told
 * what to do by requests to an HTTP server, which answers once the cluster does. Started again with the same directory, it has
 * its files and ports again. Everybody may write to the root directory.
 *
 * <pre>
 *   MiniCluster DIRECTORY PORT
 *
 *   GET /nodes                  the addresses of the name nodes, one a line
 *   GET /active/N               makes the name node N the active one
 *   GET /safemode/enter, leave  of the active name node
 *   GET /stop                   ends the first data node; the name nodes learn that by and by
 *   GET /start                  starts it again
 *   GET /quota/N                lets the root directory have no more than N names
 * </pre>
 */
public class MiniCluster {
  private static MiniDFSCluster cluster;
  private static int active;
  private static MiniDFSCluster.DataNodeProperties stopped;
  private static volatile boolean ready;

  public static void main(String[] args) {
    try {
      run(args);
    } catch (Throwable t) {
      t.printStackTrace();
      System.exit(1); // whatever its threads do
    }
  }

  private static void run(String[] args) throws Exception {
    // It has its port before the cluster takes ports.
    HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])), 0);
    http.createContext("/", MiniCluster::handle);
    http.start();
    Path dir = Path.of(args[0]);
    Path ports = dir.resolve("ports");
    boolean again = Files.exists(ports);
    int[] port = {0, 0};
    if (again) {
      String[] lines = Files.readString(ports).split("\n");
      port = new int[] {Integer.parseInt(lines[0]), Integer.parseInt(lines[1])};
    }
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, dir.resolve("dfs").toString());
    conf.setInt("dfs.replication", 2);
    conf.setInt("dfs.namenode.handler.count", 4);
    conf.setInt("dfs.namenode.fs-limits.min-block-size", 4096);
    conf.setInt("dfs.heartbeat.interval", 1);
    conf.setInt("dfs.namenode.heartbeat.recheck-interval", 1000); // a data node is dead after 12 seconds
    conf.setInt("dfs.ha.tail-edits.period", 1);
    conf.setBoolean("dfs.namenode.redundancy.considerLoad", false);
    cluster =
        new MiniDFSCluster.Builder(conf)
            .nnTopology(
                new MiniDFSNNTopology()
                    .addNameservice(
                        new MiniDFSNNTopology.NSConf("cluster")
                            .addNN(new MiniDFSNNTopology.NNConf("nn1").setIpcPort(port[0]))
                            .addNN(new MiniDFSNNTopology.NNConf("nn2").setIpcPort(port[1]))))
            .numDataNodes(2)
            .format(!again)
            .manageNameDfsDirs(true)
            .build();
    cluster.transitionToActive(0);
    cluster.waitActive(0);
    cluster
        .getFileSystem(0)
        .setPermission(
            new org.apache.hadoop.fs.Path("/"), new org.apache.hadoop.fs.permission.FsPermission((short) 0777));
    Files.writeString(ports, cluster.getNameNodePort(0) + "\n" + cluster.getNameNodePort(1) + "\n");
    ready = true;
  }

  private static void handle(HttpExchange exchange) throws IOException {
    String answer = "";
    int status = ready ? 200 : 503;
    if (ready) {
      try {
        answer = answer(exchange.getRequestURI().getPath().substring(1).split("/"));
      } catch (Exception e) {
        answer = e.toString();
        status = 400;
      }
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static synchronized String answer(String[] words) throws Exception {
    switch (words[0]) {
      case "nodes":
        return "127.0.0.1:" + cluster.getNameNodePort(0) + "\n127.0.0.1:" + cluster.getNameNodePort(1) + "\n";
      case "active":
        if (active == Integer.parseInt(words[1])) {
          return "";
        }
        cluster.transitionToStandby(active);
        active = Integer.parseInt(words[1]);
        cluster.transitionToActive(active);
        cluster.waitActive(active);
        return "";
      case "safemode":
        cluster
            .getFileSystem(active)
            .setSafeMode(words[1].equals("enter") ? SafeModeAction.ENTER : SafeModeAction.LEAVE);
        return "";
      case "stop":
        stopped = cluster.stopDataNode(0);
        return "";
      case "start":
        cluster.restartDataNode(stopped, true);
        cluster.waitActive(active);
        return "";
      case "quota":
        cluster.getFileSystem(active).setQuota(new org.apache.hadoop.fs.Path("/"), Long.parseLong(words[1]), Long.MAX_VALUE);
        return "";
      default:
        throw new IOException("no such request");
    }
  }
}
