/**
 * First boots of machines that really boot (Debian's systemd, cloud-init and Puppet, packages from a folder), from Debian's own image and
 * from one that was baked; how long catalogs take to compile; how large user data is. All in one run.
 */

import { fail } from "./lib/fail";
import { LoadWatch } from "./lib/machine";
import { ensureRoot, type MachineBench, measureMachines } from "./lib/machine-boots";
import { saveResult } from "./lib/results";
import { writeReport } from "./report";

async function main(rounds: number): Promise<void> {
  const say = (line: string) => console.error(`machines: ${line}`);
  await ensureRoot();
  const busy = await LoadWatch.whenIdle(say);
  const data = await measureMachines(rounds, say, () => void busy.look());
  saveResult<MachineBench>("machines", { data, load: busy.look() });
}

if (require.main === module) main(Number(process.argv[2] ?? 3)).then(writeReport, fail);
