// Sessions in a store that all machines share, so that any of them can serve any visitor. Speaks to Redis or Valkey by
// itself: the shop has no dependencies. Without SESSION_STORE_HOST there is no store.
const { randomBytes } = require("node:crypto");
const tls = require("node:tls");

const { SESSION_STORE_HOST: host, SESSION_STORE_PORT, SESSION_STORE_USER, SESSION_STORE_TOKEN } = process.env;
const lifetimeSeconds = 3600;
const answerWithin = 2000;

let connection;

/** One connection for all requests; commands are answered in the order in which they were sent. */
function connect() {
  const socket = tls.connect({ host, port: Number(SESSION_STORE_PORT ?? 6379) });
  const waiting = [];
  let received = "";
  const own = {};
  const fail = (error) => {
    // The next request makes another connection.
    if (connection === own) connection = undefined;
    for (const { reject } of waiting.splice(0)) reject(error);
    socket.destroy();
  };
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    received += chunk;
    // All answers here are of one line: +OK, :1, -ERR …
    for (let end = received.indexOf("\r\n"); end >= 0; end = received.indexOf("\r\n")) {
      const [kind, text] = [received[0], received.slice(1, end)];
      received = received.slice(end + 2);
      const { resolve, reject } = waiting.shift();
      if (kind === "-") reject(new Error(text));
      else resolve(kind === ":" ? Number(text) : text);
    }
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the session store closed the connection")));
  own.send = (...words) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(new Error("the session store does not answer")), answerWithin);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      waiting.push({ resolve: settle(resolve), reject: settle(reject) });
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  if (SESSION_STORE_TOKEN) {
    own.send("AUTH", SESSION_STORE_USER ?? "default", SESSION_STORE_TOKEN).catch((error) => {
      console.error(`the session store refuses: ${error.message}`);
      // The token was changed. A new start reads it anew.
      if (error.message.startsWith("WRONGPASS")) process.exit(1);
    });
  }
  return own;
}

/** Counts a visit of the session named in the request's cookie, or of a new one. */
async function countVisit(request) {
  const known = /(?:^|;\s*)session=([0-9a-f]{32})(?:;|$)/.exec(request.headers.cookie ?? "");
  const id = known?.[1] ?? randomBytes(16).toString("hex");
  const cookie = `session=${id}; Path=/; Max-Age=${lifetimeSeconds}; HttpOnly; SameSite=Lax`;
  if (host === undefined) return { cookie, count: null };
  connection ??= connect();
  const { send } = connection;
  const [count] = await Promise.all([
    send("INCR", `session:${id}`),
    send("EXPIRE", `session:${id}`, String(lifetimeSeconds)),
  ]);
  return { cookie, count };
}

module.exports = { countVisit };
