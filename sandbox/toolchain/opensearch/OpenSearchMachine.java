import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.security.OpenSearchSecurityPlugin;

/** A node as a machine runs it, with the security plugin: its settings are a folder with opensearch.yml. Home, that folder. */
public class OpenSearchMachine extends OpenSearchRunner {
  public static void main(String[] arguments) {
    try {
      List<Class<? extends Plugin>> plugins = new ArrayList<>();
      for (String module : MODULE_TYPES) addIfPresent(module, plugins);
      plugins.add(OpenSearchSecurityPlugin.class);
      var home = Map.of("path.home", arguments[0]);
      var environment = InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY, home, Path.of(arguments[1]), () -> "node");
      LogConfigurator.configure(environment);
      Node node = new OpenSearchRunnerNode(environment, plugins);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
      node.start();
      Thread.currentThread().join();
    } catch (Throwable problem) {
      problem.printStackTrace();
      System.exit(1);
    }
  }

  /** The list names every module there is; some of them are in no repository. */
  private static void addIfPresent(String module, List<Class<? extends Plugin>> plugins) {
    try {
      plugins.add(Class.forName(module).asSubclass(Plugin.class));
    } catch (ClassNotFoundException missing) {
      System.out.println("without " + module);
    }
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception problem) {
      problem.printStackTrace();
    }
  }
}
