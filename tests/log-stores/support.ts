/** A store of one's own on this machine: what Puppet writes for each node, the node's own program, and a real OpenSearch. */
import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { GateClients } from "../../components/elk-stack/self-hosted/replacement-gate";
import { LogStore } from "../../components/elk-stack/store/store";
import type { Catalog } from "../../release/machine/catalog";
import { ServerProcess } from "../../sandbox/servers/server-process";
import { ensureOpenSearchMachine, type OpenSearchMachine } from "../../sandbox/toolchain/opensearch-machine";
import { say } from "../logs/support/store";
import { documentOf, logStoreSettings, machinesFolder } from "../machines/support/configuration";
import { compile } from "../machines/support/machines";

const run = promisify(execFile);
const PROGRAMS = "usr/local/lib/retrofit";
const HEAP_MB = 320;
const START_SECONDS = 240;
/** A name for all nodes, as a load balancer has one. */
export const BALANCER = "logs.elb.example.com";

/** What stands in for the AWS of a node: its secrets, its neighbours, and a list of what was sent to CloudWatch. */
const AWS = `#!/usr/bin/python3
import json, pathlib, sys
cloud = pathlib.Path(__file__).parent
words = sys.argv[1:]
if "get-secret-value" in words:
    name = words[words.index("--secret-id") + 1].split(":")[-1]
    print(json.dumps({"SecretString": (cloud / f"secret-{name}").read_text()}))
elif "describe-instances" in words:
    print((cloud / "addresses.json").read_text())
elif "put-metric-data" in words:
    with open(cloud / "metrics.jsonl", "a") as metrics:
        metrics.write(words[words.index("--metric-data") + 1] + "\\n")
else:
    raise SystemExit(f"not known: {words}")
`;
const METADATA = `import json, pathlib
def metadata(path):
    return json.loads(pathlib.Path(__file__).with_name("metadata.json").read_text())[path]
`;

/** What a distribution brings. */
const LOG4J = `appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

export class ClusterNode {
  private readonly process: ServerProcess;

  constructor(
    readonly number: number,
    /** Stands for the machine: thrown away when it is replaced. */
    readonly root: string,
    readonly address: string,
    openSearch: OpenSearchMachine,
    private readonly cloud: string,
  ) {
    this.process = new ServerProcess(() => ({
      command: openSearch.command,
      args: openSearch.args({ home: root, configuration: join(root, "etc/opensearch"), heapMb: HEAP_MB }),
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...this.environment() },
      log: join(root, "opensearch.log"),
      stopSignal: "SIGTERM",
    }));
  }

  /** The node's program, as systemd or a command from outside runs it. */
  async program(...words: string[]): Promise<string> {
    const { PATH = "/usr/bin:/bin" } = process.env;
    const { stdout } = await run(join(this.root, PROGRAMS, "retrofit-log-store"), words, {
      env: { PATH: `${this.cloud}:${PATH}`, RETROFIT_ROOT: this.root },
    });
    return stdout;
  }

  start(answers: () => Promise<boolean>): Promise<void> {
    return this.process.start(answers, START_SECONDS * 1000);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  /** What systemd reads of the unit's environment file. */
  private environment(): Record<string, string> {
    const lines = readFileSync(join(this.root, "run/retrofit/log-store.env"), "utf8").trim().split("\n");
    return Object.fromEntries(lines.map((line) => /^(\w+)="(.*)"$/.exec(line)!.slice(1) as [string, string]));
  }
}

export interface ClusterSecrets {
  readonly user: { readonly username: string; readonly password: string };
  readonly authority: { readonly certificate: string; readonly key: string };
}

export class Cluster {
  readonly nodes: ClusterNode[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "retrofit-log-cluster-"));
  private readonly cloud = join(this.folder, "cloud");
  private openSearch: OpenSearchMachine | undefined;
  private catalogs: Record<string, Catalog> = {};
  private machines = 0;

  constructor(
    private readonly size: number,
    readonly secrets: ClusterSecrets,
  ) {
    mkdirSync(this.cloud);
    for (const [name, secret] of Object.entries(secrets)) {
      writeFileSync(join(this.cloud, `secret-${name}`), JSON.stringify(secret));
    }
    writeFileSync(join(this.cloud, "aws"), AWS);
    chmodSync(join(this.cloud, "aws"), 0o755);
  }

  async start(): Promise<void> {
    this.openSearch = await ensureOpenSearchMachine(say);
    this.catalogs = await compile(
      Object.fromEntries(
        [...Array(this.size).keys()].map((n) => [String(n), { document: this.document(n) }]),
      ),
    );
    for (let number = 0; number < this.size; number += 1) this.nodes.push(this.machine(number));
    this.tellAddresses();
    await Promise.all(this.nodes.map((node) => this.boot(node)));
  }

  /** Another machine with another address takes the place and the disk of a node. */
  async replace(number: number): Promise<void> {
    const former = this.nodes[number]!;
    await former.stop();
    rmSync(former.root, { recursive: true });
    const next = this.machine(number);
    this.nodes[number] = next;
    this.tellAddresses();
    await this.boot(next);
    await Promise.all(this.nodes.map((node) => node.program("watch")));
  }

  /** Through one node, by the name of the balancer where `verify` is the store's own certificate. */
  store(number: number, user: Partial<ClusterSecrets["user"]> = this.secrets.user): LogStore {
    return new LogStore({
      endpoint: `https://${this.nodes[number]!.address}:9200`,
      ...(user.username && { user: user.username, password: user.password ?? "" }),
      ca: this.secrets.authority.certificate,
    });
  }

  metrics(): Record<string, number>[] {
    const lines = readFileSync(join(this.cloud, "metrics.jsonl"), "utf8").trim().split("\n");
    return lines.map((line) => {
      const data = JSON.parse(line) as { MetricName: string; Value: number }[];
      return Object.fromEntries(data.map(({ MetricName, Value }) => [MetricName, Value]));
    });
  }

  /** AWS as the gate asks it: a group for each node, and commands that run on the node's machine. */
  clients(): GateClients {
    const answers: Record<string, (input: { CommandId?: string; InstanceIds?: string[] }) => object> = {
      DescribeAutoScalingGroupsCommand: () => ({
        AutoScalingGroups: this.nodes.map(({ number }) => ({
          AutoScalingGroupName: `logs-${number}`,
          Instances: [{ InstanceId: String(number), LifecycleState: "InService" }],
        })),
      }),
      DescribeInstanceRefreshesCommand: () => ({ InstanceRefreshes: [] }),
      SendCommandCommand: ({ InstanceIds }) => ({ Command: { CommandId: InstanceIds![0] } }),
    };
    const send = async (command: { constructor: { name: string }; input: { CommandId?: string } }) => {
      const answer = answers[command.constructor.name];
      if (answer) return answer(command.input);
      try {
        await this.nodes[Number(command.input.CommandId)]!.program("health", String(this.size));
        return { Status: "Success", ResponseCode: 0 };
      } catch (error) {
        const { stderr = "" } = error as { stderr?: string };
        return { Status: "Failed", ResponseCode: 1, StandardErrorContent: stderr };
      }
    };
    return { autoScaling: { send }, ssm: { send } } as unknown as GateClients;
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private document(number: number) {
    const node = {
      ...logStoreSettings["profile::log_store::node"],
      number,
      managers: this.size,
      names: [BALANCER],
    };
    return documentOf("log_store", "dev", {
      settings: {
        "profile::log_store::node": node,
        "profile::log_store::disk": join(this.folder, `disk-${number}`),
      },
    });
  }

  /** The files of a machine that Puppet has made. */
  private machine(number: number): ClusterNode {
    const { error, contents } = this.catalogs[String(number)]!;
    if (error) throw new Error(error);
    this.machines += 1;
    const root = join(this.folder, `machine-${this.machines}`);
    const address = `127.83.0.${this.machines}`;
    for (const [path, text] of Object.entries(contents)) {
      if (!/^\/etc\/(opensearch|retrofit)\//.test(path)) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    writeFileSync(join(root, "etc/opensearch/log4j2.properties"), LOG4J);
    cpSync(join(machinesFolder, "site-modules/profile/files"), join(root, PROGRAMS), { recursive: true });
    writeFileSync(join(root, PROGRAMS, "retrofit_metadata.py"), METADATA);
    const metadata = { "local-ipv4": address, "placement/availability-zone": `zone-${number}` };
    writeFileSync(join(root, PROGRAMS, "metadata.json"), JSON.stringify(metadata));
    return new ClusterNode(number, root, address, this.openSearch!, this.cloud);
  }

  private tellAddresses(): void {
    writeFileSync(
      join(this.cloud, "addresses.json"),
      JSON.stringify(this.nodes.map(({ address }) => address)),
    );
  }

  private async boot(node: ClusterNode): Promise<void> {
    await node.program("prepare");
    await node.start(() =>
      this.store(node.number)
        .send("GET", "/_cluster/health")
        .then(
          () => true,
          () => false,
        ),
    );
  }
}
