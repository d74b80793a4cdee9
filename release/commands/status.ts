import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import {
  openEnvironment,
  type RunningEnvironment,
  readServingState,
  type ServingState,
} from "../environment";
import { openProject } from "../project";

/** The contract of `status --json`. */
export interface StatusReport extends Record<string, unknown> {
  environment: string;
  url: string;
  live: { version: string } | null;
  standby: { version: string } | null;
  /** Percent of the traffic by version. */
  weights: Record<string, number>;
  /** Healthy machines by version. */
  healthy: Record<string, number>;
}

export async function status(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const state = await readServingState(running);
  for (const line of describeStatus(context, running, state)) context.output.line(line);
  context.output.result(statusReport(running, state));
}

export function statusReport(running: RunningEnvironment, state: ServingState): StatusReport {
  const { url, live, standby } = running.outputs;
  return {
    environment: running.name,
    url,
    live: live ? { version: live } : null,
    standby: standby ? { version: standby } : null,
    weights: state.weights,
    healthy: state.healthy,
  };
}

function describeStatus(context: Context, running: RunningEnvironment, state: ServingState): string[] {
  const { colors } = context.output;
  const { url, testUrl, live, standby, fleets } = running.outputs;
  const role = (version: string) => (version === live ? "live" : version === standby ? "standby" : "");
  const versions = Object.keys(fleets).sort((a, b) => (state.weights[b] ?? 0) - (state.weights[a] ?? 0));
  const rows = versions.map((version) => {
    const weight = state.weights[version] ?? 0;
    const healthy = state.healthy[version] ?? 0;
    const desired = state.desired[version] ?? 0;
    const health = `${healthy}/${desired} healthy`;
    return [
      version.padEnd(10),
      (fleets[version]?.label ?? "").padEnd(6),
      role(version).padEnd(8),
      bar(weight, 20),
      `${weight} %`.padStart(6),
      `  ${healthy < desired ? colors.yellow(health) : colors.green(health)}`,
    ].join(" ");
  });
  const astray = live !== undefined && (state.weights[live] ?? 0) < 100;
  return [
    `${colors.bold(running.name)}  ${url}`,
    ...(testUrl ? [colors.dim(`test listener: ${testUrl}`)] : []),
    "",
    ...rows,
    ...(astray
      ? ["", colors.yellow(`! ${live} is live by the file but does not get all of the traffic.`)]
      : []),
  ];
}

/** A share as a bar of a given width. */
export function bar(percent: number, width: number): string {
  const full = Math.round((percent / 100) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
