import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { findEnvironment } from "../environment";
import { environmentsIn, openProject } from "../project";
import { fetchArtifact, readEvidence } from "../promotion/evidence";
import { readLiveRelease } from "../promotion/live-release";
import { type Refusal, refuseRelease } from "../promotion/refusals";
import { inOrder, nextOf } from "../promotion/way";
import { loadEnvironment } from "../settings";

/** One environment of the matrix. */
interface Cell extends Record<string, unknown> {
  environment: string;
  up: boolean;
  live: string | null;
  standby: string | null;
  /** Kinds of evidence that the live release has in this environment. */
  evidence: string[];
  /** Where it could go, and what stands against it. */
  next: string[];
  refusals: Refusal[];
}

/** Which version is where, what it has shown there, and whether it may go on. */
export async function releases(context: Context): Promise<void> {
  const { output } = context;
  const configs = inOrder(
    environmentsIn(context.cwd).map((name) => loadEnvironment(openProject(context.cwd, name), name)),
  );
  await selectAws(context);
  const cells = await Promise.all(configs.map((config) => cellOf(context, config, configs)));
  for (const line of matrix(cells)) output.line(line);
  output.line();
  for (const { environment, live, next, refusals } of cells) {
    if (live === null || next.length === 0) continue;
    const where = `${live}: ${environment} → ${next.join(", ")}`;
    if (refusals.length === 0) output.done(`${where} may go on`);
    else output.line(`  ${where}: ${refusals.map(({ message }) => message).join(" ")}`);
  }
  output.result({ environments: cells });
}

async function cellOf(context: Context, config: EnvironmentConfig, all: EnvironmentConfig[]): Promise<Cell> {
  const { environment } = config;
  const running = await findEnvironment(openProject(context.cwd, environment), environment);
  const live = running && (await readLiveRelease(running, config));
  const shown = live ? await readEvidence(live.s3, live.artifact) : [];
  const content = live && (await fetchArtifact(live.s3, live.artifact));
  const own = shown.filter((item) => item.environment === environment && item.passed);
  return {
    environment,
    up: running !== undefined,
    live: running?.outputs.live ?? null,
    standby: running?.outputs.standby ?? null,
    evidence: own.map(({ kind }) => kind),
    next: nextOf(environment, all),
    refusals: running ? refuseRelease(config, live, content, shown) : [],
  };
}

/** Versions down, environments across: `live` with what it has shown, `standby`, or nothing. */
export function matrix(
  cells: readonly Pick<Cell, "environment" | "up" | "live" | "standby" | "evidence">[],
): string[] {
  const versions = [...new Set(cells.flatMap(({ live, standby }) => [live, standby]))]
    .filter((version) => version !== null)
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const rows = [
    ["", ...cells.map(({ environment }) => environment)],
    ...versions.map((version) => [version, ...cells.map((cell) => roleOf(version, cell))]),
    ...(cells.every(({ up }) => up) ? [] : [["", ...cells.map(({ up }) => (up ? "" : "not up"))]]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

function roleOf(
  version: string,
  { live, standby, evidence }: Pick<Cell, "live" | "standby" | "evidence">,
): string {
  if (version === live) return evidence.length > 0 ? `live (${evidence.join(", ")})` : "live";
  return version === standby ? "standby" : "";
}
