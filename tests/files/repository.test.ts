/** The real Jackrabbit on a machine that really boots, started by the units that its role brings. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packArtifactSync } from "../../components/artifact-store/pack";
import { writeRepositoryProgram } from "../../components/artifact-store/repository-program";
import type { DebianMachine } from "../../sandbox/debian";
import { ensureJackrabbit } from "../../sandbox/toolchain/jackrabbit";
import { type Cloud, makeCloud } from "../machines/support/cloud";
import { documentOf, repositorySettings } from "../machines/support/configuration";
import { bootMachine, eventually } from "../machines/support/machines";

jest.setTimeout(900_000);

let cloud: Cloud;
let machine: DebianMachine;
let scratch: string;

const DOCUMENTS = "http://127.0.0.1:8080/repository/default";
const READER = `-u "reader:reader's"`;
const WRITER = `-u "writer:writer's"`;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "retrofit-repository-"));
  writeRepositoryProgram(scratch, await ensureJackrabbit());
  const { file, sha256 } = packArtifactSync(scratch);
  cloud = makeCloud();
  const key = "releases/repository/2.20.17.tar.gz";
  mkdirSync(join(cloud.folder, "s3/artifacts/releases/repository"), { recursive: true });
  cpSync(file, join(cloud.folder, "s3/artifacts", key));
  const booted = await bootMachine(
    "documents",
    documentOf("content_repository", "dev", {
      release: "2.20.17",
      application: {
        name: "repository",
        command: "sh ./start.sh",
        port: 8080,
        environment: {},
        artifact: { bucket: "artifacts", key, sha256 },
      },
      settings: repositorySettings,
    }),
    cloud,
    { packages: ["openjdk-17-jre-headless"] },
  );
  ({ machine } = booted);
  await open();
});
afterAll(async () => {
  await machine?.stop();
  cloud?.close();
  rmSync(scratch, { recursive: true, force: true });
});

const sh = async (command: string) => (await machine.exec(command)).output.trim();
const status = (rest: string) => sh(`curl -s -o /dev/null -w '%{http_code}' ${rest}`);
const open = () =>
  eventually(machine, `curl -s -o /dev/null -w '%{http_code}' ${READER} ${DOCUMENTS}/`, /200/);

test("a document is put, read, versioned and found, by those who may", async () => {
  const letter = `${DOCUMENTS}/letter.txt`;
  await sh("echo 'the first letter' > /tmp/1; echo 'the second letter' > /tmp/2");
  expect(await status(`${WRITER} -T /tmp/1 ${letter}`)).toBe("201");
  expect(await status(`${READER} -T /tmp/2 ${letter}`)).toBe("403");
  expect(await status(letter)).toBe("401");
  expect(await status(`${WRITER} -X VERSION-CONTROL ${letter}`)).toBe("200");
  for (const body of ["/tmp/1", "/tmp/2"]) {
    expect(await status(`${WRITER} -X CHECKOUT ${letter}`)).toBe("200");
    expect(await status(`${WRITER} -T ${body} ${letter}`)).toBe("204");
    expect(await status(`${WRITER} -X CHECKIN ${letter}`)).toBe("201");
  }
  expect(await sh(`curl -s ${READER} ${letter}`)).toBe("the second letter");
  expect(await versions(letter)).toEqual(["jcr:rootVersion", "1.0", "1.1"]);
  const query = "SELECT * FROM [nt:file] WHERE LOCALNAME() = 'letter.txt'";
  const found = await sh(
    `curl -s ${READER} -X SEARCH -H 'Content-Type: text/xml' --data "<d:searchrequest xmlns:d='DAV:'><JCR-SQL2 xmlns=''>${query}</JCR-SQL2></d:searchrequest>" http://127.0.0.1:8080/server/default/jcr:root`,
  );
  expect(found).toContain("/letter.txt</dcr:value>");
});

test("a backup taken while documents are written holds all that were answered before it, whole, and restores them", async () => {
  // Writes for as long as the backup takes, again where nobody answers, and notes what was answered.
  await sh(`cat > /tmp/writer.sh <<'END'
i=0
while [ ! -e /tmp/enough ]; do
  i=$((i + 1)); yes "document $i" | head -c 20000 > /tmp/w
  until [ "$(curl -s -o /dev/null -w '%{http_code}' ${WRITER} -T /tmp/w ${DOCUMENTS}/d$i.txt)" = 201 ] || \\
    [ "$(curl -s ${READER} ${DOCUMENTS}/d$i.txt | sha256sum)" = "$(sha256sum < /tmp/w)" ]; do sleep 0.2; done
  echo "$i $(sha256sum < /tmp/w)" >> /tmp/written
done
END
systemd-run --unit=writer --quiet sh /tmp/writer.sh`);
  await eventually(machine, "wc -l < /tmp/written", /^[1-9]\d/);
  const before = Number(await sh("wc -l < /tmp/written"));
  expect(await sh("systemctl start repository-backup && systemctl is-failed repository-backup")).not.toMatch(
    /^failed/,
  );
  const during = await sh("journalctl -u repository-backup -o cat | grep stoppedSeconds");
  expect(JSON.parse(during)).toMatchObject({ stoppedSeconds: expect.any(Number), files: expect.any(Number) });
  await open();
  await eventually(machine, `[ $(wc -l < /tmp/written) -gt ${before} ] && echo more`, /more/);
  await sh("touch /tmp/enough; while systemctl is-active --quiet writer; do sleep 0.2; done");
  // Into an empty one: everything that there was is moved away first.
  const letterVersions = await versions(`${DOCUMENTS}/letter.txt`);
  await sh("systemctl stop application; mv /srv/content/jackrabbit /srv/content/former");
  expect(
    await sh(
      "/usr/local/lib/retrofit/retrofit-repository restore /srv/content/backups/*.tar.gz /srv/content && chown -R repository: /srv/content/jackrabbit && systemctl start application && echo restored",
    ),
  ).toBe("restored");
  await open();
  const lines = (await sh("cat /tmp/written")).split("\n").map((line) => line.split(/\s+/));
  const sums = await sh(
    `for i in $(seq 1 ${before}); do curl -s ${READER} ${DOCUMENTS}/d$i.txt | sha256sum; done`,
  );
  expect(sums.split("\n").map((line) => line.split(" ")[0])).toEqual(
    lines.slice(0, before).map(([, sum]) => sum),
  );
  expect(await versions(`${DOCUMENTS}/letter.txt`)).toEqual(letterVersions);
});

test("a restore over a repository that is there is refused", async () => {
  const { code, output } = await machine.exec(
    "/usr/local/lib/retrofit/retrofit-repository restore /srv/content/backups/*.tar.gz /srv/content",
  );
  expect([code, output]).toEqual([1, expect.stringContaining("holds a repository")]);
});

async function versions(document: string): Promise<string[]> {
  const answer = await sh(
    `curl -s ${READER} -X REPORT -H 'Content-Type: text/xml' --data "<D:version-tree xmlns:D='DAV:'><D:prop><D:version-name/></D:prop></D:version-tree>" ${document}`,
  );
  return [...answer.matchAll(/<D:version-name>([^<]+)</g)].map(([, name]) => name!);
}
