import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { tryLinks } from "./links";

/** SSM in front of this machine: it runs what is sent, as the agent would. */
function here() {
  let output = "";
  const answers: Record<string, (input: { Parameters?: { commands: string[] } }) => unknown> = {
    DescribeInstanceInformationCommand: () => ({ InstanceInformationList: [{ PingStatus: "Online" }] }),
    SendCommandCommand: ({ Parameters }) => {
      output = execFileSync("sh", ["-c", Parameters!.commands.join("\n")], { encoding: "utf8" });
      return { Command: { CommandId: "c-1" } };
    },
    GetCommandInvocationCommand: () => ({
      Status: "Success",
      ResponseCode: 0,
      StandardOutputContent: output,
    }),
  };
  const send = async (command: {
    constructor: { name: string };
    input: { Parameters?: { commands: string[] } };
  }) => answers[command.constructor.name]!(command.input);
  return { ssm: { send: send as unknown as SSMClient["send"] } };
}
const clock = { now: () => 0, sleep: async () => {} };

test("a machine tells which systems it reaches, and what it met where it does not", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const links = {
    // The kernel takes connections by itself, so the one that is blocked meanwhile need not.
    erp: { kind: "standIn", host: "127.0.0.1", port },
    tax: { kind: "peering", host: "127.0.0.1", port: 1 },
    "it's": { kind: "address", host: "no such name", port: 443 },
  };
  const tried = await tryLinks(here(), "i-1", links, clock);
  server.close();
  expect(tried.map(({ name, reached, problem }) => [name, reached, problem])).toEqual([
    ["erp", true, undefined],
    ["tax", false, "refused"],
    ["it's", false, "unknown name"],
  ]);
});
