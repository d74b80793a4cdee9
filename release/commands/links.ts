import { SSMClient } from "@aws-sdk/client-ssm";
import { describeFailure, type RunCommandClients, runOnMachine } from "../../components/machine";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { type LinkOutput, openEnvironment } from "../environment";
import { failed, turnedAway, withJson } from "../errors";
import { machinesOf } from "../machines";
import { openProject } from "../project";

/** What a machine met when it tried a link. */
export interface TriedLink extends LinkOutput {
  name: string;
  reached: boolean;
  /** `refused`, `no answer`, `unknown name`: as a person would look for the cause. */
  problem?: string;
}

/** Has a machine of the environment try each of its links. Exit code 3 where one does not get through. */
export async function linksCheck(context: Context, environment: string): Promise<void> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const { links = {}, listenerArn } = running.outputs;
  const names = Object.keys(links);
  if (names.length === 0) {
    output.done(`${environment} has no links.`);
    output.result({ environment, links: [] });
    return;
  }
  const [machine] = await machinesOf(running);
  if (!machine)
    throw failed(
      `${environment} has no machine to try its links from.`,
      `See: retrofit status ${environment}`,
    );
  const ssm = new SSMClient({ region: listenerArn.split(":")[3]! });
  const tried = await tryLinks({ ssm }, machine.id, links);
  for (const { name, kind, host, port, problem } of tried) {
    const text = `${name} (${kind}) at ${host}:${port}`;
    if (problem === undefined) output.done(text);
    else output.fail(`${text}: ${problem}. ${CAUSES[problem] ?? ""}`.trim());
  }
  const json = { environment, machine: machine.id, links: tried };
  const broken = tried.filter(({ reached }) => !reached);
  if (broken.length > 0) {
    const what = broken.map(({ name, problem }) => `${name}: ${problem}`).join("; ");
    throw withJson(
      turnedAway(
        "links",
        `${broken.length} of ${tried.length} links do not get through from ${machine.id}: ${what}.`,
      ),
      json,
    );
  }
  output.result(json);
}

/** The likeliest cause of each. */
const CAUSES: Record<string, string> = {
  refused: "The way is open and nothing listens there: ask those who run the system.",
  "no answer":
    "Something on the way drops it: its own firewall, a route back to this network, or a peering that is not accepted.",
  "unknown name":
    "The name is not known in this network: a private zone that is not associated, or a slip of the pen.",
};

const SECONDS = 5;

export async function tryLinks(
  clients: RunCommandClients,
  machine: string,
  links: Readonly<Record<string, LinkOutput>>,
  clock?: Parameters<typeof runOnMachine>[4],
): Promise<TriedLink[]> {
  const all = Object.entries(links).map(([name, link]) => ({ name, ...link }));
  const command = {
    commands: [
      "python3 - <<'END'",
      PROGRAM.replace("LINKS", () => JSON.stringify(JSON.stringify(all))),
      "END",
    ],
    comment: "retrofit links check",
    timeoutSeconds: 30 + SECONDS * all.length,
  };
  const result = await runOnMachine(clients, machine, command, () => {}, clock);
  if (result.status !== "Success")
    throw failed(`${machine} could not try the links: ${describeFailure(result)}`);
  const problems = JSON.parse(result.stdout) as (string | null)[];
  return all.map((link, i) => ({
    ...link,
    reached: problems[i] === null,
    ...(problems[i] && { problem: problems[i] }),
  }));
}

/** Machines have Python anyway; a shell alone cannot tell a refusal from silence. */
const PROGRAM = `import json, socket
def attempt(host, port):
    try:
        socket.create_connection((host, port), timeout=${SECONDS}).close()
    except socket.gaierror:
        return "unknown name"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "no answer"
print(json.dumps([attempt(link["host"], link["port"]) for link in json.loads(LINKS)]))`;
