// The shop. One process per machine; HOST, PORT and MACHINE_ID come from the machine.
const { createServer } = require("node:http");
const { version } = require("./package.json");

const colour = "#cf222e";
const products = [
  { name: "Kettle", price: 39 },
  { name: "Lamp", price: 59 },
];

const json = (value) => ["application/json", JSON.stringify(value)];
const routes = {
  "/": () => ["text/html; charset=utf-8", page()],
  // Broken on purpose: everything works but the health check.
  "/healthz": () => {
    throw new Error("the database is not there");
  },
  "/api/version": () => json({ version, machine: process.env.MACHINE_ID ?? null }),
  "/api/products": () => json(products),
  // Answers late, as a report or an upload would.
  "/slow": async (query) => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(Number(query.get("ms") ?? 1000), 60_000)));
    return ["text/plain", "done"];
  },
};

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
    const route = routes[url.pathname];
    if (route === undefined) answer(404, "text/plain", "not found");
    else answer(200, ...(await route(url.searchParams)));
  } catch (error) {
    console.error(error);
    answer(503, "text/plain", "not ready");
  }
});

// Longer than the load balancer keeps an idle connection (60 s), so that it is never the one that closes in between.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? "0.0.0.0", () =>
  console.log(`shop ${version} listens`),
);
// Takes no new connections, finishes what it is answering, and ends.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
