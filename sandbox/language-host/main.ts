/**
 * `pulumi-language-nodejs` of the sandbox, for an engine that was built from Go modules: the official host's module is
 * not among them in any version that knows resource hooks. Started by the engine with its address as the last argument.
 */
import * as grpc from "@grpc/grpc-js";
import { languageServices } from "./service";

async function main(): Promise<void> {
  const engine = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const { definition, implementation, end } = languageServices(engine ?? "");
  server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const parent = process.ppid;
  // The engine may be killed without a word; nothing of ours outlives it.
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 500).unref();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  process.stdout.write(`${port}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
