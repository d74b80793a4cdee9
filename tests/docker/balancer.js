/**
 * A load balancer for tests, as far as a host can tell: it checks the ports that are registered and divides requests among
 * those that are healthy.
 *
 *     balancer.js serve <port>
 *     balancer.js load <port>            requests one after another until standard input ends; then prints what came back
 */
const { createServer, request, Agent } = require("node:http");

const [mode, ...words] = process.argv.slice(2);
const agent = new Agent({ keepAlive: false });
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (mode === "serve") serve(Number(words[0]));
else if (mode === "load") load(Number(words[0]));

/** Requests come in at `port`; the next port is the target group's API: `/register/8080`, `/deregister/8080`, `/state/8080`. */
function serve(port) {
  const states = new Map();
  const open = new Map();
  let turn = 0;
  createServer((asked, answer) => {
    const healthy = [...states].flatMap(([target, state]) => (state === "healthy" ? [target] : []));
    const target = healthy[turn++ % healthy.length];
    if (!target) return answer.writeHead(503).end();
    open.set(target, (open.get(target) ?? 0) + 1);
    const done = () => open.set(target, open.get(target) - 1);
    const passed = request({ port: Number(target), path: asked.url, agent }, (got) => {
      answer.writeHead(got.statusCode);
      got.pipe(answer);
      got.once("end", done);
    });
    passed.once("error", () => {
      done();
      answer.writeHead(502).end();
    });
    passed.end();
  }).listen(port, "127.0.0.1");
  createServer((asked, answer) => {
    const [, action, target] = asked.url.split("/");
    const state = states.get(target) ?? "unused";
    if (action === "register" && (state === "unused" || state === "draining")) states.set(target, "initial");
    if (action === "deregister" && state !== "unused") states.set(target, "draining");
    answer.end(states.get(target) ?? "unused");
  }).listen(port + 1, "127.0.0.1");
  setInterval(() => {
    for (const [target, state] of states) {
      if (state === "initial") check(target, () => states.set(target, "healthy"));
      if (state === "draining" && !open.get(target)) states.set(target, "unused");
    }
  }, 100);
}

function check(target, healthy) {
  request({ port: Number(target), path: "/", agent }, (got) => {
    got.resume();
    if (got.statusCode === 200) healthy();
  })
    .on("error", () => undefined)
    .end();
}

async function load(port) {
  const seen = {};
  let asking = true;
  process.stdin.on("end", () => {
    asking = false;
  });
  process.stdin.resume();
  const ask = () =>
    new Promise((resolve) => {
      request({ port, path: "/", agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve(`${answer.statusCode} ${text.trim()}`));
      })
        .on("error", (error) => resolve(error.code))
        .end();
    });
  const worker = async () => {
    while (asking) {
      const answer = await ask();
      seen[answer] = (seen[answer] ?? 0) + 1;
      await pause(5);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  console.log(JSON.stringify(seen));
}
