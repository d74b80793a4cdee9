import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { type Clock, systemClock } from "../shared/clock";

/** What runs commands on machines. Passed in, so that the logic is tested alone. */
export interface RunCommandClients {
  readonly ssm: Pick<SSMClient, "send">;
}

export interface MachineCommand {
  /**
   * Lines of a shell script, run by `sh` as root. It may be delivered again after a lost answer, so running it twice must
   * do no harm. A path on the machine begins with `"$RETROFIT_ROOT"`, which is empty on a real machine.
   */
  readonly commands: readonly string[];
  /** What it is for, up to 100 characters: shown in the SSM console. */
  readonly comment: string;
  /** Seconds that it may run, from 1. The machine ends it then. */
  readonly timeoutSeconds: number;
  /** Seconds in which the machine's agent must take it up, from 30. Default 60. */
  readonly deliverySeconds?: number;
  /** Seconds that are waited for an agent that has not reported yet, as right after a boot. Default 120. */
  readonly onlineSeconds?: number;
}

export interface MachineCommandResult {
  /** `Lost`: the machine was gone before it told how the command went. */
  readonly status: "Success" | "Failed" | "TimedOut" | "Cancelled" | "Lost";
  /** The first 24,000 characters, as SSM keeps them. */
  readonly stdout: string;
  /** The first 8,000 characters. */
  readonly stderr: string;
  /** −1 when it did not end by itself. */
  readonly exitCode: number;
  /** SSM's own word for it, such as `ExecutionTimedOut` or `DeliveryTimedOut`. */
  readonly detail: string;
}

const UNFINISHED = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);
/** Looks in a row at which the machine's agent must be missing: one look proves nothing. */
const LOST_LOOKS = 2;
const LOOK_SECONDS = 10;
/** What the service takes to say that a time is over. */
const GRACE_SECONDS = 30;

/**
 * Runs a shell script on a machine by SSM Run Command and waits for its end. A command that fails is a result, not an error.
 *
 * @throws when the command cannot be sent at all, or when the clock's sleep does (it is cancelled then).
 */
export async function runOnMachine(
  clients: RunCommandClients,
  instanceId: string,
  command: MachineCommand,
  report: (line: string) => void = () => {},
  clock: Clock = systemClock,
): Promise<MachineCommandResult> {
  const commandId = await sendWhenOnline(clients, instanceId, command, report, clock);
  try {
    return await waitForEnd(clients, instanceId, commandId, command, report, clock);
  } catch (error) {
    await clients.ssm.send(new CancelCommandCommand({ CommandId: commandId })).catch(() => {});
    throw error;
  }
}

/** One line about a command that did not succeed: how it ended, and the last that it said. */
export function describeFailure(result: MachineCommandResult): string {
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-3).join(" / ");
  const how = {
    Success: "succeeded",
    Failed: `failed with exit code ${result.exitCode}`,
    TimedOut: `was not done in time (${result.detail})`,
    Cancelled: "was cancelled",
    Lost: "was lost: the machine is gone",
  }[result.status];
  return said ? `${how}: ${said}` : how;
}

async function sendWhenOnline(
  clients: RunCommandClients,
  instanceId: string,
  command: MachineCommand,
  report: (line: string) => void,
  clock: Clock,
): Promise<string> {
  const until = clock.now() + (command.onlineSeconds ?? 120);
  for (;;) {
    try {
      const sent = await clients.ssm.send(
        new SendCommandCommand({
          DocumentName: "AWS-RunShellScript",
          InstanceIds: [instanceId],
          Comment: command.comment.slice(0, 100),
          TimeoutSeconds: Math.max(30, command.deliverySeconds ?? 60),
          Parameters: {
            commands: [...command.commands],
            executionTimeout: [String(Math.max(1, Math.ceil(command.timeoutSeconds)))],
          },
        }),
      );
      return sent.Command?.CommandId ?? "";
    } catch (error) {
      if ((error as Error).name !== "InvalidInstanceId") throw error;
      if (clock.now() >= until) {
        throw new Error(
          `${instanceId} takes no commands: its SSM agent is not running, has no role for it, or does not reach SSM.`,
          { cause: error },
        );
      }
      report(`${instanceId}: waiting for its SSM agent`);
      await clock.sleep(3);
    }
  }
}

async function waitForEnd(
  clients: RunCommandClients,
  instanceId: string,
  commandId: string,
  command: MachineCommand,
  report: (line: string) => void,
  clock: Clock,
): Promise<MachineCommandResult> {
  const started = clock.now();
  const until = started + command.timeoutSeconds + (command.deliverySeconds ?? 60) + GRACE_SECONDS;
  let lookedAt = started;
  let missed = 0;
  for (let poll = 0; ; poll += 1) {
    await clock.sleep(poll < 5 ? 0.5 : 2);
    const invocation = await invocationOf(clients, instanceId, commandId);
    const status = invocation?.Status ?? "Pending";
    if (invocation && !UNFINISHED.has(status)) {
      return {
        status: status as MachineCommandResult["status"],
        stdout: invocation.StandardOutputContent ?? "",
        stderr: invocation.StandardErrorContent ?? "",
        exitCode: invocation.ResponseCode ?? -1,
        detail: invocation.StatusDetails ?? status,
      };
    }
    if (clock.now() - lookedAt >= LOOK_SECONDS) {
      lookedAt = clock.now();
      missed = (await isOnline(clients, instanceId)) ? 0 : missed + 1;
      if (missed >= LOST_LOOKS) return ended("Lost", "the machine's agent does not answer any more");
      report(`${instanceId}: ${command.comment}, ${Math.round(clock.now() - started)} s`);
    }
    if (clock.now() >= until) return ended("TimedOut", "no end was told");
  }
}

function ended(status: "Lost" | "TimedOut", detail: string): MachineCommandResult {
  return { status, stdout: "", stderr: "", exitCode: -1, detail };
}

async function invocationOf(clients: RunCommandClients, InstanceId: string, CommandId: string) {
  try {
    return await clients.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  } catch (error) {
    // Right after it was sent the service may not know of it yet, and any one look may be throttled or cut off.
    if ((error as Error).name === "InvocationDoesNotExist" || isPassing(error)) return undefined;
    throw error;
  }
}

async function isOnline(clients: RunCommandClients, instanceId: string): Promise<boolean> {
  try {
    const answer = await clients.ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: "InstanceIds", Values: [instanceId] }] }),
    );
    return answer.InstanceInformationList?.[0]?.PingStatus === "Online";
  } catch {
    // No answer says nothing about the machine.
    return true;
  }
}

/** Throttled, or without any answer of the service's: its own errors carry `$fault`, those of the connection do not. */
function isPassing(error: unknown): boolean {
  type ServiceError = { name?: string; $fault?: string; $metadata?: { httpStatusCode?: number } };
  const { name = "", $fault, $metadata } = error as ServiceError;
  return $fault === undefined || /throttl|timeout/i.test(name) || ($metadata?.httpStatusCode ?? 0) >= 500;
}
