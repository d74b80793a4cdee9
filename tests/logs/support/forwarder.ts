/** The real syslog-ng with the configuration that machines get, in a folder that stands for a machine's `/`. */
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { FORWARDER_FOLDER, type ForwarderModel } from "../../../components/elk-stack/forwarder/model";
import { syslogNgConfiguration } from "../../../components/elk-stack/forwarder/syslog-ng";
import { ServerProcess } from "../../../sandbox/servers/server-process";
import { ensureSyslogNg, type SyslogNg } from "../../../sandbox/toolchain/syslog-ng";
import { say } from "./store";

const execute = promisify(execFile);

export const FOLDER_OF_LOGS = "/var/log/shop";

export class TestForwarder {
  private readonly process: ServerProcess;

  private constructor(
    private readonly syslogNg: SyslogNg,
    readonly root: string,
    environment: Record<string, string>,
  ) {
    mkdirSync(join(root, FOLDER_OF_LOGS), { recursive: true });
    mkdirSync(join(root, FORWARDER_FOLDER, "buffer"), { recursive: true });
    const at = (name: string) => join(root, FORWARDER_FOLDER, name);
    this.process = new ServerProcess(() => ({
      command: syslogNg.command,
      args: [
        ...syslogNg.args,
        ...["--foreground", "--no-caps", "--cfgfile", at("syslog-ng.conf"), "--persist-file", at("persist")],
        ...["--pidfile", at("pid"), "--control", at("control")],
      ],
      env: {
        PATH: "/usr/bin:/bin",
        ...syslogNg.env,
        RETROFIT_ROOT: root,
        RETROFIT_JOURNAL: `unix-dgram("${this.socket}")`,
        RETROFIT_MACHINE: "i-0123456789abcdef0",
        RETROFIT_RELEASE: "1.1.0",
        RETROFIT_ROLE: "web",
        RETROFIT_FLEET: "blue",
        ...environment,
      },
      log: at("log"),
      stopSignal: "SIGTERM",
    }));
  }

  /** A folder for a machine; nothing runs yet. */
  static async make(model: ForwarderModel, environment: Record<string, string> = {}): Promise<TestForwarder> {
    const root = mkdtempSync(join(tmpdir(), "retrofit-logs-machine-"));
    const forwarder = new TestForwarder(await ensureSyslogNg(say), root, environment);
    writeFileSync(join(root, FORWARDER_FOLDER, "syslog-ng.conf"), syslogNgConfiguration(model));
    return forwarder;
  }

  /** Where programs log by syslog. */
  get socket(): string {
    return join(this.root, "log");
  }

  start(): Promise<void> {
    return this.process.start(async () => (await this.ask("stats").catch(() => "")) !== "", 30_000);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  write(file: string, text: string | Buffer): void {
    const path = join(this.root, FOLDER_OF_LOGS, file);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, text);
  }

  /** As `logger` on a machine, with a line for each message. */
  async log(facility: string, tag: string, messages: string | readonly string[]): Promise<void> {
    const running = execute("logger", ["--socket", this.socket, "--priority", facility, "--tag", tag]);
    running.child.stdin!.end([messages].flat().join("\n"));
    await running;
  }

  /** A count of syslog-ng's own, by the pattern of its line. */
  async counted(line: RegExp): Promise<number> {
    const lines = (await this.ask("stats")).split("\n").filter((text) => line.test(text));
    return lines.reduce((sum, text) => sum + Number(text.split(";").at(-1)), 0);
  }

  private async ask(what: string): Promise<string> {
    const control = join(this.root, FORWARDER_FOLDER, "control");
    const env = { PATH: "/usr/bin:/bin", ...this.syslogNg.env };
    return (await execute(this.syslogNg.control, [what, "--control", control], { env })).stdout;
  }
}
