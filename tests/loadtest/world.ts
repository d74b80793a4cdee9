/** An environment with every layer, whose application has a page for each. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";

const root = join(__dirname, "..", "..");

export function createWorld(): DemoWorkspace {
  const workspace = createWorkspace("1.0.0");
  workspace.keep();
  symlinkSync(join(root, "tests"), join(workspace.project, "tests"), "dir");
  configure(workspace, {
    "retrofit:live.artifact": "tests/loadtest/shop",
    // What a build would put into the artifact: a client of PostgreSQL, and the sample application's of Redis.
    "retrofit:application.environment": {
      NODE_PATH: [join(root, "node_modules"), join(root, "sample", "releases", "1.0.0")].join(delimiter),
    },
    "retrofit:web.min": 2,
    "retrofit:web.max": 2,
    "retrofit:differs": { "web.min": "Two machines, and no room for more" },
    "retrofit:database": {},
    "retrofit:sessions": {},
  });
  return workspace;
}

function configure({ project }: DemoWorkspace, changes: Record<string, unknown>): void {
  const file = join(project, "Pulumi.dev.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(changes)) document.setIn(["config", ...key.split(".")], value);
  writeFileSync(file, document.toString());
}
