// The shop. One process per machine; HOST, PORT and MACHINE_ID come from the machine.
const { createServer } = require("node:http");
const { version } = require("./package.json");
const files = require("./files");
const { countVisit } = require("./sessions");

const colour = "#1f6feb";
const products = [
  { name: "Kettle", price: 39 },
  { name: "Lamp", price: 59 },
];

const json = (value) => ["application/json", JSON.stringify(value)];
const routes = {
  "/": () => ["text/html; charset=utf-8", page()],
  "/healthz": () => ["text/plain", "ok"],
  "/api/version": () => json({ version, machine: process.env.MACHINE_ID ?? null }),
  "/api/products": () => json(products),
  // A visitor's own counter, kept across machines and releases where there is a session store.
  "/session": async (_query, request, response) => {
    const { cookie, count } = await countVisit(request);
    response.setHeader("Set-Cookie", cookie);
    return json({ count, release: version, machine: process.env.MACHINE_ID ?? null });
  },
  "/files": async () => json(await files.processed()),
  "POST /files": async (query, request) => json(await files.upload(query.get("name") ?? "", request)),
  "POST /files/prices": async () => json(await files.download(`prices-${today()}.json`)),
  "POST /files/batch": async () => json(await files.batch(`batch-${today()}.jsonl`, products)),
  // Answers late, as a report or an upload would.
  "/slow": async (query) => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(Number(query.get("ms") ?? 1000), 60_000)));
    return ["text/plain", "done"];
  },
};

const today = () => new Date().toISOString().slice(0, 10);

function page() {
  const rows = products.map(({ name, price }) => `<li>${name}: ${price.toFixed(2)} €</li>`).join("");
  return `<!doctype html><title>Shop ${version}</title>
<body style="font-family:sans-serif;background:${colour};color:#fff;text-align:center">
<h1>Shop</h1><p>release ${version}</p><ul style="list-style:none;padding:0">${rows}</ul>`;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://shop");
  const answer = (status, type, body) => {
    const headers = { "Content-Type": type, "Content-Length": Buffer.byteLength(body), "X-Release": version };
    // While it ends, a client is told to come back on another connection.
    response.writeHead(status, server.listening ? headers : { ...headers, Connection: "close" }).end(body);
  };
  try {
    const route = routes[`${request.method} ${url.pathname}`] ?? routes[url.pathname];
    if (route === undefined) answer(404, "text/plain", "not found");
    else answer(200, ...(await route(url.searchParams, request, response)));
  } catch (error) {
    if (error.status) return answer(error.status, "text/plain", error.message);
    console.error(error);
    answer(500, "text/plain", "internal error");
  }
});

// Longer than the load balancer keeps an idle connection (60 s), so that it is never the one that closes in between.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? "0.0.0.0", () =>
  console.log(`shop ${version} listens`),
);
// Takes no new connections, finishes what it is answering, and ends.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
