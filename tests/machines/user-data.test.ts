/** What cloud-init itself says of the user data of every role in every environment. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstBoot, USER_DATA_LIMIT } from "../../components/machine";
import { run } from "../../sandbox/toolchain/run";
import { documentOf, ENVIRONMENTS, ROLES } from "./support/configuration";
import { debianRoot } from "./support/machines";

jest.setTimeout(600_000);

const pairs = ROLES.flatMap((role) => ENVIRONMENTS.map((environment) => [role, environment] as const));
const scratch = mkdtempSync(join(tmpdir(), "retrofit-user-data-"));
let verdicts: Map<string, { good: boolean; said: string }>;

beforeAll(async () => {
  const root = await debianRoot();
  for (const [role, environment] of pairs) {
    writeFileSync(
      join(scratch, `${role}-${environment}.yaml`),
      firstBoot(documentOf(role, environment), { packages: ["nodejs"] }),
    );
  }
  writeFileSync(join(scratch, "broken.yaml"), "#cloud-config\nruncmd: not a list\npackages: {}\n");
  const script = `
    mount --bind "$2" "$1/mnt"; mount -t proc proc "$1/proc"
    chroot "$1" sh -c 'for f in /mnt/*.yaml; do said=$(cloud-init schema --config-file "$f" 2>&1) && good=yes || good=no; echo "$(basename "$f" .yaml)|$good|$(echo $said)"; done'`;
  const { output } = await run("unshare", ["--mount", "sh", "-ec", script, "sh", root.folder, scratch], {
    timeout: 300_000,
  });
  verdicts = new Map(
    output.split("\n").flatMap((line) => {
      const [name, good, said] = line.split("|");
      return good === undefined ? [] : [[name!, { good: good === "yes", said: said ?? "" }] as const];
    }),
  );
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each(pairs)("user data of %s in %s is what cloud-init's schema allows", (role, environment) => {
  expect(verdicts.get(`${role}-${environment}`)).toMatchObject({
    good: true,
    said: expect.stringContaining("Valid cloud-config"),
  });
});

test("the schema check would find a mistake", () => {
  expect(verdicts.get("broken")).toMatchObject({ good: false, said: expect.stringContaining("runcmd") });
});

test("user data leaves most of EC2's 16 KB free, and says how much", () => {
  const sizes = pairs.map(([role, environment]) =>
    Buffer.byteLength(firstBoot(documentOf(role, environment), { packages: ["nodejs"] })),
  );
  const largest = Math.max(...sizes);
  process.stderr.write(
    `• user data: ${largest} bytes at most, ${USER_DATA_LIMIT - largest} of ${USER_DATA_LIMIT} free\n`,
  );
  expect(largest).toBeLessThan(USER_DATA_LIMIT / 2);
});
