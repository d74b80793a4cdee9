import type { ChildProcess } from "node:child_process";
import type * as grpc from "@grpc/grpc-js";
import { startProgram } from "./run-program";

// The SDK ships its protocol as generated JavaScript; the service definitions have no types of their own.
const languageGrpc = require("@pulumi/pulumi/proto/language_grpc_pb");
const language: typeof import("@pulumi/pulumi/proto/language_pb") = require("@pulumi/pulumi/proto/language_pb");
const plugin: typeof import("@pulumi/pulumi/proto/plugin_pb") = require("@pulumi/pulumi/proto/plugin_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");

type Answer<T> = grpc.sendUnaryData<T>;
type Call<T> = grpc.ServerUnaryCall<T, unknown>;
type RunRequest = import("@pulumi/pulumi/proto/language_pb").RunRequest;

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
