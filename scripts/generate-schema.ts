// Writes what is generated from the schema of the environment files: the JSON Schema that editors read, and the table
// of keys in docs/environments.md; and the table of rules in docs/database-changes.md. A test fails when either is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withRuleTable } from "../components/database/migrations";
import { environmentJsonSchema, keyTable } from "../stacks/config/reference";

const docs = join(__dirname, "..", "docs");
writeFileSync(
  join(docs, "Pulumi.environment.schema.json"),
  `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`,
);

const page = join(docs, "environments.md");
const marks = /(<!-- keys -->\n)[\s\S]*(\n<!-- \/keys -->)/;
writeFileSync(
  page,
  readFileSync(page, "utf8").replace(
    marks,
    (_, before: string, after: string) => before + keyTable() + after,
  ),
);

const changes = join(docs, "database-changes.md");
writeFileSync(changes, withRuleTable(readFileSync(changes, "utf8")));
