/** The commands of `retrofit logs` on a store that a test has up: what they ask it, bring to it, and say. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { questionOf } from "../../../release/commands/logs";
import { setUpLogs } from "../../../release/logs/setup";
import { showLines } from "../../../release/logs/show";
import { Output } from "../../../release/output";
import { type EnvironmentConfig, loadEnvironmentFile } from "../../../stacks/config";
import { releaseWatch } from "../../../stacks/log-gate";
import { snapshotContent } from "../../../stacks/logs";
import { until } from "../../support/sandbox";
import { type SmallServer, startSmallServer } from "../../support/small-server";
import type { TestStore } from "./store";

const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:logs";

/** A terminal that keeps what it is told. */
function terminal() {
  const told: string[] = [];
  const write = (text: string) => told.push(text.trimEnd());
  const interrupts = { requested: false };
  return { told, interrupts, output: new Output({ json: false, stdout: { write }, environment: {} }) };
}

const options = { since: "10m", limit: 200 };
let written = 0;
/** A line as the forwarder sends it; each is a millisecond younger than the one before. */
const line = (message: string, more: { environment?: string; version?: string } = {}) => ({
  "@timestamp": new Date(Date.now() - 60_000 + written++).toISOString(),
  message,
  log: { level: message.split(" ")[0]!.toLowerCase() },
  service: { name: "shop", version: more.version ?? "3.0.0", environment: more.environment ?? "dev" },
  retrofit: { format: "plain" },
});

export function testCommands(testStore: () => TestStore): void {
  const shown = async (words: string[], more: object = {}) => {
    const { output, interrupts } = terminal();
    const question = questionOf("dev", words, { ...options, ...more });
    const lines = await showLines({ output, interrupts }, testStore().store, question, { follow: false });
    return lines.map(({ message }) => message);
  };

  test("lines of another environment whose name ends the same are not shown, and those that name none are", async () => {
    const store = testStore();
    await store.setUp();
    await store.setUp({ environment: "review-dev" });
    await store.write("logs-shop-dev", [line("INFO neighbours ours")]);
    await store.write("logs-shop-review-dev", [
      line("INFO neighbours theirs", { environment: "review-dev" }),
    ]);
    const { service, ...unnamed } = line("INFO neighbours of Logstash");
    await store.write("logs-system-dev", [unnamed]);
    await store.write("logs-system-review-dev", [unnamed]);
    expect(await shown(["neighbours"])).toEqual(["INFO neighbours ours", "INFO neighbours of Logstash"]);
  });

  test("a release, a level and what is worse, the newest so many", async () => {
    await testStore().write("logs-shop-dev", [
      line("INFO picky one"),
      line("WARN picky two"),
      line("ERROR picky three"),
      line("ERROR picky four", { version: "3.1.0" }),
    ]);
    expect(await shown(["picky"], { level: "warn" })).toEqual([
      "WARN picky two",
      "ERROR picky three",
      "ERROR picky four",
    ]);
    expect(await shown(["picky"], { release: "3.1.0" })).toEqual(["ERROR picky four"]);
    expect(await shown(["picky", "AND", "NOT", "four"], { limit: 1 })).toEqual(["ERROR picky three"]);
  });

  test("a query that the store does not understand is wrong use, and its own reason is told", async () => {
    await expect(shown(["message:("])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /^The store does not understand the query "message:\(": .*Failed to parse query \[message:\(\]/,
      ),
    });
  });

  test("a burst while lines are followed is shown whole and once, whatever the limit, and is in the result", async () => {
    const BURST = 2_500;
    const store = testStore();
    await store.write("logs-shop-dev", [line("INFO burst old"), line("INFO burst new")]);
    const { told, output, interrupts } = terminal();
    const question = questionOf("dev", ["burst"], { ...options, limit: 1 });
    const following = showLines({ output, interrupts }, store.store, question, { follow: true });
    await until("the newest line is shown", async () => told.length > 0, 30);
    const burst = Array.from({ length: BURST }, (_, n) => `INFO burst ${n}`);
    await store.write(
      "logs-shop-dev",
      burst.map((message) => line(message)),
    );
    await until("the burst is shown", async () => told.length > BURST, 60);
    // A look more, which would show lines once more.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    interrupts.requested = true;
    expect((await following).map(({ message }) => message)).toEqual(["INFO burst new", ...burst]);
    expect(told).toHaveLength(BURST + 1);
  });

  describe("of an environment's file", () => {
    let folder: string;
    let config: EnvironmentConfig;
    let dashboards: SmallServer;
    let secrets: SmallServer;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "retrofit-logs-commands-"));
      const file = join(folder, "Pulumi.dev.yaml");
      writeFileSync(
        file,
        `config:
  aws:region: eu-central-1
  retrofit:size: small
  retrofit:application: { name: shop, command: node server.js }
  retrofit:network: { cidr: 10.10.0.0/16 }
  retrofit:web: { testers: [127.0.0.0/8] }
  retrofit:logs: { sources: [{ name: access, application: desk, paths: [/var/log/desk/*.log] }] }
`,
      );
      config = loadEnvironmentFile(file);
      dashboards = await startSmallServer(({ method }) =>
        method === "GET" ? { status: 404, body: {} } : { status: 200, body: { success: true } },
      );
      secrets = await startSmallServer(() => ({ status: 200, body: { SecretString: "{}" } }));
      Object.assign(process.env, {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      });
    });
    afterAll(async () => {
      await Promise.all([dashboards?.stop(), secrets?.stop()]);
      if (folder) rmSync(folder, { recursive: true });
    });

    test("setup makes a stream of each application, imports the searches, and says what it could not do and why", async () => {
      const { output, told } = terminal();
      const place = {
        dashboardsUrl: `${dashboards.url}/_dashboards`,
        // As of a store on machines, which has no role for it: its nodes write with theirs.
        snapshots: { bucket: "artifacts", roleArn: "" },
      };
      expect(snapshotContent(config, "artifacts", "").settings).not.toHaveProperty("role_arn");
      const steps = await setUpLogs({ output }, testStore().store, config, place);
      expect(told).toContain("✓ stream logs-desk-dev: made");
      expect(told).toContain("✓ saved searches and dashboard: made");
      expect(told).toContain(
        "! snapshot repository retrofit-logs: skipped (the store has no plugin repository-s3)",
      );
      expect(steps.filter(({ done }) => done === "skipped")).toHaveLength(3);
      const again = await setUpLogs({ output }, testStore().store, config, {});
      expect(new Set(again.map(({ done }) => done))).toEqual(new Set(["unchanged", "skipped"]));
      expect(told.at(-1)).toMatch(
        /^! saved searches and dashboard: skipped \(not imported: .*--saved-objects/,
      );
    });

    test("an application that is no longer named keeps its lines, and everything else is set up as before", async () => {
      const store = testStore();
      await store.write("logs-desk-dev", [line("INFO leaving")]);
      expect((await store.setUp()).find(({ what }) => what.startsWith("template"))?.done).toBe("changed");
      expect((await store.setUp()).filter(({ done }) => done !== "skipped" && done !== "unchanged")).toEqual(
        [],
      );
      expect(await shown(["leaving"])).toEqual(["INFO leaving"]);
      await store.store.send("DELETE", "/_data_stream/logs-desk-dev");
    });

    test("a release that writes more errors than the serving one is turned away by the environment's own watch", async () => {
      const lines = (version: string, level: string, count: number) =>
        Array.from({ length: count }, () => line(`${level} watched`, { version }));
      await testStore().write("logs-shop-dev", [
        ...lines("4.0.0", "INFO", 90),
        ...lines("4.0.0", "ERROR", 1),
        ...lines("4.1.0", "INFO", 20),
        ...lines("4.1.0", "ERROR", 10),
      ]);
      const place = {
        endpoint: testStore().endpoint,
        secretArn: SECRET,
        ca: undefined,
        config: config.logs!,
      };
      const judgement = (version: string) => releaseWatch(config, place, version).watch!(600);
      expect(await judgement("4.1.0")).toMatch(/^10 of 30 log lines of 4\.1\.0 are errors \(33\.3 %\)/);
      expect(await judgement("4.0.0")).toBeUndefined();
      expect(secrets.asked[0]?.body).toContain(SECRET);
      const without = { ...place, config: { ...place.config, gate: false } };
      expect(releaseWatch(config, without, "4.1.0").watch).toBeUndefined();
    });
  });
}
