// The smallest application that a release needs: what matters here are the migrations beside it.
const { createServer } = require("node:http");
const { version } = require("./package.json");

const server = createServer((request, response) => {
  response.setHeader("X-Release", version);
  response.end(request.url === "/healthz" ? "ok" : `release ${version}`);
});
// Longer than the load balancer keeps a connection, so that it never meets one that is just being closed.
server.keepAliveTimeout = 65_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? "127.0.0.1");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
