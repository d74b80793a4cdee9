import { measured, ratioOf, table } from "../lib/tables";

export interface CopyRun {
  seconds: number;
  /** All of it has to be there, or the run is none. */
  objects: number;
}

export const TOOLS = ["retrofit", "awsSync"] as const;
export type Tool = (typeof TOOLS)[number];

/** A set of files, copied into an empty prefix and then once more with nothing to do. */
export interface FileSet {
  title: string;
  files: number;
  bytes: number;
  rounds: Record<Tool, { first: CopyRun; again: CopyRun }>[];
}

export interface FilesBench {
  sets: FileSet[];
}

export function filesSection({ sets }: FilesBench): string {
  const rows = sets.flatMap(({ title, files, bytes, rounds }) => {
    const rates = (tool: Tool, value: (seconds: number) => number) =>
      rounds.map((round) => value(round[tool].first.seconds));
    const row = (name: string, unit: string, of: (tool: Tool) => number[]) => [
      `${title}: ${name}`,
      measured(of("retrofit"), unit),
      measured(of("awsSync"), unit),
      ratioOf(of("retrofit"), of("awsSync")),
    ];
    return [
      files > 1
        ? row("files per second", "files/s", (tool) => rates(tool, (seconds) => files / seconds))
        : row("MB per second", "MB/s", (tool) => rates(tool, (seconds) => bytes / 1e6 / seconds)),
      row("once more, nothing to copy", "s", (tool) => rounds.map((round) => round[tool].again.seconds)),
    ];
  });
  return `The same files into the same emulator, each time below a prefix of its own that was empty, ${sets[0]!.rounds.length} rounds, taking turns in being
the first. Both are whole processes from their start to their end, each with its defaults. \`retrofit files import\` reads
each file's SHA-256 and stores it with the object, and keeps a journal of what is done, which it compares with one listing of the store; \`aws s3 sync\` compares sizes and times. The emulator
answers one request at a time, on the same computer: believe the ratios, not what a real S3 would take. The sizes are reduced, so that both can
take turns; \`npm run test:files:large\` is the run of 50,000 files and one of 5 GB, the import alone, killed twice. On 2026-11-23: 50,001 files,
none different, none twice, each of the 320 parts sent once; copying 522 + 69 + 114 s over the two kills, a run with nothing to do 4 s,
reading all of it back 653 s; that was before the import listed the store.

${table(["", "`retrofit files import`", "`aws s3 sync`", "ratio"], rows)}

Per second more is better, in seconds less.`;
}
