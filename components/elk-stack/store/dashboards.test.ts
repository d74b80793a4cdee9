import { type Asked, type SmallServer, startSmallServer } from "../../../tests/support/small-server";
import { importSavedObjects } from "./dashboards";
import { LogStore } from "./store";

let server: SmallServer;
/** What Dashboards have, by type and id; and what they say to an import, if not that it was done. */
let there: Map<string, { attributes: object }>;
let refuses: object | undefined;

beforeEach(async () => {
  there = new Map();
  refuses = undefined;
  server = await startSmallServer(dashboards);
});
afterEach(() => server.stop());

/** As OpenSearch Dashboards answer. */
function dashboards({ method, path, headers, body }: Asked): { status: number; body: unknown } {
  if (!path.startsWith("/_dashboards/api/saved_objects/")) return { status: 404, body: { statusCode: 404 } };
  if (headers["osd-xsrf"] === undefined) return { status: 400, body: { message: "no osd-xsrf header" } };
  if (method === "GET") {
    const found = there.get(path.replace("/_dashboards/api/saved_objects/", ""));
    return found ? { status: 200, body: found } : { status: 404, body: { statusCode: 404 } };
  }
  if (refuses) return { status: 200, body: refuses };
  const objects = linesOfForm(headers["content-type"] ?? "", body).map(
    (line) => JSON.parse(line) as { type: string; id: string; attributes: object },
  );
  for (const object of objects) there.set(`${object.type}/${object.id}`, object);
  return { status: 200, body: { success: true, successCount: objects.length } };
}

/** The lines of the one file in a form. */
function linesOfForm(type: string, body: string): string[] {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(type)?.[1];
  const [before, part, after] = body.split(`--${boundary}`);
  expect([before, after]).toEqual(["", "--\r\n"]);
  const [head, content] = part!.split("\r\n\r\n");
  expect(head).toMatch(/name="file"; filename="[^"]+\.ndjson"/);
  return content!.trim().split("\n");
}

const bring = () =>
  importSavedObjects(
    new LogStore({ endpoint: "http://127.0.0.1:1", user: "retrofit", password: "p" }),
    `${server.url}/_dashboards`,
  );

test("saved searches and the dashboard are imported with the store's user for everybody, and once only", async () => {
  expect((await bring()).done).toBe("made");
  expect([...there.keys()]).toEqual(
    expect.arrayContaining([
      "index-pattern/retrofit-logs",
      "search/retrofit-errors",
      "dashboard/retrofit-logs",
    ]),
  );
  const imported = server.asked.at(-1)!;
  expect(imported.path).toBe("/_dashboards/api/saved_objects/_import?overwrite=true");
  expect(imported.headers).toMatchObject({
    authorization: `Basic ${Buffer.from("retrofit:p").toString("base64")}`,
    securitytenant: "global",
  });
  expect((await bring()).done).toBe("unchanged");
  expect(server.asked.at(-1)!.method).toBe("GET");
});

test("what another version has imported is replaced", async () => {
  there.set("dashboard/retrofit-logs", {
    attributes: { description: "Made by Retrofit. [0123456789abcdef]" },
  });
  expect((await bring()).done).toBe("changed");
  expect((await bring()).done).toBe("unchanged");
});

test("Dashboards that refuse an object are told with their reason", async () => {
  refuses = { success: false, errors: [{ type: "search", id: "x", error: { type: "unsupported_type" } }] };
  expect(await bring()).toMatchObject({
    done: "skipped",
    why: 'not imported: Dashboards refused search x: {"type":"unsupported_type"}',
  });
});

test("a store without Dashboards, and Dashboards that do not answer, are told and no failure", async () => {
  const store = new LogStore({ endpoint: server.url });
  expect(await importSavedObjects(store, `${server.url}/elsewhere`)).toMatchObject({
    done: "skipped",
    why: 'not imported: Dashboards answered 404: {"statusCode":404}',
  });
  expect(await importSavedObjects(store, "http://127.0.0.1:1/_dashboards")).toMatchObject({
    done: "skipped",
    why: expect.stringMatching(
      /^not imported: http:\/\/127.0.0.1:1\/_dashboards cannot be reached: .*ECONNREFUSED/,
    ),
  });
});
