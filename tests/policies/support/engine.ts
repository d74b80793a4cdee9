/** The real engine, the real provider and the pack, for the tests of this folder. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineEvent, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { startSandbox, stopSandbox } from "../../../sandbox";

export const root = join(__dirname, "..", "..", "..");
export const pack = join(root, "policies");

export interface PolicyFinding {
  rule: string;
  resource: string;
  message: string;
  level: string;
}

export interface Previewed {
  findings: PolicyFinding[];
  /** Errors that are none of the pack's. */
  errors: string[];
  failed: boolean;
  /** What the engine planned: name of each resource that would be created. */
  created: string[];
  /** What the pack has corrected: resource, and the rule that did it. */
  remediated: Record<string, string>;
  /** Inputs with which the engine would make each of them. */
  inputs: Record<string, Record<string, unknown>>;
}

/** A sandbox of the test's own; gone with `close`. */
export async function openSandbox(): Promise<{ folder: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-policies-"));
  const before = { ...process.env };
  process.env.RETROFIT_SANDBOX = folder;
  const sandbox = await startSandbox({ lease: true });
  Object.assign(process.env, sandbox.env);
  placeDockerPlugin(sandbox.env.PULUMI_HOME!);
  return {
    folder,
    close: async () => {
      await stopSandbox();
      rmSync(folder, { recursive: true, force: true });
      process.env = before;
    },
  };
}

function placeDockerPlugin(home: string): void {
  const folder = join(home, "plugins", "resource-docker-v4.0.0");
  mkdirSync(folder, { recursive: true });
  const executable = join(folder, "pulumi-resource-docker");
  writeFileSync(
    executable,
    `#!/bin/sh\nexec '${process.execPath}' '${join(__dirname, "docker-plugin.js")}' "$@"\n`,
  );
  chmodSync(executable, 0o755);
}

/** A program in a folder, as a user has it; `body` is JavaScript that may require TypeScript of this checkout. */
export function programFolder(folder: string, name: string, body: string): string {
  const program = join(folder, "programs", name);
  mkdirSync(program, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(program, "node_modules"));
  const settings = { name, runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" };
  writeFileSync(join(program, "Pulumi.yaml"), JSON.stringify(settings));
  writeFileSync(
    join(program, "index.js"),
    `delete require.extensions[".ts"];
require("ts-node").register(${JSON.stringify({ project: join(root, "tsconfig.json"), swc: true, cwd: root })});
${body}`,
  );
  return program;
}

/** `module` relative to the checkout, for the body of a program. */
export const requireOf = (module: string) => `require(${JSON.stringify(join(root, module))})`;

export async function stackIn(program: string, stackName: string): Promise<Stack> {
  return LocalWorkspace.createOrSelectStack({ stackName, workDir: program });
}

/** Previews a program with the pack; findings do not end it. */
export async function previewWithPack(
  stack: Stack,
  config: Record<string, unknown>,
  folder: string,
): Promise<Previewed> {
  const file = join(folder, `policies-${stack.name}-${Date.now()}.json`);
  writeFileSync(file, JSON.stringify(config));
  const result: Previewed = {
    findings: [],
    errors: [],
    failed: false,
    created: [],
    remediated: {},
    inputs: {},
  };
  const onEvent = (event: EngineEvent) => {
    const { policyEvent, diagnosticEvent, resourcePreEvent } = event;
    if (policyEvent) {
      result.findings.push({
        rule: policyEvent.policyName,
        resource: (policyEvent.resourceUrn ?? "").split("::").at(-1) ?? "",
        message: policyEvent.message.replace(/<\{%[^%]*%\}>/g, ""),
        level: policyEvent.enforcementLevel,
      });
    }
    if (diagnosticEvent?.severity === "error")
      result.errors.push(`${diagnosticEvent.urn ?? ""} ${diagnosticEvent.message}`);
    if (resourcePreEvent?.metadata.op === "create") {
      const name = resourcePreEvent.metadata.urn.split("::").at(-1)!;
      result.created.push(name);
      result.inputs[name] = resourcePreEvent.metadata.new?.inputs ?? {};
    }
    // The SDK's types do not have it.
    const { policyRemediationEvent: remedy } = event as {
      policyRemediationEvent?: { policyName: string; resourceUrn?: string };
    };
    if (remedy) result.remediated[remedy.resourceUrn?.split("::").at(-1) ?? ""] = remedy.policyName;
  };
  try {
    await stack.preview({ policyPacks: [pack], policyPackConfigs: [file], onEvent, color: "never" });
  } catch (error) {
    result.failed = true;
    if (result.errors.length === 0 && result.findings.length === 0) throw error;
  }
  return result;
}
