/** Writes RESULTS.md from the raw measurements; a section that was measured elsewhere stays as it is. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IDLE_LOAD } from "./lib/machine";
import type { MachineBench } from "./lib/machine-boots";
import { loadResult, type Result } from "./lib/results";
import { type FilesBench, filesSection } from "./sections/files";
import { type Gates, gatesSection, type Sizes, sizesSection } from "./sections/gates";
import { type Logs, logsSection } from "./sections/logs";
import { machinesSection } from "./sections/machines";
import { type Policies, policiesSection } from "./sections/policies";
import { programStartSection } from "./sections/program-start";
import { swapSection } from "./sections/swap";
import { looksSection, upSection } from "./sections/up-and-preview";

const REPORT = join(__dirname, "RESULTS.md");

interface Section {
  title: string;
  command: string;
  result: Result<unknown> | undefined;
  text: () => string;
}

export function writeReport(): void {
  const start = loadResult<Parameters<typeof programStartSection>[0]>("program-start");
  const up = loadResult<Parameters<typeof upSection>[0]>("up");
  const preview = loadResult<Parameters<typeof looksSection>[0]>("preview");
  const swap = loadResult<Parameters<typeof swapSection>[0]>("swap");
  const gates = loadResult<Gates>("gates");
  const sizes = loadResult<Sizes>("sizes");
  const policies = loadResult<Policies>("policies");
  const logs = loadResult<Logs>("logs");
  const files = loadResult<FilesBench>("files");
  const machines = loadResult<MachineBench>("machines");
  const sections: Section[] = [
    {
      title: "Start of the program",
      command: "npm run bench:program-start",
      result: start,
      text: () => programStartSection(start!.data),
    },
    {
      title: "Environment up from nothing, beside Terraform",
      command: "npm run bench:up-and-preview",
      result: up,
      text: () => upSection(up!.data),
    },
    {
      title: "Preview when nothing has changed, beside Terraform",
      command: "npm run bench:up-and-preview -- 0",
      result: preview,
      text: () => looksSection(preview!.data),
    },
    {
      title: "A release, phase by phase",
      command: "npm run bench:swap",
      result: swap,
      text: () => swapSection(swap!.data),
    },
    {
      title: "What the gates cost beside bare `pulumi up`",
      command: "npm run bench:gates",
      result: gates,
      text: () => gatesSection(gates!.data),
    },
    {
      title: "A release with few machines and with many",
      command: "npm run bench:gates",
      result: sizes,
      text: () => sizesSection(sizes!.data),
    },
    {
      title: "The policy pack, beside a preview without it",
      command: "npm run bench:policies",
      result: policies,
      text: () => policiesSection(policies!.data),
    },
    {
      title: "Log lines, beside rsyslog",
      command: "npm run bench:logs",
      result: logs,
      text: () => logsSection(logs!.data),
    },
    {
      title: "Files into a bucket, beside `aws s3 sync`",
      command: "npm run bench:files",
      result: files,
      text: () => filesSection(files!.data),
    },
    {
      title: "First boot of a machine, from Debian's image and from a baked one",
      command: "npm run bench:machines",
      result: machines,
      text: () => machinesSection(machines!.data),
    },
  ];
  const kept = sectionsOf(readFileSync(REPORT, "utf8"));
  const texts = sections.map((section) => (section.result ? describe(section) : kept.get(section.title)));
  writeFileSync(REPORT, `${[INTRODUCTION, ...texts.filter((text) => text !== undefined)].join("\n\n")}\n`);
}

/** The sections of a report by their titles. */
function sectionsOf(report: string): Map<string, string> {
  const texts = report.split(/^(?=## )/m).slice(1);
  return new Map(texts.map((text) => [text.slice("## ".length, text.indexOf("\n")), text.trimEnd()]));
}

const INTRODUCTION = `# Measurements

Written by \`npm run bench\`; do not edit. A measurement says something beside another one of the same run, so what is
compared was run in turn, in changing order, and the ratio is the result: **the ratio of the medians**, then the least and
the most of the ratios within a pair. Seconds hold for one machine only. They are the median, then the least and the most.
Below 1 is less than the peer. A ratio whose range crosses 1 shows no difference.`;

function describe({ title, command, result, text }: Section): string {
  return [`## ${title}`, note(result!, command), text()].join("\n\n");
}

function note({ measuredAt, machine, load }: Result<unknown>, command: string): string {
  const versions = Object.entries(machine.versions).map(([tool, version]) => `${tool} ${version}`);
  const busy =
    load.before > IDLE_LOAD || load.highest > 2.5 * machine.cores
      ? " **Other work ran on the machine meanwhile**, which widens every range; believe the ratios before the seconds."
      : "";
  return (
    `\`${command}\` on ${measuredAt.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ` +
    `${machine.system}; ${versions.join(", ")}. Load average ${load.before.toFixed(1)} before, ${load.highest.toFixed(1)} at most between rounds, the measured work included.${busy}`
  );
}

if (require.main === module) writeReport();
