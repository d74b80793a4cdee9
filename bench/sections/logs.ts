import { MASKS } from "../../components/elk-stack/forwarder/masking";
import { measured, ratioOf, table } from "../lib/tables";

export interface ForwarderRun {
  linesPerSecond: number;
  /** Processor seconds of the forwarder for 10,000 lines. */
  cpuSeconds: number;
  arrived: number;
}

export interface Logs {
  lines: number;
  rounds: { syslogNg: ForwarderRun; rsyslog: ForwarderRun }[];
}

export function logsSection({ lines, rounds }: Logs): string {
  const of = (tool: "syslogNg" | "rsyslog", what: keyof ForwarderRun) =>
    rounds.map((round) => round[tool][what]);
  const row = (title: string, what: keyof ForwarderRun, unit: string) => [
    title,
    measured(of("syslogNg", what), unit),
    measured(of("rsyslog", what), unit),
    ratioOf(of("syslogNg", what), of("rsyslog", what)),
  ];
  return `The same ${lines.toLocaleString("en")} lines of a file into the same OpenSearch through the same pipeline, rounds: ${rounds.length}, taking turns in being the first,
after a run that warmed the store up.
syslog-ng has the configuration that machines get: ${MASKS.length} masks on each line, the machine's fields, an id of its own, a reliable
disk buffer. rsyslog's has neither masks nor fields of the machine, and a queue that is written to disk only when it must.

${table(
  ["", "syslog-ng as generated", "rsyslog", "ratio"],
  [
    row("lines per second, all found in the store", "linesPerSecond", "lines/s"),
    row("processor time of the forwarder for 10,000 lines", "cpuSeconds", "s"),
    row("lines in the store", "arrived", "lines"),
  ],
)}

10,000 lines a second would take as many processors as the second row has seconds.`;
}
