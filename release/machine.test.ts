import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { parse } from "yaml";
import { retrofit } from "../tests/support/command-line";
import { askForDrift } from "./commands/machine";
import { createWorkspace } from "./demo/workspace";

const root = join(__dirname, "..");

/** SSM with one machine whose command ends as told. */
function machineThat(answer: Record<string, unknown>) {
  const scripts: string[] = [];
  const answers: Record<string, unknown> = {
    SendCommandCommand: { Command: { CommandId: "c-1" } },
    DescribeInstanceInformationCommand: { InstanceInformationList: [{ PingStatus: "Online" }] },
    GetCommandInvocationCommand: answer,
  };
  const send = async (command: {
    constructor: { name: string };
    input: { Parameters?: { commands: string[] } };
  }) => {
    scripts.push(...(command.input.Parameters?.commands ?? []));
    return answers[command.constructor.name];
  };
  return { ssm: { send: send as unknown as SSMClient["send"] }, scripts };
}
const clock = { now: () => 0, sleep: async () => {} };

test("a machine is asked what an apply would change, and changes nothing", async () => {
  const changes = [
    "File[/etc/ssh/sshd_config.d/10-retrofit.conf]/content: current_value 'a', should be 'b' (noop)",
  ];
  const machine = machineThat({
    Status: "Success",
    ResponseCode: 0,
    StandardOutputContent: JSON.stringify({ changes }),
  });
  expect(await askForDrift(machine, "i-1", "1.0.0", clock)).toEqual({
    machine: "i-1",
    version: "1.0.0",
    changes,
  });
  expect(machine.scripts.join("\n")).toContain("/usr/local/sbin/retrofit-configure check");
});

test("a machine that cannot tell says why", async () => {
  const machine = machineThat({
    Status: "Failed",
    ResponseCode: 127,
    StandardErrorContent: "retrofit-configure: not found",
  });
  const { changes, problem } = await askForDrift(machine, "i-1", "1.0.0", clock);
  expect(changes).toBeUndefined();
  expect(problem).toBe("failed with exit code 127: retrofit-configure: not found");
});

const render = (...args: string[]) =>
  execFileSync(
    process.execPath,
    [join(root, "bin/retrofit.js"), "--cwd", root, "machine", "render", ...args],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );

test("machine render shows a role's user data, its size and what it brings in", () => {
  const report = JSON.parse(render("dev", "web", "--json").trim().split("\n").at(-1)!) as Record<
    string,
    unknown
  >;
  expect(report).toMatchObject({ environment: "dev", role: "web", tool: "puppet" });
  expect(report.userData).toMatch(/^#cloud-config\n/);
  expect(report.classes).toEqual(
    expect.arrayContaining(["role::web", "profile::base", "profile::swap", "profile::artifact"]),
  );
});

test("machine render shows what a Docker host gets, which runs no release", () => {
  const report = JSON.parse(render("dev", "docker_host", "--json").trim().split("\n").at(-1)!) as {
    userData: string;
    classes: string[];
    catalog: { packages: string[] } | null;
  };
  const { write_files } = parse(report.userData) as { write_files: { path: string; content: string }[] };
  const told = JSON.parse(write_files.find(({ path }) => path === "/etc/retrofit/machine.json")!.content);
  expect(told).toMatchObject({
    role: "docker_host",
    docker: {
      host: 0,
      declaration: expect.stringMatching(/^s3:.*docker\/docker\/current\.json$/),
      disk: "/srv/data",
    },
  });
  expect(Object.keys(told)).not.toEqual(expect.arrayContaining(["application"]));
  expect(report.classes).toContain("profile::containers");
  // Compiled where there is a Puppet.
  expect(report.catalog?.packages ?? ["docker.io"]).toContain("docker.io");
});

test("machine render of an unknown role names the roles there are", () => {
  expect(() => render("dev", "webb")).toThrow(/content_repository, docker_host, log_store, migration, web/);
});

test.each([
  ["broken YAML", "role/web.yaml", (text: string) => `${text}a: [b\n`, /role\/web\.yaml:\d+:1/],
  [
    "a value that no level has",
    "common.yaml",
    (text: string) => text.replace(/^profile::time::server:.*\n/m, ""),
    /profile::time::server: missing/,
  ],
])("%s in the configuration is told before anything is started", async (_, file, change, told) => {
  const workspace = createWorkspace("1.0.0");
  try {
    const machines = join(workspace.project, "machines");
    cpSync(join(root, "machines"), machines, { recursive: true });
    const path = join(machines, "data", file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const words = ["up", "dev", "--sandbox", "--cwd", workspace.project];
    const { exitCode, stderr } = await retrofit(words, { RETROFIT_SANDBOX: workspace.sandbox }).finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(told);
    expect(existsSync(workspace.sandbox)).toBe(false);
  } finally {
    workspace.remove();
  }
});
