/** How many lines the forwarder takes and what they cost, beside rsyslog on the same lines. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "../sandbox/toolchain/debian";
import { FOLDER_OF_LOGS, TestForwarder } from "../tests/logs/support/forwarder";
import { LARGE_STORE, TestStore } from "../tests/logs/support/store";
import { until } from "../tests/support/sandbox";
import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { saveResult } from "./lib/results";
import { orderOfRound } from "./lib/stats";
import { writeReport } from "./report";
import type { ForwarderRun, Logs } from "./sections/logs";

const STREAM = "logs-shop-dev";
/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

async function main(lines: number, rounds: number): Promise<void> {
  const say = (line: string) => console.error(`logs: ${line}`);
  const busy = await LoadWatch.whenIdle(say);
  const store = await TestStore.start(LARGE_STORE);
  const text = Array.from(
    { length: lines },
    (_, n) => `${n} INFO GET /products/${n % 997} 200 in ${n % 83} ms\n`,
  ).join("");
  const forwarders = {
    syslogNg: () => withSyslogNg(store, text, lines),
    rsyslog: () => withRsyslog(store, text, lines),
  };
  const data: Logs["rounds"] = [];
  try {
    await store.setUp();
    say("warming the store up");
    await forwarders.syslogNg();
    for (let round = 0; round < rounds; round++) {
      const taken: Partial<Record<keyof typeof forwarders, ForwarderRun>> = {};
      for (const name of orderOfRound(Object.keys(forwarders) as (keyof typeof forwarders)[], round)) {
        taken[name] = await forwarders[name]();
        say(
          `${name}: ${Math.round(taken[name].linesPerSecond)} lines/s, ${taken[name].cpuSeconds.toFixed(2)} s for 10,000`,
        );
      }
      data.push(taken as Logs["rounds"][number]);
      busy.look();
    }
    saveResult<Logs>("logs", {
      data: { lines, rounds: data },
      load: busy.look(),
      versions: { OpenSearch: "2.19.1", "syslog-ng": "3.38.1", rsyslog: "8.2302" },
    });
    writeReport();
  } finally {
    await store.remove();
  }
}

/** From the first line in the file to the last in the store. */
async function measure(
  store: TestStore,
  lines: number,
  pid: () => number,
  write: () => void,
): Promise<ForwarderRun> {
  const before = (await store.count(STREAM)).lines;
  const cpu = processorSeconds(pid());
  const started = Date.now();
  write();
  let arrived = 0;
  await until(
    `${lines} lines are there`,
    async () => {
      arrived = (await store.count(STREAM)).lines - before;
      return arrived >= lines;
    },
    600,
  );
  const seconds = (Date.now() - started) / 1000;
  return {
    linesPerSecond: lines / seconds,
    cpuSeconds: (processorSeconds(pid()) - cpu) / (lines / 10_000),
    arrived,
  };
}

async function withSyslogNg(store: TestStore, text: string, lines: number): Promise<ForwarderRun> {
  const forwarder = await TestForwarder.make({
    environment: "dev",
    output: { endpoint: store.endpoint, authentication: "none" },
    sources: [
      { type: "files", name: "application", application: "shop", paths: [`${FOLDER_OF_LOGS}/*.log`] },
    ],
  });
  try {
    await forwarder.start();
    const pid = Number(readFileSync(join(forwarder.root, "var/lib/retrofit-logs/pid"), "utf8"));
    return await measure(
      store,
      lines,
      () => pid,
      () => forwarder.write("a.log", text),
    );
  } finally {
    await forwarder.remove();
  }
}

async function withRsyslog(store: TestStore, text: string, lines: number): Promise<ForwarderRun> {
  const { root, env, bin } = await ensureDebianPackages(["rsyslog", "rsyslog-elasticsearch"]);
  const folder = mkdtempSync(join(tmpdir(), "retrofit-rsyslog-"));
  const work = join(folder, "work");
  mkdirSync(work);
  const log = join(folder, "a.log");
  writeFileSync(log, "");
  const configuration = join(folder, "rsyslog.conf");
  writeFileSync(configuration, rsyslogConfiguration(work, log, store.port));
  const modules = modulesOf(root);
  const child: ChildProcess = spawn(
    bin("rsyslogd"),
    ["-n", "-f", configuration, "-i", join(folder, "pid"), "-M", modules],
    { env: { PATH: "/usr/bin:/bin", ...env }, stdio: ["ignore", "ignore", "inherit"] },
  );
  try {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return await measure(
      store,
      lines,
      () => child.pid!,
      () => appendFileSync(log, text),
    );
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian keeps libraries in a folder that is named after the processor. */
function modulesOf(root: string): string {
  const libraries = join(root, "usr", "lib");
  const found = readdirSync(libraries)
    .map((name) => join(libraries, name, "rsyslog"))
    .find((folder) => existsSync(join(folder, "imfile.so")));
  if (found === undefined) throw new Error(`There are no modules of rsyslog in ${libraries}.`);
  return found;
}

const rsyslogConfiguration = (
  work: string,
  file: string,
  port: number,
): string => `global(workDirectory="${work}")
module(load="imfile")
module(load="omelasticsearch")
template(name="line" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
template(name="id" type="list") { property(name="uuid") }
input(type="imfile" File="${file}" Tag="shop")
action(type="omelasticsearch" server="127.0.0.1" serverport="${port}" searchIndex="${STREAM}" searchType="" bulkmode="on"
  writeoperation="create" bulkid="id" dynbulkid="on" template="line"
  queue.type="linkedlist" queue.filename="store" queue.maxdiskspace="512m" queue.size="100000" queue.dequeuebatchsize="1000"
  action.resumeretrycount="-1")
`;

/** Of a process with all its threads, user and system. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

main(Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 3)).catch(fail);
