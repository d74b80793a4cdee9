import { type Asked, type SmallServer, startSmallServer } from "../../../tests/support/small-server";
import { LogStore } from "./store";
import { setUpWriter, WRITER_RIGHTS } from "./writer";

const API = "/_plugins/_security/api";
const machine = { username: "retrofit-forwarder", password: "Of-a-machine-1" };
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

let server: SmallServer;
/** What the security plugin has, by path. */
let there: Map<string, Record<string, unknown>>;
let hasPlugin: boolean;

beforeEach(async () => {
  there = new Map();
  hasPlugin = true;
  server = await startSmallServer(plugin);
});
afterEach(() => server.stop());

/** As the security plugin answers, which adds to a role what it knows of it and never gives a password out. */
function plugin({ method, path, headers, body }: Asked): { status: number; body: unknown } {
  if (!hasPlugin)
    return { status: 400, body: { error: `no handler found for uri [${path}] and method [${method}]` } };
  if (path === "/_plugins/_security/authinfo") {
    const { password } = there.get(`${API}/internalusers/${machine.username}`) ?? {};
    return headers.authorization === basic(machine.username, String(password))
      ? { status: 200, body: {} }
      : { status: 401, body: "Unauthorized" };
  }
  expect(headers.authorization).toBe(basic("retrofit", "Of-the-0wner"));
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (method === "PUT") {
    there.set(path, JSON.parse(body) as Record<string, unknown>);
    return { status: 201, body: { status: "CREATED" } };
  }
  const found = there.get(path);
  if (!found) return { status: 404, body: { status: "NOT_FOUND" } };
  const { password, ...rest } = found;
  return { status: 200, body: { [name]: { ...rest, reserved: false, hidden: false, static: false } } };
}

const setUp = async (writer = machine) => {
  const owner = new LogStore({ endpoint: server.url, user: "retrofit", password: "Of-the-0wner" });
  server.asked.length = 0;
  return (await setUpWriter(owner, writer)).map(({ done }) => done);
};
const changes = () => server.asked.flatMap(({ method, path }) => (method === "PUT" ? [path] : []));

test("role, who has it, and then the user are made; once", async () => {
  expect(await setUp()).toEqual(["made", "made", "made"]);
  expect(changes()).toEqual([
    `${API}/roles/retrofit_forwarder`,
    `${API}/rolesmapping/retrofit_forwarder`,
    `${API}/internalusers/retrofit-forwarder`,
  ]);
  expect(there.get(changes()[0]!)).toEqual(WRITER_RIGHTS);
  expect(there.get(changes()[1]!)).toMatchObject({ users: ["retrofit-forwarder"] });
  expect(there.get(changes()[2]!)).toEqual({ password: machine.password, backend_roles: [] });
  expect(await setUp()).toEqual(["unchanged", "unchanged", "unchanged"]);
  expect(changes()).toEqual([]);
});

test("the role holds nothing but what brings lines in", () => {
  const { cluster_permissions, index_permissions } = WRITER_RIGHTS;
  const rights = [...cluster_permissions, ...index_permissions.flatMap((one) => [...one.allowed_actions])];
  for (const right of rights) {
    expect(right).toMatch(/^indices:(data\/write\/(bulk\*?|index)|admin\/create)$/);
  }
  expect(index_permissions.flatMap(({ index_patterns }) => [...index_patterns])).toEqual(["logs-*"]);
});

test("a rotated password is brought in, and only that", async () => {
  await setUp();
  expect(await setUp({ ...machine, password: "Of-a-machine-2" })).toEqual([
    "unchanged",
    "unchanged",
    "changed",
  ]);
  expect(changes()).toEqual([`${API}/internalusers/retrofit-forwarder`]);
});

test("users of other environments stay in, and who was let in by hand", async () => {
  const mapping = `${API}/rolesmapping/retrofit_forwarder`;
  there.set(mapping, { users: ["other"], backend_roles: ["shippers"], hosts: [] });
  expect(await setUp()).toEqual(["made", "changed", "made"]);
  expect(there.get(mapping)).toEqual({
    users: ["other", "retrofit-forwarder"],
    backend_roles: ["shippers"],
    hosts: [],
  });
});

test("rights that somebody has widened are set right", async () => {
  await setUp();
  there.set(`${API}/roles/retrofit_forwarder`, { ...WRITER_RIGHTS, cluster_permissions: ["*"] });
  expect(await setUp()).toEqual(["changed", "unchanged", "unchanged"]);
});

test("a store that asks nobody to sign in has no users, and that is all right", async () => {
  hasPlugin = false;
  expect(await setUp()).toEqual(["skipped"]);
});

test("the store's own user is never that of machines", async () => {
  await expect(setUp({ username: "retrofit", password: "x" })).rejects.toThrow(
    /sign in to the log store as retrofit, who may do everything.*Give the machines' secret/,
  );
  expect(server.asked).toEqual([]);
});
