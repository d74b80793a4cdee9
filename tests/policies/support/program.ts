/**
 * A program for the real engine, made of the examples that stand in the tests of the rules. Run by `programFolder` below
 * as a user's program is; the examples wanted are named in the environment.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { rules } from "../../../policies/catalogue";
import { Reference, type RuleExamples, type Sample } from "../../../policies/testing/rule-test";
import { CORPUS } from "./corpus";

const folder = join(__dirname, "..", "..", "..", "policies", "rules");

/** Examples of every rule, in the order of the pack. */
export function allExamples(): RuleExamples[] {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => (require(join(folder, file)) as { examples: RuleExamples }).examples);
  return rules.map((rule) => {
    const examples = found.find((one) => one.rule === rule);
    if (!examples) throw new Error(`${rule.name} has no examples`);
    return examples;
  });
}

/** Short, because some resources are named after it and AWS allows 32 characters. */
export const prefix = (rule: number, verdict: "bad" | "ok", example: number) =>
  `${verdict}${rule}x${example}-`;

/** `aws:ec2/vpc:Vpc` for `ec2/vpc`. */
export function tokenOf(kind: string): string {
  const [module = "", name = ""] = kind.split("/");
  const type = name[0]!.toUpperCase() + name.slice(1);
  return module === "docker" ? `docker:index/${name}:${type}` : `aws:${module}/${name}:${type}`;
}

/** What others in an example may refer to. */
const OUTPUTS = ["arn", "name", "bucket", "tunnel1Address", "tunnel2Address"];

class Example extends pulumi.CustomResource {}

export function createExample(
  samples: readonly Sample[],
  start: string,
  opts: pulumi.CustomResourceOptions = {},
): void {
  const made = new Map<string, pulumi.CustomResource>();
  samples.forEach(({ kind, name, props, protect }, index) => {
    const outputs = Object.fromEntries(
      OUTPUTS.filter((key) => !(key in props)).map((key) => [key, undefined]),
    );
    const logical = made.has(name) ? `${start}${name}${index}` : `${start}${name}`;
    const resource = new Example(
      tokenOf(kind),
      logical,
      { ...outputs, ...(linked(props, made) as object) },
      { ...opts, ...(protect ? { protect } : {}) },
    );
    if (!made.has(name)) made.set(name, resource);
  });
}

function linked(value: unknown, made: Map<string, pulumi.CustomResource>): unknown {
  if (value instanceof Reference) {
    const resource = made.get(value.to);
    if (!resource) throw new Error(`${value.to} comes after what refers to it`);
    return (resource as unknown as Record<string, pulumi.Output<unknown>>)[value.property];
  }
  if (Array.isArray(value)) return value.map((item) => linked(item, made));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, linked(child, made)]));
}

export function run(): void {
  allExamples().forEach(({ violating, compliant }, rule) => {
    for (const [i, samples] of Object.values(violating).entries())
      createExample(samples, prefix(rule, "bad", i));
    for (const [i, samples] of Object.values(compliant).entries())
      createExample(samples, prefix(rule, "ok", i));
  });
  for (const [i, { resources }] of CORPUS.entries()) createExample(resources, corpusPrefix(i));
}

export const corpusPrefix = (program: number) => `program${program}-`;
