/** A machine that ships lines before the store knows its user, as at the first update of an environment. */
import { sleep, until } from "../support/sandbox";
import { type SmallServer, startSmallServer } from "../support/small-server";
import { FOLDER_OF_LOGS, TestForwarder } from "./support/forwarder";

jest.setTimeout(5 * 60_000);

const LINES = 500;
const SIGN_IN = Buffer.from("retrofit-forwarder:Of-a-machine-1").toString("base64");

let store: SmallServer;
let machine: TestForwarder;
/** What the store answers to who signs in, and how often it refused. */
let status: 401 | 403 | 200 = 401;
const refused = { 401: 0, 403: 0 };
const taken: string[] = [];

beforeAll(async () => {
  store = await startSmallServer(({ headers, body }) => {
    expect(headers.authorization).toBe(`Basic ${SIGN_IN}`);
    if (status !== 200) {
      refused[status] += 1;
      return { status, body: { status } };
    }
    const documents = body.split("\n").filter((line) => line.includes('"message"'));
    for (const document of documents) taken.push((JSON.parse(document) as { message: string }).message);
    return { status: 200, body: { errors: false, items: [] } };
  });
  machine = await TestForwarder.make(
    {
      environment: "dev",
      output: { endpoint: store.url, authentication: "basic" },
      sources: [{ type: "files", name: "access", application: "shop", paths: [`${FOLDER_OF_LOGS}/*.log`] }],
    },
    { RETROFIT_LOGS_BASIC: SIGN_IN },
  );
  await machine.start();
});
afterAll(async () => {
  await machine?.remove();
  await store?.stop();
});

test("lines that are refused, since there is no such user yet or it has no rights yet, are sent until they are taken, each once", async () => {
  const wanted = Array.from({ length: LINES }, (_, n) => `early ${n}`);
  machine.write("early.log", `${wanted.join("\n")}\n`);
  await until("it was refused more than once", async () => refused[401] >= 2, 90);
  status = 403;
  await until("it was refused for want of rights", async () => refused[403] >= 2, 90);
  status = 200;
  const early = () => taken.filter((message) => message.startsWith("early "));
  await until("every line was taken", async () => early().length >= LINES, 90);
  // Time for what would come twice.
  await sleep(2_000);
  expect(early().sort()).toEqual(wanted.sort());
});
