import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import * as log from "@pulumi/pulumi/log";
import { LogStore, type StorePatience } from "../components/elk-stack";
import { type SmallServer, startSmallServer } from "../tests/support/small-server";
import { releaseWatch } from "./log-gate";

/** What a look is to wait at most, in milliseconds: a tenth of what it is in an update. */
const PATIENCE = 500;

let opened: (patience?: StorePatience) => Promise<LogStore>;
jest.mock("./log-store", () => ({
  openStore: (_place: unknown, patience?: StorePatience) => opened(patience),
}));

const told: string[] = [];
beforeEach(() => {
  told.length = 0;
  const keep = (text: string) => {
    told.push(text);
    return Promise.resolve();
  };
  jest.spyOn(log, "warn").mockImplementation(keep);
  jest.spyOn(log, "info").mockImplementation(keep);
});

const application = { name: "shop" } as never;
const watchOf = () =>
  releaseWatch(
    { application, environment: "dev" },
    {
      endpoint: "https://logs.example" as never,
      secretArn: "arn" as never,
      ca: undefined,
      config: { gate: true },
    },
    "1.1.0",
    PATIENCE,
  ).watch!;

/** The look's answer, and whether it waited for the store. */
async function look(watch: (seconds: number) => Promise<string | undefined>) {
  const before = performance.now();
  const complaint = await watch(60);
  return { complaint, waited: performance.now() - before >= PATIENCE / 2 };
}

describe("a store that takes connections and stays silent", () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  test.each(["https", "http"])(
    "holds up one look by %s, is told once, and turns nobody away",
    async (scheme) => {
      const endpoint = `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      opened = async (patience) => new LogStore({ endpoint }, patience);
      const watch = watchOf();
      expect(await look(watch)).toEqual({ complaint: undefined, waited: true });
      for (let further = 0; further < 3; further++)
        expect(await look(watch)).toEqual({ complaint: undefined, waited: false });
      expect(told).toEqual([
        expect.stringMatching(
          /^Errors in the log do not count in this release until the log store answers: .* within 0\.[45] s\. Reach it through the VPN, from a network of retrofit:logs\.viewers\.$/,
        ),
      ]);
    },
  );
});

test("a secret that nobody hands out holds up one look only", async () => {
  opened = () => new Promise(() => {});
  const watch = watchOf();
  expect(await look(watch)).toEqual({ complaint: undefined, waited: true });
  expect(await look(watch)).toEqual({ complaint: undefined, waited: false });
  expect(told).toHaveLength(1);
});

describe("a store that answers", () => {
  let server: SmallServer;
  let status: number;
  const bucket = (key: string, lines: number, errors: number) => ({
    key,
    doc_count: lines,
    errors: { doc_count: errors },
  });
  beforeEach(async () => {
    status = 200;
    server = await startSmallServer(() => ({
      status,
      body: { aggregations: { versions: { buckets: [bucket("1.1.0", 100, 30), bucket("1.0.0", 900, 1)] } } },
    }));
    opened = async (patience) => new LogStore({ endpoint: server.url }, patience);
  });
  afterEach(() => server.stop());

  test("is heard in the look that asks it", async () => {
    expect(await watchOf()(60)).toContain("30 of 100 log lines of 1.1.0 are errors");
    expect(told).toEqual([]);
  });

  test("counts again after it was away for a moment, without a look that waits for it", async () => {
    status = 503;
    const watch = watchOf();
    expect(await watch(60)).toBeUndefined();
    status = 200;
    let complaint: string | undefined;
    for (let looks = 0; complaint === undefined && looks < 200; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      complaint = await watch(60);
    }
    expect(complaint).toContain("30 of 100 log lines of 1.1.0 are errors");
    expect(told).toEqual([
      expect.stringContaining("the log store answers: The log store answered 503"),
      expect.stringContaining("errors in the log count from here on"),
    ]);
  });
});

test("without the gate nothing is asked", () => {
  const config = { gate: false };
  const place = { endpoint: "" as never, secretArn: "" as never, ca: undefined, config };
  expect(releaseWatch({ application, environment: "dev" }, place, "1.1.0").watch).toBeUndefined();
});
