/** Checkov, fetched once from Python's index into the cache folder, and what it says of resources. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePythonPackages } from "../../../sandbox/toolchain/python";
import { run } from "../../../sandbox/toolchain/run";
import type { Terraform } from "./terraform";

/** Ids of checks, such as `CKV_AWS_18`. */
export interface Verdict {
  failed: Set<string>;
  passed: Set<string>;
}

interface Report {
  results: Record<`${keyof Verdict}_checks`, { check_id: string; file_path: string }[]>;
}

/** All of them in one run, each in a folder of its own; the verdicts are in the same order. */
export async function checkovSays(programs: readonly Terraform[]): Promise<Verdict[]> {
  const packages = { name: "checkov", title: "Checkov", proof: "checkov.main" };
  const requirements = join(__dirname, "requirements.txt");
  const bin = await ensurePythonPackages({ ...packages, requirements }, () => {});
  const folder = mkdtempSync(join(tmpdir(), "retrofit-checkov-"));
  try {
    programs.forEach((program, i) => {
      mkdirSync(join(folder, String(i)));
      writeFileSync(join(folder, String(i), "main.tf.json"), JSON.stringify(program));
    });
    const report = join(folder, "report");
    const what = ["--directory", folder, "--framework", "terraform_json", "--skip-download"];
    const how = ["--output", "json", "--output-file-path", report, "--soft-fail"];
    const { code, output } = await run(join(bin, "python"), ["-m", "checkov.main", ...what, ...how]);
    if (code !== 0) throw new Error(`Checkov ended with ${code}: ${output.slice(-2000)}`);
    const said = JSON.parse(readFileSync(join(report, "results_json.json"), "utf8")) as Report;
    return verdictsIn(said, programs.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verdictsIn({ results }: Report, programs: number): Verdict[] {
  const verdicts = Array.from({ length: programs }, () => ({
    failed: new Set<string>(),
    passed: new Set<string>(),
  }));
  for (const said of ["failed", "passed"] as const) {
    for (const { check_id, file_path } of results[`${said}_checks`]) {
      const [, index] = /^\/(\d+)\//.exec(file_path) ?? [];
      verdicts[Number(index)]![said].add(check_id);
    }
  }
  return verdicts;
}
