import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSNNTopology;
import org.apache.hadoop.minikdc.MiniKdc;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.kerby.kerberos.kerb.client.KrbClient;

/**
 * Runs a cluster of HDFS with two name nodes, one of which is active, and two data nodes, on free ports of 127.0.0.1. It is told
 * what to do by requests to an HTTP server, which answers once the cluster does. Started again with the same directory, it has
 * its files and ports again. Everybody may write to the root directory. The data nodes' host name is 127.0.0.2, where nobody
 * listens.
 *
 * <p>With users it wants Kerberos, and has a key distribution center in the same process: DIRECTORY/krb5.conf says where, and
 * DIRECTORY/USER.keytab is a user's key. Data transfer is protected then.
 *
 * <pre>
 *   MiniCluster DIRECTORY PORT [USER...]
 *
 *   GET /nodes                  the addresses of the name nodes, one a line
 *   GET /datanodes              likewise of the data nodes
 *   GET /active/N               makes the name node N the active one
 *   GET /safemode/enter, leave  of the active name node
 *   GET /stop                   ends the first data node; the name nodes learn that by and by
 *   GET /start                  starts it again
 *   GET /quota/N                lets the root directory have no more than N names
 *   GET /protect/A/B/C          starts all nodes again with hadoop.rpc.protection A and dfs.data.transfer.protection B, which may
 *                               be lists. C has "aes" in it: data nodes know AES; "encrypt": with dfs.encrypt.data.transfer
 *   GET /ticket/USER            gets a ticket for a user, into DIRECTORY/USER.ccache
 * </pre>
 */
public class MiniCluster {
  private static final String HOST = "127.0.0.1";
  private static final String REALM = "EXAMPLE.COM";

  private static Path dir;
  private static boolean secure;
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
    dir = Path.of(args[0]);
    String[] users = Arrays.copyOfRange(args, 2, args.length);
    secure = users.length > 0;
    Configuration conf = configuration();
    if (secure) {
      startKdc(users);
      secure(conf);
      protect(conf, "authentication", "authentication,privacy", "none");
      UserGroupInformation.setConfiguration(conf);
      UserGroupInformation.loginUserFromKeytab("nn/" + HOST, keytab("nn"));
    }
    start(conf);
    ready = true;
  }

  private static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, dir.resolve("dfs").toString());
    conf.setInt("dfs.replication", 2);
    conf.setInt("dfs.namenode.handler.count", 4);
    conf.setInt("dfs.namenode.fs-limits.min-block-size", 4096);
    conf.setInt("dfs.heartbeat.interval", 1);
    conf.setInt("dfs.namenode.heartbeat.recheck-interval", 1000); // a data node is dead after 12 seconds
    conf.setInt("dfs.ha.tail-edits.period", 1);
    conf.setBoolean("dfs.namenode.redundancy.considerLoad", false);
    return conf;
  }

  /** Starts all nodes, at the ports that name nodes had before. */
  private static void start(Configuration conf) throws Exception {
    Path ports = dir.resolve("ports");
    boolean again = Files.exists(ports);
    int[] port = {0, 0};
    if (again) {
      String[] lines = Files.readString(ports).split("\n");
      port = new int[] {Integer.parseInt(lines[0]), Integer.parseInt(lines[1])};
    }
    if (again) { // else MiniDFSCluster manages it, which empties it
      conf.set("dfs.namenode.shared.edits.dir", dir.resolve("dfs/shared-edits-0-through-1").toUri().toString());
    }
    cluster =
        new MiniDFSCluster.Builder(conf)
            .nnTopology(
                new MiniDFSNNTopology()
                    .addNameservice(
                        new MiniDFSNNTopology.NSConf("cluster")
                            .addNN(new MiniDFSNNTopology.NNConf("nn1").setIpcPort(port[0]))
                            .addNN(new MiniDFSNNTopology.NNConf("nn2").setIpcPort(port[1]))))
            .numDataNodes(2)
            .hosts(new String[] {"127.0.0.2", "127.0.0.2"})
            .format(!again)
            .manageNameDfsDirs(true)
            .manageNameDfsSharedDirs(!again)
            .build();
    active = 0;
    cluster.transitionToActive(0);
    cluster.waitActive(0);
    cluster
        .getFileSystem(0)
        .setPermission(
            new org.apache.hadoop.fs.Path("/"), new org.apache.hadoop.fs.permission.FsPermission((short) 0777));
    Files.writeString(ports, cluster.getNameNodePort(0) + "\n" + cluster.getNameNodePort(1) + "\n");
  }

  private static void startKdc(String[] users) throws Exception {
    Path kdcDir = Files.createDirectories(dir.resolve("kdc"));
    Properties kdcConf = MiniKdc.createConf();
    kdcConf.setProperty(MiniKdc.MIN_TICKET_LIFETIME, "1");
    MiniKdc kdc = new MiniKdc(kdcConf, kdcDir.toFile());
    kdc.start();
    Files.copy(kdc.getKrb5conf().toPath(), dir.resolve("krb5.conf"));
    kdc.createPrincipal(new java.io.File(keytab("nn")), "nn/" + HOST, "HTTP/" + HOST);
    for (String user : users) {
      kdc.createPrincipal(new java.io.File(keytab(user)), user);
    }
  }

  private static String keytab(String user) {
    return dir.resolve(user + ".keytab").toString();
  }

  /** Makes all nodes want Kerberos. All of them are the same principal. */
  private static void secure(Configuration conf) {
    conf.set("hadoop.security.authentication", "kerberos");
    for (String node : new String[] {"namenode", "datanode"}) {
      conf.set("dfs." + node + ".kerberos.principal", "nn/" + HOST + "@" + REALM);
      conf.set("dfs." + node + ".keytab.file", keytab("nn"));
    }
    conf.set("dfs.web.authentication.kerberos.principal", "HTTP/" + HOST + "@" + REALM);
    conf.set("dfs.web.authentication.kerberos.keytab", keytab("nn"));
    conf.setBoolean("dfs.block.access.token.enable", true);
    conf.setBoolean("ignore.secure.ports.for.testing", true); // else HTTPS would be needed
  }

  private static void protect(Configuration conf, String rpc, String transfer, String cipher) {
    conf.set("hadoop.rpc.protection", rpc);
    conf.set("dfs.data.transfer.protection", transfer);
    conf.setBoolean("dfs.encrypt.data.transfer", cipher.contains("encrypt"));
    conf.set("dfs.encrypt.data.transfer.cipher.suites", cipher.contains("aes") ? "AES/CTR/NoPadding" : "");
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
        return HOST + ":" + cluster.getNameNodePort(0) + "\n" + HOST + ":" + cluster.getNameNodePort(1) + "\n";
      case "datanodes":
        return cluster.getDataNodes().stream().map(d -> HOST + ":" + d.getXferPort()).collect(Collectors.joining("\n"));
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
      case "protect":
        Configuration conf = configuration();
        secure(conf);
        protect(conf, words[1], words[2], words[3]);
        cluster.shutdown();
        UserGroupInformation.setConfiguration(conf);
        start(conf);
        return "";
      case "ticket":
        KrbClient client = new KrbClient(dir.toFile()); // where krb5.conf is
        client.init();
        client.storeTicket(
            client.requestTgt(words[1], new java.io.File(keytab(words[1]))), dir.resolve(words[1] + ".ccache").toFile());
        return "";
      default:
        throw new IOException("no such request");
    }
  }
}
