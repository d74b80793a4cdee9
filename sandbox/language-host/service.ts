import type { ChildProcess } from "node:child_process";
import type * as grpc from "@grpc/grpc-js";
import { startAnalyzer } from "./run-analyzer";
import { startProgram } from "./run-program";

// The SDK ships its protocol as generated JavaScript; the service definitions have no types of their own.
const languageGrpc = require("@pulumi/pulumi/proto/language_grpc_pb");
const language: typeof import("@pulumi/pulumi/proto/language_pb") = require("@pulumi/pulumi/proto/language_pb");
const plugin: typeof import("@pulumi/pulumi/proto/plugin_pb") = require("@pulumi/pulumi/proto/plugin_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");

type Answer<T> = grpc.sendUnaryData<T>;
type Call<T> = grpc.ServerUnaryCall<T, unknown>;
type RunRequest = import("@pulumi/pulumi/proto/language_pb").RunRequest;
type RunPluginRequest = import("@pulumi/pulumi/proto/language_pb").RunPluginRequest;

/** Exit code by which the SDK says that it has told the user everything already. */
const ALREADY_TOLD = 32;

export interface LanguageServices {
  definition: grpc.ServiceDefinition;
  implementation: grpc.UntypedServiceImplementation;
  /** Ends the programs under way and this process. */
  end(): void;
}

export function languageServices(engineAddress: string): LanguageServices {
  let engine = engineAddress;
  const programs = new Set<ChildProcess>();
  const end = () => {
    for (const program of programs) program.kill("SIGTERM");
    process.exit(0);
  };

  const run = (call: Call<RunRequest>, answer: Answer<unknown>) => {
    const program = startProgram(call.request, engine);
    programs.add(program);
    program.on("error", (error) =>
      answer({ code: 2, details: `the program could not be started: ${error.message}` }),
    );
    program.on("exit", (code, signal) => {
      programs.delete(program);
      answer(null, outcome(code, signal));
    });
  };

  /** A policy pack: it lives until the engine hangs up. What it prints goes back, the first line being its port. */
  const runPlugin = (call: grpc.ServerWritableStream<RunPluginRequest, unknown>) => {
    if (call.request.getKind() !== "analyzer") {
      return call.destroy(Object.assign(new Error("only policy packs can be run from source"), { code: 12 }));
    }
    const pack = startAnalyzer(call.request);
    programs.add(pack);
    const send = (set: "setStdout" | "setStderr") => (chunk: Buffer) => {
      const response = new language.RunPluginResponse();
      response[set](chunk);
      if (!call.cancelled) call.write(response);
    };
    pack.stdout?.on("data", send("setStdout"));
    pack.stderr?.on("data", send("setStderr"));
    call.on("cancelled", () => pack.kill("SIGTERM"));
    pack.on("error", (error) => call.destroy(Object.assign(error, { code: 2 })));
    pack.on("close", (code) => {
      programs.delete(pack);
      const response = new language.RunPluginResponse();
      response.setExitcode(code ?? 0);
      if (call.cancelled) return;
      call.write(response);
      call.end();
    });
  };

  const implementation = {
    handshake: (call: Call<{ getEngineAddress(): string }>, answer: Answer<unknown>) => {
      engine = call.request.getEngineAddress() || engine;
      answer(null, new language.LanguageHandshakeResponse());
    },
    getPluginInfo: (_: unknown, answer: Answer<unknown>) => {
      const info = new plugin.PluginInfo();
      info.setVersion(require("@pulumi/pulumi/package.json").version);
      answer(null, info);
    },
    // Which plugins a program needs is known when it asks for them; the sandbox has put them in place before.
    getRequiredPlugins: (_: unknown, answer: Answer<unknown>) =>
      answer(null, new language.GetRequiredPluginsResponse()),
    getRequiredPackages: (_: unknown, answer: Answer<unknown>) =>
      answer(null, new language.GetRequiredPackagesResponse()),
    run,
    runPlugin,
    about: (_: unknown, answer: Answer<unknown>) => {
      const about = new language.AboutResponse();
      about.setExecutable(process.execPath);
      about.setVersion(process.version);
      answer(null, about);
    },
    getProgramDependencies: (_: unknown, answer: Answer<unknown>) =>
      answer(null, new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: (_: unknown, answer: Answer<unknown>) =>
      answer(null, new language.RuntimeOptionsResponse()),
    cancel: (_: unknown, answer: Answer<unknown>) => {
      answer(null, new Empty());
      end();
    },
  };
  return { definition: languageGrpc.LanguageRuntimeService, implementation, end };
}

function outcome(code: number | null, signal: NodeJS.Signals | null) {
  const response = new language.RunResponse();
  if (code === ALREADY_TOLD) response.setBail(true);
  else if (code !== 0) {
    response.setError(
      `the program ended ${signal ? `by ${signal}` : `with exit code ${code}`} without saying why`,
    );
  }
  return response;
}
