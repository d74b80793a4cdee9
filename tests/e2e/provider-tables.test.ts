import adaptations from "../../sandbox/provider/adaptation-table.json";
import { makeAdaptations } from "../../sandbox/provider/generate/adaptations";
import { readBridged } from "../../sandbox/provider/generate/bridged";
import { fetchSchema } from "../../sandbox/provider/generate/fetch-schema";
import { readSdk } from "../../sandbox/provider/generate/sdk";
import { makeTable } from "../../sandbox/provider/generate/table";
import table from "../../sandbox/provider/token-table.json";
import { ensureBridge } from "../../sandbox/toolchain/provider";

test("the committed tables are those of the installed @pulumi/aws and of the Terraform provider in use", async () => {
  const provider = await ensureBridge(() => {});
  if (provider.how !== "bridge") throw new Error("there is no bridge");
  const bridged = readBridged(await fetchSchema(provider));
  const sdk = readSdk();
  const made = makeTable(sdk, bridged);
  expect(made).toEqual(table);
  expect(makeAdaptations(sdk, bridged, made)).toEqual(adaptations);
  // A token that the bridge does not have would only be noticed by a program that uses it.
  const known = new Set([...bridged.resources.keys()].map((token) => token.split(":")[1]!.split("/")[1]));
  const named = Object.values(made.resources).flatMap((names) => Object.values(names));
  expect(named.filter((name) => !known.has(name))).toEqual([]);
}, 900_000);
