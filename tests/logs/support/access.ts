/** The user of machines, at the door that log stores of the sandbox have. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUpStore } from "../../../components/elk-stack/store/setup";
import { LogStore } from "../../../components/elk-stack/store/store";
import { OpenSearchDoor } from "../../../sandbox/servers/opensearch-door";
import { serverCertificate } from "../../../sandbox/servers/trust";
import { until } from "../../support/sandbox";
import { freePort, type TestStore } from "./store";

const ADDRESS = "127.0.0.1";
const OWNER = { user: "retrofit", password: "Of-the-0wner" };
const writer = { username: "retrofit-forwarder", password: "Of-a-machine-1" };
const content = { environment: "guarded", applications: ["shop"], retentionDays: 1, replicas: 0 };

export function testAccess(testStore: () => TestStore): void {
  let folder: string;
  let port: number;
  let door: OpenSearchDoor;
  let ca: string;

  const open = async () => {
    const owner = { id: "store", identifier: "store", address: ADDRESS, port, ...OWNER };
    door = new OpenSearchDoor(
      () => owner,
      { host: ADDRESS, port: testStore().port },
      join(folder, "users.json"),
    );
    const certificate = await serverCertificate(ADDRESS, folder);
    ca = certificate.cert;
    await door.open(certificate);
  };
  const as = (user: string, password: string) =>
    new LogStore({ endpoint: `https://${ADDRESS}:${port}`, user, password, ca });
  const setUp = async (password = writer.password) => {
    const steps = await setUpStore(as(OWNER.user, OWNER.password), {
      ...content,
      writer: { ...writer, password },
    });
    return steps.flatMap(({ what, done }) => (/^(role|members|user) /.test(what) ? [done] : []));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "retrofit-logs-door-"));
    port = await freePort();
    await open();
  });
  afterAll(() => {
    door?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  test("a machine's user sends lines and nothing else, also after the store was started again, until its password is rotated", async () => {
    await expect(as(writer.username, writer.password).send("POST", "/_bulk", "")).rejects.toThrow(
      /answered 401/,
    );
    expect(await setUp()).toEqual(["made", "made", "made"]);
    door.close();
    await open();
    // Connections that were kept open are found broken at their next use.
    const answers = () =>
      as(OWNER.user, OWNER.password)
        .send("GET", "/_cluster/health")
        .then(
          () => true,
          () => false,
        );
    await until("the store answers again", answers, 30);
    expect(await setUp()).toEqual(["unchanged", "unchanged", "unchanged"]);
    const machine = as(writer.username, writer.password);
    const line = '{"create":{"_index":"logs-shop-guarded"}}\n{"@timestamp":"2026-01-01T00:00:00Z"}\n';
    expect(await machine.send("POST", "/_bulk", line)).toMatchObject({ errors: false });
    await expect(machine.send("GET", "/logs-*/_search")).rejects.toThrow(/answered 403/);
    await expect(machine.send("DELETE", "/_data_stream/logs-shop-guarded")).rejects.toThrow(/answered 403/);
    await expect(
      machine.send("PUT", "/_plugins/_security/api/internalusers/x", { password: "y" }),
    ).rejects.toThrow(/answered 403/);
    expect(await setUp("Of-a-machine-2")).toEqual(["unchanged", "unchanged", "changed"]);
    await expect(machine.send("POST", "/_bulk", line)).rejects.toThrow(/answered 401/);
  });
}
