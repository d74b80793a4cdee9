/**
 * Runs where containers publish their ports and hands connections on: each that comes in by the Unix socket begins with two
 * bytes, the port that it is for.
 */
const { connect, createServer } = require("node:net");

createServer({ allowHalfOpen: true }, (outer) => {
  outer.once("data", (first) => {
    const inner = connect({ host: "127.0.0.1", port: first.readUInt16BE(0), allowHalfOpen: true });
    inner.write(first.subarray(2));
    inner.on("error", () => outer.destroy());
    outer.on("error", () => inner.destroy());
    inner.on("close", () => outer.destroy());
    outer.on("close", () => inner.destroy());
    outer.pipe(inner).pipe(outer);
  });
  outer.on("error", () => undefined);
}).listen(process.argv[2], () => console.log("ready"));
