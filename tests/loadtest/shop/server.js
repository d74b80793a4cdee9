// A shop whose pages need one layer each: the machine alone, the database, or the session store.
const { createServer } = require("node:http");
const { Pool } = require("pg");
const { countVisit } = require("sessions");

const { DATABASE_HOST: host, DATABASE_PORT, DATABASE_NAME: database, DATABASE_USER: user } = process.env;
const pool = new Pool({
  ...{ host, port: Number(DATABASE_PORT), database, user, password: process.env.DATABASE_PASSWORD },
  ssl: true,
  max: 10,
});
pool.on("error", () => {}); // The next query takes another connection.

const routes = {
  "/": async () => "shop",
  "/healthz": async () => "ok",
  // As a page that is rendered at length.
  "/report": async () => {
    let sum = 0;
    for (let i = 0; i < 2_000_000; i++) sum += Math.sqrt(i);
    return String(sum);
  },
  // As a query without an index.
  "/orders": async () => {
    const { rows } = await pool.query("SELECT sum(sqrt(n)) FROM generate_series(1, 60000) AS n");
    return String(rows[0].sum);
  },
  "/session": async (request, response) => {
    const { cookie, count } = await countVisit(request);
    response.setHeader("Set-Cookie", cookie);
    return String(count);
  },
};

const server = createServer(async (request, response) => {
  try {
    const body = await routes[new URL(request.url, "http://shop").pathname](request, response);
    response.writeHead(200, { "X-Release": process.env.RELEASE }).end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
