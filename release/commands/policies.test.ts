import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext } from "../context";
import { Output } from "../output";
import { policies } from "./policies";

const folder = mkdtempSync(join(tmpdir(), "retrofit-policies-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the table of an environment says what it is allowed, why and until when, and not what is over", async () => {
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(
    join(folder, "Pulumi.dev.yaml"),
    `config:
  aws:region: eu-central-1
  retrofit:size: small
  retrofit:application: { name: shop, command: node server.js }
  retrofit:network: { cidr: 10.10.0.0/16 }
  retrofit:web: { testers: [127.0.0.0/8] }
  retrofit:policies:
    relaxed: [{ rule: required-tags, to: advisory, reason: Being renamed, expires: "2999-03-31" }]
    exceptions:
      - { rule: bucket-versioning, resource: old-*, reason: Emptied in spring, expires: "2999-04-30" }
      - { rule: bucket-versioning, resource: older-*, reason: Gone with the old system, expires: "2020-04-30" }
`,
  );
  let text = "";
  const stdout = { write: (part: string) => (text += part) } as never;
  const context = { ...createContext({ cwd: folder }), output: new Output({ json: false, stdout }) };
  await policies(context, "dev");
  expect(text).toMatch(/required-tags +advisory {2}until 2999-03-31: Being renamed/);
  expect(text).toMatch(/bucket-versioning +not for old-\* {2}until 2999-04-30: Emptied in spring/);
  expect(text).not.toContain("older-*");
});
