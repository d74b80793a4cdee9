/**
 * Stands in for the Pulumi engine, so that a program's own start can be measured without what an engine and a provider
 * take. It speaks the same protocol over the same kind of connection and answers at once, as a preview would: what only
 * AWS knows is unknown.
 */
import * as grpc from "@grpc/grpc-js";
import { type LogRequest, SetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";

// The SDK ships these as generated JavaScript that fits no type of grpc-js exactly.
const { ResourceMonitorService } = require("@pulumi/pulumi/proto/resource_grpc_pb");
const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb");
const provider: typeof import("@pulumi/pulumi/proto/provider_pb") = require("@pulumi/pulumi/proto/provider_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");

type Handler<Request, Response> = (request: Request) => Response;

/** Answers of the provider functions that the program asks. */
const FUNCTIONS: Record<string, Record<string, unknown>> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": {
    id: "eu-central-1",
    names: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  },
  "aws:index/getRegion:getRegion": { id: "eu-central-1", region: "eu-central-1" },
  "aws:ec2/getAmi:getAmi": { id: "ami-0123456789abcdef0" },
};

export class StubEngine {
  /** Types of the resources that were registered since the last call of `take`. */
  private types: string[] = [];
  private errors: string[] = [];

  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
  ) {}

  static async start(): Promise<StubEngine> {
    const server = new grpc.Server({
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const engine = new StubEngine(server, `127.0.0.1:${port}`);
    server.addService(ResourceMonitorService, answering(engine.monitor()));
    server.addService(EngineService, answering(engine.logs()));
    return engine;
  }

  /** What a program registered; an error when it reported one. */
  take(): string[] {
    const { types, errors } = this;
    this.types = [];
    this.errors = [];
    if (errors.length > 0) throw new Error(`the program reported: ${errors.join("\n")}`);
    return types;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private monitor(): Record<string, Handler<never, unknown>> {
    const nothing = () => new Empty();
    return {
      supportsFeature: () => {
        const answer = new resource.SupportsFeatureResponse();
        answer.setHassupport(true);
        return answer;
      },
      registerResource: (request: resource.RegisterResourceRequest) => {
        this.types.push(request.getType());
        const answer = new resource.RegisterResourceResponse();
        answer.setUrn(`urn:pulumi:dev::retrofit::${request.getType()}::${request.getName()}`);
        answer.setObject(request.getObject());
        return answer;
      },
      readResource: (request: resource.ReadResourceRequest) => {
        const answer = new resource.ReadResourceResponse();
        answer.setUrn(`urn:pulumi:dev::retrofit::${request.getType()}::${request.getName()}`);
        answer.setProperties(request.getProperties());
        return answer;
      },
      invoke: (request: resource.ResourceInvokeRequest): InvokeResponse => {
        const known = FUNCTIONS[request.getTok()];
        if (!known) throw new Error(`the stub engine has no answer for ${request.getTok()}`);
        const answer = new provider.InvokeResponse();
        answer.setReturn(Struct.fromJavaScript(known));
        return answer;
      },
      registerResourceOutputs: nothing,
      registerResourceHook: nothing,
      registerErrorHook: nothing,
      registerStackTransform: nothing,
      registerStackInvokeTransform: nothing,
      signalAndWaitForShutdown: nothing,
    };
  }

  private logs(): Record<string, Handler<never, unknown>> {
    return {
      log: (request: LogRequest) => {
        if (request.getSeverity() === 3) this.errors.push(request.getMessage());
        return new Empty();
      },
      setRootResource: () => new SetRootResourceResponse(),
    };
  }
}

function answering(handlers: Record<string, Handler<never, unknown>>): grpc.UntypedServiceImplementation {
  const answer =
    (handler: Handler<never, unknown>) =>
    (call: grpc.ServerUnaryCall<unknown, unknown>, done: grpc.sendUnaryData<unknown>) => {
      try {
        done(null, handler(call.request as never));
      } catch (error) {
        done({ code: grpc.status.UNKNOWN, details: (error as Error).message });
      }
    };
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, answer(handler)]));
}
