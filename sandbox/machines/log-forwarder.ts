/** The log forwarder of a machine: the real syslog-ng, with the configuration that the machine's user data brought. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../progress";
import { ServerProcess } from "../servers/server-process";
import { ensureSyslogNg, type SyslogNg } from "../toolchain/syslog-ng";
import type { FirstBoot } from "./first-boot";
import type { Secrets } from "./secrets";

export type ForwarderPrograms = () => Promise<SyslogNg>;

const CONFIGURATION = "etc/retrofit/log-forwarder.conf";
const FOLDER = "var/lib/retrofit-logs";
/** How long the last lines of a machine that goes may take, in milliseconds: they are sent each half second. */
const LAST_LINES = 1_500;

/** Looked for once, by the first machine that needs it. */
export function forwarderPrograms(progress: Progress): ForwarderPrograms {
  let found: Promise<SyslogNg> | undefined;
  return () => {
    found ??= ensureSyslogNg(progress);
    return found;
  };
}

export interface ForwarderSurroundings {
  secrets: Secrets;
  /** A file with the certificates of the sandbox's own servers. */
  trusted: string;
  environment: Record<string, string>;
}

export class LogForwarder {
  private constructor(private readonly process: ServerProcess) {}

  /** Starts it where the machine ships its lines. A machine serves without it, too, so what fails is noted and no more. */
  static async start(
    id: string,
    root: string,
    console: string,
    document: FirstBoot,
    around: ForwarderSurroundings,
    programs: ForwarderPrograms,
  ): Promise<LogForwarder | undefined> {
    if (document.logs === undefined || !existsSync(join(root, CONFIGURATION))) return undefined;
    const at = (name: string) => join(root, FOLDER, name);
    mkdirSync(at("buffer"), { recursive: true });
    const { secretArn: arn } = document.logs;
    const [syslogNg, secrets] = await Promise.all([
      programs(),
      around.secrets.values({
        user: { arn, key: "username" },
        password: { arn, key: "password" },
      }),
    ]);
    const process = new ServerProcess(() => ({
      command: syslogNg.command,
      args: [
        ...syslogNg.args,
        ...[
          "--foreground",
          "--no-caps",
          "--cfgfile",
          join(root, CONFIGURATION),
          "--persist-file",
          at("persist"),
        ],
        ...["--pidfile", at("pid"), "--control", at("control")],
      ],
      env: {
        PATH: "/usr/bin:/bin",
        ...around.environment,
        ...syslogNg.env,
        RETROFIT_LOGS_BASIC: Buffer.from(`${secrets.user}:${secrets.password}`).toString("base64"),
        RETROFIT_ROOT: root,
        RETROFIT_JOURNAL: journal(console),
        RETROFIT_TRUSTED: around.trusted,
        RETROFIT_MACHINE: id,
        RETROFIT_RELEASE: document.release ?? "",
        RETROFIT_ROLE: document.role,
        RETROFIT_FLEET: document.fleet ?? "",
      },
      log: at("log"),
      stopSignal: "SIGTERM",
    }));
    await process.start(async () => existsSync(at("control")));
    return new LogForwarder(process);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  /** For good: the machine's last lines are sent first. */
  async end(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, LAST_LINES));
    await this.stop();
  }
}

/** There is no journal here: the console has the application's output, and lines of the machine's own. */
function journal(console: string): string {
  const own = 'message("^[0-9TZ:.-]+ \\\\[machine\\\\] ")';
  return `channel {
    source { file("${console}" follow-freq(0.5) flags(no-parse)); };
    rewrite { set("application.service" value(".journald._SYSTEMD_UNIT") condition(not ${own})); };
  };`;
}
