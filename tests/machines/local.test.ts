/** A role as a container of a developer's own, on a real Docker daemon, beside a machine of the role that really boots. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommandInvocationCommand, type SendCommandCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { askForDrift } from "../../release/commands/machine";
import { compareMachines, portraitOfImage } from "../../release/commands/machine-local";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import type { Portrait } from "../../release/machine/portrait";
import type { DebianMachine } from "../../sandbox/debian";
import { DockerEngine } from "../../sandbox/docker/engine";
import { type Finished, retrofit } from "../support/command-line";
import { until } from "../support/sandbox";
import { type Cloud, makeCloud, STAND_INS } from "./support/cloud";
import { documentOf, machinesFolder, project } from "./support/configuration";
import { bootMachine, eventually } from "./support/machines";

jest.setTimeout(900_000);

const MACHINE = "i-0123456789abcdef0";
let cloud: Cloud;
let workspace: DemoWorkspace;
let folder: string;
let source: string;
let engine: DockerEngine;
let made: Finished;
let machine: DebianMachine;
let image: Portrait;
let environment: Record<string, string>;

const command = (...words: string[]) =>
  retrofit(["machine", ...words, "--cwd", workspace.project, "--json"], environment).finished;

beforeAll(async () => {
  cloud = makeCloud();
  workspace = createWorkspace("1.0.0");
  folder = mkdtempSync(join(tmpdir(), "retrofit-local-"));
  source = join(folder, "source");
  cpSync(join(project, "sample/releases/1.0.0"), source, { recursive: true, dereference: true });
  engine = await DockerEngine.start({ folder: join(folder, "engine"), configuration: machinesFolder });
  environment = engine.clientEnvironment;
  Object.assign(process.env, environment);
  const [answer, booted] = await Promise.all([
    command("local", "web", "--source", source, "--port", "3000"),
    bootMachine("compared", documentOf("web", "dev"), cloud, { packages: ["nodejs"] }),
  ]);
  made = answer;
  machine = booted.machine;
  await eventually(machine, "curl -s http://127.0.0.1:8080/healthz", /ok/);
  // No part of the role: what answers in place of AWS.
  await machine.exec(`rm -r ${STAND_INS.join(" ")}`);
});
afterAll(async () => {
  await machine?.stop();
  await engine?.stop();
  workspace.remove();
  cloud.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("the role's image is made, and a container of it serves the source folder at its port", async () => {
  expect({ exitCode: made.exitCode, stderr: made.stderr.slice(-2000) }).toMatchObject({ exitCode: 0 });
  expect(made.json).toEqual({
    role: "web",
    environment: "dev",
    image: "retrofit-web:dev",
    built: true,
    port: 3000,
    container: "retrofit-web-dev",
  });
  const ask = () => engine.runInside("curl", ["-s", "http://127.0.0.1:3000/api/version"]).stdout;
  await until("the container answers", () => ask() !== "", 30);
  expect(JSON.parse(ask())).toEqual({ version: "1.0.0", machine: "local" });
  // What runs is the folder, not a copy of it, and nobody's in particular.
  expect(engine.exec("retrofit-web-dev", "id -u; ls /srv/source").stdout).toMatch(
    /^[1-9]\d*\n(.*\n)*server\.js$/m,
  );
});

test("asked again it is there already", async () => {
  const again = await command("local", "web");
  expect(again).toMatchObject({ exitCode: 0, json: { built: false, container: null } });
});

test("a machine of the environment has the same packages, files and units", async () => {
  image = await portraitOfImage("retrofit-web:dev");
  const [compared] = await compareMachines({ ssm: runsOn(machine) }, image, [MACHINE]);
  process.stderr.write(
    `• container and machine: ${compared?.comparison?.same} the same; apart ${JSON.stringify(compared?.comparison?.apart)}\n`,
  );
  expect(compared).toMatchObject({ machine: MACHINE, comparison: { differences: [] } });
  expect(compared!.comparison!.same).toBeGreaterThan(1000);
});

test("what a hand has changed on the machine is told, each with both sides", async () => {
  await machine.exec(
    "echo '# by hand' >> /etc/ssh/sshd_config; rm /usr/local/lib/retrofit/retrofit-fetch; touch /etc/extra; dpkg --purge --force-all logrotate; systemctl disable ssh",
  );
  const [compared] = await compareMachines({ ssm: runsOn(machine) }, image, [MACHINE]);
  const differences = new Map(compared!.comparison!.differences.map((one) => [one.name, one]));
  const both = { image: expect.any(String), machine: expect.any(String) };
  expect(differences.get("file /etc/ssh/sshd_config")).toMatchObject(both);
  expect(differences.get("unit ssh.service")).toMatchObject({ image: "enabled", machine: "disabled" });
  expect(differences.get("file /usr/local/lib/retrofit/retrofit-fetch")).not.toHaveProperty("machine");
  expect(differences.get("package logrotate")).not.toHaveProperty("machine");
  expect(differences.get("file /etc/extra")).not.toHaveProperty("image");
});

test("the machine itself tells what its configuration would change, and stays as the hand left it", async () => {
  const { changes, problem } = await askForDrift({ ssm: runsOn(machine) }, MACHINE, "1.0.0");
  expect(problem).toBeUndefined();
  expect(changes!.join("\n")).toMatch(/File\[\/usr\/local\/lib\/retrofit\/retrofit-fetch\]/);
  expect(changes!.join("\n")).toMatch(/Package\[logrotate\]/);
  expect((await machine.exec("ls /usr/local/lib/retrofit/retrofit-fetch")).code).not.toBe(0);
});

test("what cannot be done is told at once, with the way out", async () => {
  const without = { ...environment, DOCKER_HOST: `unix://${folder}/nothing.sock` };
  const nobody = await retrofit(["machine", "local", "web", "--cwd", workspace.project], without).finished;
  expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Docker does not answer") });
  const wrong = [
    [["local", "webb"], 'There is no role "webb"', "Roles: content_repository, docker_host"],
    [["local", "web", "--environment", "nowhere"], 'There is no environment "nowhere"', "Known environments"],
    [["local", "web", "--source", "nowhere"], "is no folder", "--source"],
    [["compare", "dev", "webb"], 'There is no role "webb"', "Roles: "],
    [["compare", "dev", "migration"], "not found by the environment's outputs", "Roles: web, docker_host"],
    [
      ["compare", "dev", "docker_host"],
      "There is no image retrofit-docker_host:dev",
      "machine local docker_host",
    ],
  ] as const;
  for (const [words, ...messages] of wrong) {
    const { exitCode, stderr } = await command(...words);
    expect({ words, exitCode }).toEqual({ words, exitCode: 2 });
    for (const message of messages) expect(stderr).toContain(message);
  }
});

/** SSM as far as a command needs it, which it runs for real on the machine. */
function runsOn(machine: DebianMachine): Pick<SSMClient, "send"> {
  const results = new Map<string, object>();
  const send = async (asked: SendCommandCommand | GetCommandInvocationCommand) => {
    if (asked instanceof GetCommandInvocationCommand) return results.get(asked.input.CommandId!);
    const { code, output } = await machine.exec(asked.input.Parameters!.commands!.join("\n"));
    const CommandId = String(results.size);
    results.set(CommandId, {
      Status: code === 0 ? "Success" : "Failed",
      // As much as SSM keeps of it.
      StandardOutputContent: output.slice(0, 24_000),
      ResponseCode: code,
    });
    return { Command: { CommandId } };
  };
  return { send } as unknown as Pick<SSMClient, "send">;
}
