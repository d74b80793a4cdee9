/** The self-hosted form: three nodes as Puppet makes them, with TLS and sign-in, replaced one after the other. */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { gzipSync } from "node:zlib";
import { carryInProgram } from "../../components/elk-stack/carry-in/program";
import { newAuthority } from "../../components/elk-stack/self-hosted/authority";
import { untilGreen } from "../../components/elk-stack/self-hosted/replacement-gate";
import { NAMES, setUpStore } from "../../components/elk-stack/store/setup";
import type { StoreError } from "../../components/elk-stack/store/store";
import { WRITER_ROLE } from "../../components/elk-stack/store/writer";
import { systemClock } from "../../components/shared/clock";
import { until } from "../support/sandbox";
import { BALANCER, Cluster } from "./support";

jest.setTimeout(15 * 60_000);

const NODES = 3;
const STREAM = "logs-shop-dev";
/** Whom machines sign in as; the second password is the one after a rotation. */
const USERNAME = "retrofit-forwarder";
const FORMER = "Not-a-writers-0ne";
const writer = { username: USERNAME, password: "Not-the-next-0ne" };
let cluster: Cluster;

beforeAll(async () => {
  cluster = new Cluster(NODES, {
    user: { username: "retrofit", password: "Not-a-real-0ne" },
    authority: await newAuthority("logs"),
  });
  await cluster.start();
});
afterAll(() => cluster?.remove());

const whole = () =>
  untilGreen(cluster.clients(), "logs-dev", () => {}, { ...systemClock, sleep: () => systemClock.sleep(1) });

test("the nodes find each other and are one store, whole, in three zones", async () => {
  await whole();
  const nodes = await cluster
    .store(0)
    .send<{ nodes: Record<string, { name: string; attributes: { zone: string } }> }>("GET", "/_nodes");
  const found = Object.values(nodes.nodes).map(({ name, attributes }) => `${name} in ${attributes.zone}`);
  expect(found.sort()).toEqual(["node-0 in zone-0", "node-1 in zone-1", "node-2 in zone-2"]);
});

test("only who signs in gets an answer, and only by TLS", async () => {
  const ask = (user: { username?: string; password?: string }) => cluster.store(1, user).send("GET", "/");
  await expect(ask(cluster.secrets.user)).resolves.toHaveProperty("version.number");
  await expect(ask({ username: "retrofit", password: "guessed" })).rejects.toThrow(/answered 401/);
  await expect(ask({})).rejects.toThrow(/answered 401/);
  await expect(fetch(`http://${cluster.nodes[1]!.address}:9200/`)).rejects.toThrow();
});

test("clients that trust the store's authority know a node by the balancer's name, others refuse it", async () => {
  const shake = (ca: string | undefined, servername: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(
        { host: cluster.nodes[2]!.address, port: 9200, servername, ...(ca && { ca }) },
        () => {
          resolve("known");
          socket.end();
        },
      );
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  const { certificate } = cluster.secrets.authority;
  expect(await shake(certificate, BALANCER)).toBe("known");
  expect(await shake(certificate, "another.example.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  expect(await shake(undefined, BALANCER)).not.toBe("known");
});

const content = { environment: "dev", applications: ["shop"], retentionDays: 7, replicas: 1 };
/** What a setup did about machines' access. */
const access = async (password: string, username = USERNAME) => {
  const steps = await setUpStore(cluster.store(0), { ...content, writer: { username, password } });
  return Object.fromEntries(
    steps.flatMap(({ what, done }) =>
      /^(role|members|user) /.test(what) ? [[what.split(" ")[0], done]] : [],
    ),
  );
};

test("what goes in it goes into this form as well, and stays the same at the second time", async () => {
  expect(await access(FORMER)).toEqual({ role: "made", members: "made", user: "made" });
  const second = await setUpStore(cluster.store(0), {
    ...content,
    writer: { username: USERNAME, password: FORMER },
  });
  expect(new Set(second.map(({ done }) => done))).toEqual(new Set(["unchanged", "skipped"]));
});

test("a password that was rotated in the machines' secret is brought to the store by the next setup", async () => {
  const whoAmI = (password: string) =>
    cluster.store(1, { username: USERNAME, password }).send("GET", "/_plugins/_security/authinfo");
  await expect(whoAmI(writer.password)).rejects.toThrow(/answered 401/);
  expect(await access(writer.password)).toEqual({
    role: "unchanged",
    members: "unchanged",
    user: "changed",
  });
  await expect(whoAmI(writer.password)).resolves.toMatchObject({ user_name: USERNAME, roles: [WRITER_ROLE] });
  await expect(whoAmI(FORMER)).rejects.toThrow(/answered 401/);
});

test("machines of environments that share the store may have users of their own, and rights that were changed are set right", async () => {
  const role = `/_plugins/_security/api/roles/${WRITER_ROLE}`;
  await cluster.store(0).send("PUT", role, { cluster_permissions: ["*"], index_permissions: [] });
  expect(await access("Not-anothers-0ne", "other-writer")).toEqual({
    role: "changed",
    members: "changed",
    user: "made",
  });
  expect(await access(writer.password)).toEqual({
    role: "unchanged",
    members: "unchanged",
    user: "unchanged",
  });
});

test("machines' user is never the store's own, whose password setup would change", async () => {
  await expect(access("Another-0ne-here", cluster.secrets.user.username)).rejects.toThrow(
    /as retrofit, who may do everything/,
  );
});

/** As a machine sends them; the status of each. */
async function lines(...items: object[]): Promise<number[]> {
  const body = items.map((item) => `${JSON.stringify(item)}\n`).join("");
  const answer = await cluster
    .store(2, writer)
    .send<{ items: Record<string, { status: number }>[] }>("POST", "/_bulk", body);
  return answer.items.map((item) => Object.values(item)[0]!.status);
}
const create = (_index: string, _id: string) => ({ create: { _index, _id } });
const line = { "@timestamp": "2026-03-01T10:00:00Z", message: "INFO of a machine" };

/** Where a line is, and its number there. */
async function lineAt(_id: string) {
  const owner = cluster.store(0);
  await owner.send("POST", `/${STREAM}/_refresh`);
  const { data_streams } = await owner.send<{ data_streams: { indices: { index_name: string }[] }[] }>(
    "GET",
    `/_data_stream/${STREAM}`,
  );
  const _index = data_streams[0]!.indices[0]!.index_name;
  const found = await owner.send<{ _seq_no: number; _primary_term: number; _version: number }>(
    "GET",
    `/${_index}/_doc/${_id}`,
  );
  const place = { _index, _id, if_seq_no: found._seq_no, if_primary_term: found._primary_term };
  return { place, version: found._version };
}

test("a line is written over only by who knows its id and number, which the security plugin cannot refuse, and its version tells", async () => {
  expect(await lines(create(STREAM, "w0"), line)).toEqual([201]);
  const { place, version } = await lineAt("w0");
  expect(version).toBe(1);
  expect(await lines({ index: { ...place, if_seq_no: place.if_seq_no + 1 } }, line)).toEqual([409]);
  expect(await lines({ index: place }, line)).toEqual([200]);
  expect((await lineAt("w0")).version).toBe(2);
});

test("whoever has a machine's password can add lines, and neither read nor remove any", async () => {
  const owner = cluster.store(0);
  const machine = cluster.store(2, writer);
  expect(await lines(create(STREAM, "w1"), line, create("logs-system-dev", "w2"), line)).toEqual([201, 201]);
  // Sent again after an answer that was lost.
  expect(await lines(create(STREAM, "w1"), line)).toEqual([409]);
  // Before any setup of its environment, with fields that nothing has named.
  expect(await lines(create("logs-early-new", "w3"), { ...line, retrofit: { format: "plain" } })).toEqual([
    201,
  ]);
  expect(await lines(create("elsewhere", "w4"), line)).toEqual([403]);
  const { place } = await lineAt("w1");
  const backing = place._index;
  expect(await lines({ delete: place })).toEqual([403]);
  expect(await lines({ update: place }, { doc: line })).toEqual([403]);

  const refused: [method: string, path: string, body?: object][] = [
    ["POST", `/${STREAM}/_search`, { query: { match_all: {} } }],
    ["GET", "/logs-*/_count"],
    ["GET", `/${backing}/_doc/w1`],
    ["POST", "/_mget", { docs: [{ _index: backing, _id: "w1" }] }],
    ["POST", `/${STREAM}/_delete_by_query`, { query: { match_all: {} } }],
    ["POST", `/${STREAM}/_update_by_query`, { query: { match_all: {} } }],
    ["POST", "/_reindex", { source: { index: STREAM }, dest: { index: "logs-copy-dev", op_type: "create" } }],
    ["DELETE", `/_data_stream/${STREAM}`],
    ["DELETE", "/logs-early-new"],
    ["POST", `/${STREAM}/_rollover`],
    ["POST", `/${STREAM}/_close`],
    ["PUT", `/${STREAM}/_settings`, { "index.number_of_replicas": 0 }],
    ["PUT", `/${STREAM}/_mapping`, { properties: { more: { type: "keyword" } } }],
    ["PUT", "/_cluster/settings", { transient: { "action.auto_create_index": "false" } }],
    ["PUT", "/_ingest/pipeline/retrofit-logs", { processors: [{ drop: {} }] }],
    ["PUT", "/_index_template/all", { index_patterns: ["logs-*"], data_stream: {} }],
    ["PUT", `/_plugins/_security/api/internalusers/${USERNAME}`, { password: "Taken-0ver-now" }],
    ["GET", "/_plugins/_security/api/roles/"],
    ["GET", "/_cat/indices"],
  ];
  const answers = await Promise.all(
    refused.map(([method, path, body]) =>
      machine.send(method, path, body).then(
        () => `${method} ${path}: done`,
        ({ status }: StoreError) => `${method} ${path}: ${status}`,
      ),
    ),
  );
  expect(answers).toEqual(refused.map(([method, path]) => `${method} ${path}: 403`));
  const { _source } = await owner.send<{ _source: typeof line }>("GET", `/${backing}/_doc/w1`);
  expect(_source.message).toBe(line.message);
});

test("what CloudWatch hands to the function is found in the store, once however often it comes, with its secrets masked", async () => {
  const events = [
    { id: "37", timestamp: Date.parse("2026-03-01T10:00:00Z"), message: "2 111122223333 eni-1 REJECT OK" },
    {
      id: "38",
      timestamp: Date.parse("2026-03-01T10:00:01Z"),
      message: "ERROR: login at postgres://shop:hunter2secret@db/shop failed\n",
    },
  ];
  const batch = { messageType: "DATA_MESSAGE", logGroup: "/vpc/flow", logStream: "eni-1", logEvents: events };
  await withFunction(writer.password, async (handle) => {
    expect(await handle({ messageType: "CONTROL_MESSAGE", logEvents: [] })).toEqual({ lines: 0 });
    expect(await handle(batch)).toEqual({ lines: 2 });
    expect(await handle(batch)).toEqual({ lines: 2 });
  });
  await cluster.store(0).send("POST", "/logs-system-dev/_refresh");
  const { hits } = await cluster
    .store(0)
    .send<{ hits: { hits: { _source: Record<string, unknown> }[] } }>("POST", "/logs-system-dev/_search", {
      query: { term: { "event.dataset": "cloudwatch" } },
      sort: [{ "@timestamp": "asc" }],
    });
  expect(hits.hits.map(({ _source }) => _source)).toEqual([
    expect.objectContaining({
      message: "2 111122223333 eni-1 REJECT OK",
      "@timestamp": "2026-03-01T10:00:00.000Z",
      service: { name: "aws", environment: "dev" },
    }),
    expect.objectContaining({ log: expect.objectContaining({ level: "error", logger: "/vpc/flow" }) }),
  ]);
  expect(JSON.stringify(hits)).not.toContain("hunter2secret");
});

test("a batch that the store does not take is not lost: the function fails, and CloudWatch tries again", async () => {
  const event = { id: "39", timestamp: 1, message: "late" };
  const batch = { messageType: "DATA_MESSAGE", logGroup: "g", logStream: "s", logEvents: [event] };
  await withFunction("a former password", (handle) =>
    expect(handle(batch)).rejects.toThrow(/The log store answered 401/),
  );
});

test("every node is replaced by a machine of another address while lines come in: whole before each, none lost, none twice", async () => {
  const machine = new Writer(cluster);
  const { count: before } = await cluster.store(0).send<{ count: number }>("GET", `/${STREAM}/_count`);
  machine.start();
  for (let number = 0; number < NODES; number += 1) {
    await whole();
    await cluster.replace(number);
  }
  await whole();
  const written = await machine.end();
  const { count } = await cluster.store(0).send<{ count: number }>("GET", `/${STREAM}/_count`);
  expect(written).toBeGreaterThan(20);
  expect(count).toBe(before + written);
  expect(cluster.metrics().at(-1)).toMatchObject({ LogStoreRed: 0, LogStoreHeapUsed: expect.any(Number) });
});

test("a node that is missing is told, and would keep the next from being replaced", async () => {
  const [first, second] = cluster.nodes;
  await second!.stop();
  await until(
    "the others have noticed",
    () =>
      first!.program("health", String(NODES)).then(
        () => false,
        ({ stderr }: { stderr: string }) => /2 of 3 nodes/.test(stderr),
      ),
    60,
  );
  await first!.program("watch");
  expect(cluster.metrics().at(-1)).toMatchObject({ LogStoreYellow: 1 });
});

type Handle = (batch: object) => Promise<unknown>;

/** The function as Lambda runs it, but for Secrets Manager, which is a server here that knows one password. */
async function withFunction(password: string, use: (handle: Handle) => Promise<void>): Promise<void> {
  const { username } = writer;
  const SecretString = JSON.stringify({ username, password });
  const secrets = createServer((_, answer) => answer.end(JSON.stringify({ SecretString })));
  await new Promise<void>((resolve) => secrets.listen(0, "127.0.0.1", resolve));
  const { port } = secrets.address() as AddressInfo;
  const aws = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: "eu-central-1" };
  Object.assign(process.env, aws, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  const env = {
    STORE_ENDPOINT: cluster.store(0).endpoint,
    STORE_SECRET: "arn:aws:secretsmanager:eu-central-1:1:secret:user",
    STORE_CERTIFICATE: cluster.secrets.authority.certificate,
    STREAM: "logs-system-dev",
    PIPELINE: NAMES.maskingPipeline,
    ENVIRONMENT: "dev",
  };
  const exports: { handler?: (event: object) => Promise<unknown> } = {};
  new Function("require", "exports", "process", carryInProgram)(createRequire(__filename), exports, { env });
  try {
    await use((batch) => {
      const data = gzipSync(JSON.stringify(batch)).toString("base64");
      return exports.handler!({ awslogs: { data } });
    });
  } finally {
    secrets.close();
    secrets.closeAllConnections();
  }
}

/** Sends a line after the other, each until a node has taken it, with an id that the store takes once. */
class Writer {
  private ended = false;
  private written = 0;
  private work: Promise<void> | undefined;

  constructor(private readonly to: Cluster) {}

  start(): void {
    this.work = this.write();
  }

  async end(): Promise<number> {
    this.ended = true;
    await this.work;
    await this.to.store(0).send("POST", `/${STREAM}/_refresh`);
    return this.written;
  }

  private async write(): Promise<void> {
    for (let turn = 0; !this.ended; turn += 1) {
      const line = { "@timestamp": new Date().toISOString(), message: `line ${this.written}` };
      const body = `${JSON.stringify({ create: { _index: STREAM, _id: `line-${this.written}` } })}\n${JSON.stringify(line)}\n`;
      const taken = await this.to
        .store(turn % NODES, writer)
        .send<{ items: { create: { status: number } }[] }>("POST", "/_bulk", body)
        .then(
          // 409: taken before, and the answer was lost.
          ({ items }) => [201, 409].includes(items[0]!.create.status),
          () => false,
        );
      if (taken) this.written += 1;
      await systemClock.sleep(0.1);
    }
  }
}
