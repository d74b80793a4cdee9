import { measured, ratioOf, table } from "../lib/tables";

/** Seconds of the same release by `pulumi up`, with the gates and without. */
export interface Gates {
  rounds: { gated: number; bare: number }[];
}

/** Seconds of `pulumi up` by the number of machines that a release brings up. */
export interface Sizes {
  sizes: { machines: number; seconds: number[] }[];
}

export function gatesSection({ rounds }: Gates): string {
  const gated = rounds.map((round) => round.gated);
  const bare = rounds.map((round) => round.bare);
  const gates = rounds.map((round) => round.gated - round.bare);
  return `The same release by plain \`pulumi up\`, all at once, with our program and with one that lacks the gates and is otherwise the same;
${rounds.length} of each, taking turns in being the first, after one that warmed up. Without gates the traffic moves to machines that nobody has asked whether they serve.

${table(
  ["", "with gates", "bare", "ratio"],
  [["`pulumi up`", measured(gated, "s"), measured(bare, "s"), ratioOf(gated, bare)]],
)}

The gates take ${measured(gates, "s")}: waiting for the machines to boot and to be healthy in all looks that config asks for, and the smoke test.`;
}

export function sizesSection({ sizes }: Sizes): string {
  const [first] = sizes;
  const rows = sizes.map(({ machines, seconds }) => [
    String(machines),
    measured(seconds, "s"),
    first ? ratioOf(seconds, first.seconds) : "",
  ]);
  return `A release by \`pulumi up\`, all at once, beside a live fleet of as many machines, which stays as standby while the former standby of the same size is taken away.
In the sandbox all machines are processes of one computer and start at the same time, so this is what the engine, the gates and the load balancer add per machine; a
machine's own boot is not in it.

${table(["machines of the new fleet", "`pulumi up`", `beside ${first?.machines ?? ""}`], rows)}`;
}
