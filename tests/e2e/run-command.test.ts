import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelCommandCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type MachineCommand, runOnMachine } from "../../components/machine";
import { injectFault, sandboxStatus, startSandbox, stopSandbox } from "../../sandbox";
import { Account } from "../support/fleet";
import { until } from "../support/sandbox";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-run-command-"));
let ssm: SSMClient;
let machine: string;

beforeAll(async () => {
  process.env.RETROFIT_SANDBOX = folder;
  const { endpoint } = await startSandbox({ lease: false });
  const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
  ssm = new SSMClient({ endpoint, region: "eu-central-1", credentials });
  const account = new Account(endpoint);
  const frontend = await account.frontend();
  await account.release(frontend, join(__dirname, "../../sample/releases/1.0.0"), "1.0.0", 1);
  await until("the machine runs", async () => (await sandboxStatus()).machines[0]?.state === "running", 30);
  machine = (await sandboxStatus()).machines[0]!.id;
});
afterAll(async () => {
  await stopSandbox();
  rmSync(folder, { recursive: true, force: true });
});

const run = (script: string, more: Partial<MachineCommand> = {}) =>
  runOnMachine({ ssm }, machine, { commands: [script], comment: "a try", timeoutSeconds: 30, ...more });

test("a script runs on the machine, and its outputs and exit code come back", async () => {
  const result = await run(
    'test -f "$RETROFIT_ROOT/etc/retrofit/machine.json" && echo found; echo why >&2; exit 4',
  );
  expect(result).toEqual({
    status: "Failed",
    exitCode: 4,
    stdout: "found\n",
    stderr: "why\n",
    detail: "Failed",
  });
  expect(await run("true")).toMatchObject({ status: "Success", exitCode: 0 });
});

test("a long output is cut where SSM cuts it", async () => {
  const { stdout, stderr } = await run("yes out | head -c 30000; yes err | head -c 30000 >&2");
  expect([stdout.length, stderr.length]).toEqual([24_000, 8_000]);
  expect(stdout).toMatch(/truncated---$/);
});

test("a script that takes longer than it may is ended", async () => {
  expect(await run("sleep 60", { timeoutSeconds: 1 })).toMatchObject({
    status: "TimedOut",
    detail: "ExecutionTimedOut",
  });
});

test("a machine that does not exist, another document, and no script are refused", async () => {
  const send = (more: object) =>
    ssm.send(
      new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [machine],
        Parameters: { commands: ["true"] },
        ...more,
      }),
    );
  await expect(send({ InstanceIds: ["i-0123456789abcdef0"] })).rejects.toMatchObject({
    name: "InvalidInstanceId",
  });
  await expect(send({ DocumentName: "AWS-RunPowerShellScript" })).rejects.toMatchObject({
    name: "InvalidDocument",
  });
  await expect(send({ Parameters: {} })).rejects.toMatchObject({ name: "InvalidParameters" });
});

test("a command that is cancelled ends on the machine, and the list of invocations says so", async () => {
  const sent = await ssm.send(
    new SendCommandCommand({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: [machine],
      Parameters: { commands: ["echo begun; sleep 60"] },
    }),
  );
  const CommandId = sent.Command!.CommandId!;
  const listed = async () =>
    (await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }))).CommandInvocations![0]!;
  await until("it runs", async () => (await listed()).Status === "InProgress");
  await ssm.send(new CancelCommandCommand({ CommandId }));
  await until("it is cancelled", async () => (await listed()).Status === "Cancelled");
  expect((await listed()).CommandPlugins![0]!.Output).toBe("begun\n");
});

test("a command outlives a crash of the emulator, and its result is not lost", async () => {
  const going = run("sleep 2; echo done");
  await until("it runs", async () => {
    const { CommandInvocations } = await ssm.send(new ListCommandInvocationsCommand({}));
    return CommandInvocations!.some(({ Status }) => Status === "InProgress");
  });
  await injectFault({ kind: "restartEmulator" });
  expect(await going).toMatchObject({ status: "Success", stdout: "done\n" });
});

test("a machine that dies meanwhile is told as lost", async () => {
  const going = run("sleep 600", { timeoutSeconds: 600 });
  await until("it runs", async () => {
    const { CommandInvocations } = await ssm.send(new ListCommandInvocationsCommand({ InstanceId: machine }));
    return CommandInvocations!.some(({ Status }) => Status === "InProgress");
  });
  await injectFault({ kind: "killMachine", instanceId: machine });
  expect(await going).toMatchObject({ status: "Lost" });
});
