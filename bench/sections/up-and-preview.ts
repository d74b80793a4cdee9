import type { LoadNote } from "../lib/machine";
import { measured, ratioOf, table } from "../lib/tables";

/** Seconds of one tool's way to an environment that serves. */
export interface Up {
  command: number;
  /** From the command's start to the first answer of the application through the load balancer. */
  serving: number;
  /** Until the load balancer begins to be made; then its making, most of which is a wait in the provider; then the rest. */
  beforeLoadBalancer: number;
  loadBalancer: number;
  afterLoadBalancer: number;
  /** Of the rest: what the gates took, from the first look at the machines to the passed smoke test. */
  gates: number;
}

export const LOOKS = [
  "pulumi preview",
  "pulumi preview --refresh",
  "retrofit preview",
  "terraform plan",
  "terraform plan -refresh=false",
] as const;
export type Look = (typeof LOOKS)[number];

export interface Ups {
  resources: number;
  rounds: { pulumi: Up; terraform: Up; load: LoadNote }[];
}

export interface Looks {
  rounds: Record<Look, number>[];
  /** Looks that found something although nothing was changed. */
  drift: Look[];
}

export function upSection({ resources, rounds }: Ups): string {
  return `${intro(resources, rounds.length)}

${upTable(rounds)}`;
}

export function looksSection({ rounds, drift }: Looks): string {
  return `${looksIntro(rounds.length, drift)}

${looksTable(rounds)}`;
}

const intro = (
  resources: number,
  rounds: number,
) => `The peer is a Terraform configuration written by hand, \`bench/terraform-peer/\`: ${resources} resources in AWS on either side, the same by type and
count, which each run checks. Same provider (ours reaches it through Pulumi's bridge, where the official plugin cannot be had), same emulator, same
sample release, each tool with its usual parallelism. \`terraform init\` and \`pulumi stack init\` are not counted.
Both were brought up in one new sandbox per round (${rounds} rounds), taking turns in being the first. Machines have to be healthy and answer through the load
balancer in both; Terraform has nothing to wait for them with, so it ends earlier and "serving" is asked from outside. Ours has gates (here
two machines healthy in three looks 3 s apart, then the smoke test), which it could not be trusted without; their seconds are in a row of their own.`;

function upTable(ups: Ups["rounds"]): string {
  const of = (tool: "pulumi" | "terraform", value: (up: Up) => number) =>
    ups.map((round) => value(round[tool]));
  const row = (label: string, value: (up: Up) => number) => [
    label,
    measured(of("pulumi", value), "s"),
    measured(of("terraform", value), "s"),
    ratioOf(of("pulumi", value), of("terraform", value)),
  ];
  const withoutGates = ups.map((round) => round.pulumi.command - round.pulumi.gates);
  const terraform = of("terraform", (up) => up.command);
  return table(
    ["", "`pulumi up`", "`terraform apply`", "ratio"],
    [
      row("whole command", (up) => up.command),
      [
        "whole command without the gates",
        measured(withoutGates, "s"),
        measured(terraform, "s"),
        ratioOf(withoutGates, terraform),
      ],
      row("first answer through the load balancer", (up) => up.serving),
      row("until the load balancer is begun", (up) => up.beforeLoadBalancer),
      row("load balancer, mostly a wait in the provider", (up) => up.loadBalancer),
      row("after the load balancer", (up) => up.afterLoadBalancer),
      [
        "of that, gates",
        measured(
          of("pulumi", (up) => up.gates),
          "s",
        ),
        "none",
        "",
      ],
    ],
  );
}

const looksIntro = (
  rounds: number,
  drift: Look[],
) => `The same two environments as above, ${rounds} rounds after one that warmed up. \`terraform plan\` reads every resource from AWS before it compares; \`pulumi preview\` compares with its state and reads nothing unless it is
told to \`--refresh\`. So like is compared with like: the two that read, and the two that do not. ${foundByReading(drift)}`;

const foundByReading = (drift: Look[]) =>
  drift.length === 0
    ? "No look found a change."
    : `Found although nothing was changed, because the emulator does not give back all that it was told: ${drift.map((name) => `\`${name}\``).join(" and ")}.`;

function looksTable(looks: Looks["rounds"]): string {
  const of = (look: Look) => looks.map((round) => round[look]);
  const against = (ours: Look, peer: Look) => [
    `\`${ours}\` beside \`${peer}\``,
    measured(of(ours), "s"),
    measured(of(peer), "s"),
    ratioOf(of(ours), of(peer)),
  ];
  return table(
    ["", "ours", "peer", "ratio"],
    [
      against("pulumi preview", "terraform plan -refresh=false"),
      against("pulumi preview --refresh", "terraform plan"),
      against("pulumi preview", "terraform plan"),
      against("retrofit preview", "pulumi preview"),
    ],
  );
}
