/**
 * Makes `token-table.json` and `adaptation-table.json` again, from the installed `@pulumi/aws` and from the schema that the
 * bridge gives of the Terraform provider (half a minute):
 *
 *     node -r ts-node/register sandbox/provider/generate/main.ts
 *
 * It prints what it cannot match. Read that, and the difference in git, before committing; mistakes go to overrides.ts.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBridge } from "../../toolchain/provider";
import { makeAdaptations } from "./adaptations";
import { readBridged } from "./bridged";
import { fetchSchema } from "./fetch-schema";
import { readSdk } from "./sdk";
import { makeTable } from "./table";

async function main(): Promise<void> {
  const sdk = readSdk();
  const provider = await ensureBridge(() => {});
  if (provider.how !== "bridge") throw new Error("there is no bridge");
  const bridged = readBridged(await fetchSchema(provider));
  const folder = join(__dirname, "..");
  const table = makeTable(sdk, bridged);
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  write("token-table.json", table);
  write("adaptation-table.json", makeAdaptations(sdk, bridged, table));
  for (const [kind, all, known] of [
    ["resource", sdk.resources, table.resources],
    ["function", sdk.functions, table.functions],
  ] as const) {
    const missing = [...all.keys()].filter((token) => {
      const [module, name] = token.split(":")[1]!.split("/") as [string, string];
      return !known[module]?.[name];
    });
    console.log(`${missing.length} of ${all.size} ${kind}s have no counterpart:\n  ${missing.join("\n  ")}`);
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
