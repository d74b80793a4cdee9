/** The office's side, asked of strongSwan itself: on this machine, or through a command such as `ssh gateway`. */
import { execFile } from "node:child_process";
import { failed } from "../errors";
import type { OfficeFacts } from "./facts";

/** How long a tunnel that is down is given to come up, in seconds. */
const PATIENCE = 8;

interface Ran {
  output: string;
  code: number;
}

function run(via: readonly string[], args: string[], seconds: number): Promise<Ran> {
  const [program, ...rest] = [...via, "swanctl", ...args] as [string, ...string[]];
  return new Promise((resolve) => {
    execFile(program, rest, { timeout: seconds * 1000 }, (error, stdout, stderr) =>
      resolve({
        output: `${stdout}${stderr}`,
        code: error ? (typeof error.code === "number" ? error.code : 127) : 0,
      }),
    );
  });
}

/**
 * @param via What comes before `swanctl`; undefined: this machine, and nothing is said when it is no gateway.
 * @param names The tunnels' names in strongSwan's configuration.
 */
export async function readOfficeFacts(
  via: readonly string[] | undefined,
  names: readonly string[],
): Promise<Record<string, OfficeFacts> | undefined> {
  const listed = await run(via ?? [], ["--list-sas"], 30);
  if (listed.code !== 0) {
    if (via === undefined) return undefined;
    throw failed(
      `strongSwan cannot be asked with \`${[...via, "swanctl", "--list-sas"].join(" ")}\`: ${listed.output.trim().split("\n").at(-1) ?? ""}`,
      "Check the command by hand; swanctl needs root.",
    );
  }
  // A machine that has strongSwan for something else is not the office's gateway.
  if (via === undefined && !names.some((name) => listed.output.includes(name))) {
    const known = await run([], ["--list-conns"], 30);
    if (!names.some((name) => known.output.includes(name))) return undefined;
  }
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, OfficeFacts]> => {
      const now = tunnelNow(listed.output, name);
      return [name, now.up ? now : await startedNow(via ?? [], name)];
    }),
  );
  return Object.fromEntries(entries);
}

/** Reads `swanctl --list-sas`: an IKE connection per block, its tunnels indented below. */
export function tunnelNow(list: string, name: string): OfficeFacts {
  const blocks = list
    .split(/^(?=\S)/m)
    .filter((block) => block.startsWith(`${name}:`) && /, ESTABLISHED,/.test(block));
  const children = blocks.flatMap((block) => block.split(/^(?= {2}\S+: #\d+, reqid)/m).slice(1));
  const installed = children.filter((child) => /, (INSTALLED|REKEYED),/.test(child));
  const bytes = (direction: "in" | "out") =>
    installed.reduce(
      (sum, child) =>
        sum + Number(new RegExp(`^ +${direction} +\\S+, +(\\d+) bytes`, "m").exec(child)?.[1] ?? 0),
      0,
    );
  return { up: installed.length > 0, bytesIn: bytes("in"), bytesOut: bytes("out") };
}

/** Tries to start a tunnel and keeps what strongSwan says meanwhile. An attempt that hangs is ended first: its words are lost. */
async function startedNow(via: readonly string[], name: string): Promise<OfficeFacts> {
  await run(via, ["--terminate", "--ike", name, "--force", "--timeout", "2"], 10);
  const { output } = await run(
    via,
    ["--initiate", "--child", name, "--timeout", String(PATIENCE)],
    PATIENCE + 10,
  );
  const after = await run(via, ["--list-sas"], 30);
  const now = tunnelNow(after.output, name);
  return now.up ? now : { ...now, attempt: output };
}
