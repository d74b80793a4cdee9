import { FakeTime } from "../../shared/fake-time";
import { type GateClients, untilGreen } from "./replacement-gate";

/** A store of three nodes as AWS tells of it. */
class FakeStore {
  readonly time = new FakeTime();
  refreshing = "";
  gone = "";
  health = { code: 0, said: '{"status": "green"}' };
  asked: string[] = [];

  readonly clients = {
    autoScaling: { send: (command: object) => this.answer(command) },
    ssm: { send: (command: object) => this.answer(command) },
  } as unknown as GateClients;

  async answer(command: object): Promise<object> {
    const { input } = command as { input: Record<string, unknown> };
    switch (command.constructor.name) {
      case "DescribeAutoScalingGroupsCommand":
        expect(input.Filters).toEqual([{ Name: "tag:retrofit:log-store", Values: ["logs-dev"] }]);
        return {
          AutoScalingGroups: ["logs-0", "logs-1", "logs-2"].map((AutoScalingGroupName) => ({
            AutoScalingGroupName,
            Instances:
              AutoScalingGroupName === this.gone
                ? []
                : [{ InstanceId: `i-${AutoScalingGroupName}`, LifecycleState: "InService" }],
          })),
        };
      case "DescribeInstanceRefreshesCommand":
        return {
          InstanceRefreshes: [
            { Status: input.AutoScalingGroupName === this.refreshing ? "InProgress" : "Successful" },
          ],
        };
      case "SendCommandCommand":
        this.asked.push((input.Parameters as { commands: string[] }).commands[0]!);
        return { Command: { CommandId: "c-1" } };
      default:
        return {
          Status: this.health.code === 0 ? "Success" : "Failed",
          ResponseCode: this.health.code,
          StandardErrorContent: this.health.said,
        };
    }
  }

  wait(said: string[] = []): Promise<void> {
    return untilGreen(this.clients, "logs-dev", (line) => said.push(line), this.time.clock);
  }
}

test("a whole store is waited for no longer, and was asked for as many nodes as it has groups", async () => {
  const store = new FakeStore();
  await store.wait();
  expect(store.asked).toEqual(['"$RETROFIT_ROOT"/usr/local/lib/retrofit/retrofit-log-store health 3']);
});

test("a node that is being replaced is waited for, then one that is missing, then the copies of its lines", async () => {
  const store = new FakeStore();
  store.refreshing = "logs-0";
  store.health = { code: 1, said: "the store is yellow with 3 of 3 nodes" };
  store.time.after(60, () => {
    store.refreshing = "";
    store.gone = "logs-0";
  });
  store.time.after(120, () => {
    store.gone = "";
  });
  store.time.after(300, () => {
    store.health = { code: 0, said: "" };
  });
  const said: string[] = [];
  await store.wait(said);
  expect(said).toEqual([
    "logs-dev: logs-0 is being replaced",
    "logs-dev: logs-0 has no machine in service",
    expect.stringContaining("the store is yellow with 3 of 3 nodes"),
  ]);
});

test("a store that does not become whole ends the update, with what to do", async () => {
  const store = new FakeStore();
  store.health = { code: 1, said: "the store is red with 2 of 3 nodes" };
  await expect(store.wait()).rejects.toThrow(
    /The log store logs-dev is not whole: .*red with 2 of 3 nodes\. No further node is replaced\..*replaceNodes/,
  );
});
