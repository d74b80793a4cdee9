import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node: data folder, folder that snapshots may go to, address, port. */
public class OpenSearchNode {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    try {
      runner.onBuild((number, settings) -> {
        settings.put("path.repo", arguments[1]);
        settings.put("network.host", arguments[2]);
        settings.put("http.port", arguments[3]);
        settings.put("transport.port", "0");
        settings.putList("node.roles", "cluster_manager", "data", "ingest");
      }).build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("retrofit").useLogger());
      Thread.currentThread().join();
    } catch (Throwable problem) {
      problem.printStackTrace();
      System.exit(1);
    }
  }
}
