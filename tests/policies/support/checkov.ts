/**
 * `npm run test:policies -- --checkov`: the examples of the rules as Terraform, given to Checkov. Where the two disagree about
 * an example, the reason stands below or the run fails. Checkov comes from PATH, from RETROFIT_CHECKOV, or from PyPI.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Reference, type Sample } from "../../../policies/testing/rule-test";
import { toBridge } from "../../../sandbox/provider/tokens";
import { toolchainFolder } from "../../../sandbox/toolchain/store";
import { allExamples, prefix, tokenOf } from "./program";

const VERSION = "3.3.30";

/** Rules of which a verdict differs from Checkov's, and why. */
const EXPLAINED: Record<string, string> = {
  "backups-out-of-reach":
    "CKV_AWS_144 asks every bucket for a copy in another region; we ask those of backups, and take a lock as well",
  "bucket-lifecycle":
    "Checkov asks for a rule that ends unfinished uploads; we also ask what becomes of former versions",
  "bucket-tls-only": "Checkov judges a policy that is there; a bucket without one answers plain HTTP too",
  "bucket-without-acls":
    "an ACL resource and its canned word are judged by Checkov only together with a bucket and its ownership controls",
  "database-backups":
    "Checkov takes a period that is not given as the default, and is content with any; we ask for a week where it is prod-like",
  "database-observed": "minor upgrades are on where nothing is said; Checkov wants it written",
  "database-tls":
    "Checkov looks at instances whose parameter group is beside them; we look at the parameter group",
  "encrypted-volumes":
    "Checkov does not look into the mappings of launch templates, nor at a root volume that is left to the image",
  "file-system-backups": "Checkov says nothing of a file system that stands alone",
  "internet-reaches-only-web-ports":
    "Checkov knows a list of ports that must be closed; we know the two that may be open, and look into prefix lists",
  "keys-rotate-and-stay-apart": "Checkov looks at keys; we also look at policies that decrypt with every key",
  "launch-templates":
    "CKV_AWS_315 looks at the Auto Scaling group; we also find the launch configuration itself",
  "load-balancer-health":
    "Checkov looks where the target group is in the same program; the example names it by ARN",
  "log-retention": "CKV_AWS_158 asks for a key of one's own, which here is a parameter",
  "no-remote-administration-from-internet": "half of the internet is no 0.0.0.0/0 to Checkov",
  "no-secrets-in-user-data":
    "Checkov knows the forms of some keys; we also find passwords, and decode what is encoded",
  "no-unrestricted-egress": "Checkov looks at rules inside of security groups",
  "no-users": "Checkov finds users; we also find their keys",
  "no-wildcard-policies":
    "Checkov finds *:*; we also find everything of one service, and AdministratorAccess",
  "required-tags": "which tags are required is the organisation's to say; CKV_AWS_153 asks a group for any",
  "search-access-control": "Checkov looks at domains; we also look at a policy that is a resource of its own",
  "search-logs": "Checkov looks at the first log that is published",
};

/** Names that the SDK has in the plural, or otherwise. */
const NAMES: Record<string, string> = {
  vpcZoneIdentifiers: "vpc_zone_identifier",
  ebsBlockDevices: "ebs_block_device",
  defaultActions: "default_action",
  networkInterfaces: "network_interfaces",
  parameters: "parameter",
  rules: "rule",
};
/** Maps of the user's own, whose keys stay. */
const MAPS = new Set(["tags", "dimensions"]);

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

function terraformType(kind: string): string {
  const [, path = ""] = toBridge(tokenOf(kind), "resource").split(":");
  return `aws_${snake(path.split("/")[1]!)}`;
}

type Json = Record<string, unknown>;

function terraform(value: unknown, address: (to: string) => string): unknown {
  if (value instanceof Reference) return `\${${address(value.to)}.${snake(value.property)}}`;
  if (Array.isArray(value)) return value.map((item) => terraform(item, address));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      NAMES[key] ?? snake(key),
      MAPS.has(key) ? child : terraform(child, address),
    ]),
  );
}

interface Judged {
  rule: string;
  title: string;
  bad: boolean;
  ids: string[];
  addresses: string[];
}

/** Writes every example with a counterpart in Checkov; answers what is to be compared. */
function writeExamples(folder: string): Judged[] {
  const judged: Judged[] = [];
  allExamples().forEach(({ rule, violating, compliant }, index) => {
    const ids = rule.ids.filter((id) => id.startsWith("CKV"));
    if (ids.length === 0 || rule.kinds.every((kind) => kind.startsWith("docker/"))) return;
    for (const [verdict, examples] of [
      ["bad", violating],
      ["ok", compliant],
    ] as const) {
      Object.entries(examples).forEach(([title, samples], i) => {
        const resources = asResources(samples, prefix(index, verdict, i).replace("-", "_"));
        const name = `${rule.name}-${verdict}-${i}`;
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "main.tf.json"), JSON.stringify({ resource: resources.document }));
        judged.push({ rule: rule.name, title, bad: verdict === "bad", ids, addresses: [name] });
      });
    }
  });
  return judged;
}

function asResources(samples: readonly Sample[], start: string): { document: Record<string, Json> } {
  const document: Record<string, Json> = {};
  const named = (name: string, index: number) => `${start}${name}_${index}`.replace(/[^A-Za-z0-9_]/g, "_");
  const address = (to: string) => {
    const index = samples.findIndex(({ name }) => name === to);
    return `${terraformType(samples[index]!.kind)}.${named(to, index)}`;
  };
  samples.forEach(({ kind, name, props }, index) => {
    const type = terraformType(kind);
    document[type] ??= {};
    document[type][named(name, index)] = terraform(props, address);
  });
  return { document };
}

interface Check {
  check_id: string;
  file_path: string;
  repo_file_path: string;
}

function runCheckov(executable: string, folder: string, ids: string[]): { failed: Check[]; passed: Check[] } {
  const args = [
    "-d",
    folder,
    "--framework",
    "terraform_json",
    "--skip-download",
    "-o",
    "json",
    "--quiet",
    "--soft-fail",
  ];
  const output = execFileSync(executable, [...args, "--check", ids.join(",")], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const report = JSON.parse(output) as { results: { failed_checks: Check[]; passed_checks?: Check[] } };
  return { failed: report.results.failed_checks, passed: report.results.passed_checks ?? [] };
}

function checkov(): string {
  const own = process.env.RETROFIT_CHECKOV;
  if (own) return own;
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .map((one) => join(one, "checkov"))
    .find(existsSync);
  if (onPath) return onPath;
  const venv = join(toolchainFolder(), `checkov-${VERSION}`);
  const executable = join(venv, "bin", "checkov");
  if (!existsSync(executable)) {
    console.error("Fetching Checkov from PyPI (about a minute, once)");
    execFileSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
    execFileSync(join(venv, "bin", "pip"), ["install", "-q", `checkov==${VERSION}`], { stdio: "inherit" });
  }
  return executable;
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-checkov-"));
  const judged = writeExamples(folder);
  const { failed } = runCheckov(checkov(), folder, [...new Set(judged.flatMap(({ ids }) => ids))]);
  rmSync(folder, { recursive: true, force: true });
  const [counts, used] = [{ passed: 0, failed: 0 }, new Set<string>()];
  for (const { rule, title, bad, ids, addresses } of judged) {
    const found = failed.filter(
      ({ check_id, file_path }) => ids.includes(check_id) && file_path.includes(`/${addresses[0]}/`),
    );
    const agree = bad === found.length > 0;
    const reason = EXPLAINED[rule];
    if (!agree && reason) used.add(rule);
    counts[agree || reason ? "passed" : "failed"]++;
    if (agree) continue;
    const they =
      found.length > 0
        ? `finds ${[...new Set(found.map(({ check_id }) => check_id))].join(", ")}`
        : "finds nothing";
    console.log(
      `${reason ? "·" : "✗"} ${rule}, "${title}": we ${bad ? "find it" : "leave it alone"}, Checkov ${they}${reason ? `: ${reason}` : ""}`,
    );
  }
  const idle = Object.keys(EXPLAINED).filter((rule) => !used.has(rule));
  for (const rule of idle) console.log(`✗ ${rule} is explained and needs no explanation`);
  console.log(`${counts.passed} passed, ${counts.failed + idle.length} failed, 0 skipped`);
  process.exitCode = counts.failed + idle.length === 0 ? 0 : 1;
}

main();
