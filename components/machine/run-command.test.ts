import type { SSMClient } from "@aws-sdk/client-ssm";
import { describeFailure, type MachineCommand, runOnMachine } from "./run-command";

/** SSM with a clock of its own: answers of each command in turn, the last one again and again. */
class FakeSsm {
  now = 0;
  readonly sent: { name: string; input: Record<string, unknown> }[] = [];
  readonly answers: Record<string, unknown[]> = {
    SendCommand: [{ Command: { CommandId: "c-1" } }],
    DescribeInstanceInformation: [{ InstanceInformationList: [{ PingStatus: "Online" }] }],
    CancelCommand: [{}],
  };
  interruptAt = Number.POSITIVE_INFINITY;

  readonly clock = {
    now: () => this.now,
    sleep: async (seconds: number) => {
      this.now += seconds;
      if (this.now >= this.interruptAt) throw new Error("interrupted");
    },
  };

  readonly ssm = {
    send: (async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      const name = command.constructor.name.replace(/Command$/, "");
      this.sent.push({ name, input: command.input });
      const answers = this.answers[name] ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    }) as unknown as SSMClient["send"],
  };
}

const named = (name: string) => Object.assign(new Error(name), { name });
const command: MachineCommand = { commands: ["true"], comment: "a try", timeoutSeconds: 60 };
const run = (fake: FakeSsm, more: Partial<MachineCommand> = {}) =>
  runOnMachine(fake, "i-1", { ...command, ...more }, () => {}, fake.clock);

test("the end of a command is waited for, and its output and exit code come back", async () => {
  const fake = new FakeSsm();
  fake.answers.GetCommandInvocation = [
    named("InvocationDoesNotExist"),
    { Status: "Pending" },
    named("ThrottlingException"),
    { Status: "InProgress" },
    {
      Status: "Failed",
      ResponseCode: 3,
      StandardOutputContent: "out",
      StandardErrorContent: "a\nwhy",
      StatusDetails: "Failed",
    },
  ];
  const result = await run(fake);
  expect(result).toEqual({
    status: "Failed",
    exitCode: 3,
    stdout: "out",
    stderr: "a\nwhy",
    detail: "Failed",
  });
  expect(describeFailure(result)).toBe("failed with exit code 3: a / why");
  expect(fake.sent[0]!.input).toMatchObject({
    DocumentName: "AWS-RunShellScript",
    InstanceIds: ["i-1"],
    TimeoutSeconds: 60,
    Parameters: { commands: ["true"], executionTimeout: ["60"] },
  });
});

test("a machine that has just booted is waited for until its agent is there", async () => {
  const fake = new FakeSsm();
  fake.answers.SendCommand = [
    named("InvalidInstanceId"),
    named("InvalidInstanceId"),
    { Command: { CommandId: "c-1" } },
  ];
  fake.answers.GetCommandInvocation = [{ Status: "Success", ResponseCode: 0 }];
  expect((await run(fake)).status).toBe("Success");
});

test("a machine without an agent is given up, and what it lacks is said", async () => {
  const fake = new FakeSsm();
  fake.answers.SendCommand = [named("InvalidInstanceId")];
  await expect(run(fake, { onlineSeconds: 10 })).rejects.toThrow("i-1 takes no commands: its SSM agent");
  expect(fake.now).toBeGreaterThanOrEqual(10);
});

test("a refused command is an error at once", async () => {
  const fake = new FakeSsm();
  fake.answers.SendCommand = [named("AccessDeniedException")];
  await expect(run(fake)).rejects.toThrow("AccessDeniedException");
  expect(fake.now).toBe(0);
});

test("a machine that dies meanwhile is told as lost, long before the command's time is over", async () => {
  const fake = new FakeSsm();
  fake.answers.GetCommandInvocation = [{ Status: "InProgress" }];
  fake.answers.DescribeInstanceInformation = [{ InstanceInformationList: [] }];
  expect((await run(fake, { timeoutSeconds: 3600 })).status).toBe("Lost");
  expect(fake.now).toBeLessThan(60);
});

test("one look at which the agent was away is no loss", async () => {
  const fake = new FakeSsm();
  fake.answers.GetCommandInvocation = [...Array(12).fill({ Status: "InProgress" }), { Status: "Success" }];
  fake.answers.DescribeInstanceInformation = [
    { InstanceInformationList: [{ PingStatus: "ConnectionLost" }] },
    { InstanceInformationList: [{ PingStatus: "Online" }] },
  ];
  expect((await run(fake)).status).toBe("Success");
});

test("a command of which nothing is ever told ends as timed out", async () => {
  const fake = new FakeSsm();
  fake.answers.GetCommandInvocation = [{ Status: "InProgress" }];
  expect((await run(fake)).status).toBe("TimedOut");
  expect(fake.now).toBeLessThan(60 + 60 + 40);
});

test("an interruption cancels the command on the machine", async () => {
  const fake = new FakeSsm();
  fake.answers.GetCommandInvocation = [{ Status: "InProgress" }];
  fake.interruptAt = 5;
  await expect(run(fake)).rejects.toThrow("interrupted");
  expect(fake.sent.at(-1)).toEqual({ name: "CancelCommand", input: { CommandId: "c-1" } });
});
