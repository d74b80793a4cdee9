import { SetDesiredCapacityCommand, UpdateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { type FleetState, raiseCapacity, readFleet } from "./fleet-state";

const group = (bounds: { MinSize: number; MaxSize: number; DesiredCapacity: number }, maximum?: string) => {
  const sent: unknown[] = [];
  const send = async (command: unknown) => {
    if (command instanceof SetDesiredCapacityCommand || command instanceof UpdateAutoScalingGroupCommand) {
      const { DesiredCapacity, MaxSize } = command.input as { DesiredCapacity: number; MaxSize?: number };
      sent.push(MaxSize === undefined ? { DesiredCapacity } : { DesiredCapacity, MaxSize });
    }
    const Tags = maximum === undefined ? [] : [{ Key: "retrofit:maximum", Value: maximum }];
    const found = { AutoScalingGroupName: "web", TargetGroupARNs: ["tg"], Instances: [], Tags, ...bounds };
    return { AutoScalingGroups: [found], TargetHealthDescriptions: [] };
  };
  return { sent, clients: { elb: { send: send as never }, autoScaling: { send: send as never } } };
};

async function raise(fleet: ReturnType<typeof group>, wanted: number): Promise<number> {
  return raiseCapacity(fleet.clients, (await readFleet(fleet.clients, "tg")) as FleetState, wanted);
}

test("a fleet that a schedule put to sleep while it stood by can be woken for a rollback, up to config's maximum", async () => {
  const asleep = group({ MinSize: 0, MaxSize: 0, DesiredCapacity: 0 }, "6");
  expect(await raise(asleep, 4)).toBe(4);
  expect(await raise(asleep, 9)).toBe(6);
  expect(asleep.sent).toEqual([
    { DesiredCapacity: 4, MaxSize: 4 },
    { DesiredCapacity: 6, MaxSize: 6 },
  ]);
});

test("bounds that are wide enough are left as they are, and no fleet goes above them without config's word", async () => {
  const fleet = group({ MinSize: 1, MaxSize: 4, DesiredCapacity: 2 }, "6");
  expect(await raise(fleet, 3)).toBe(3);
  expect(fleet.sent).toEqual([{ DesiredCapacity: 3 }]);
  const untagged = group({ MinSize: 1, MaxSize: 4, DesiredCapacity: 2 });
  expect(await raise(untagged, 9)).toBe(4);
  expect(await raise(untagged, 1)).toBe(2);
  expect(untagged.sent).toEqual([{ DesiredCapacity: 4 }]);
});
