/** The plugin's gRPC server: the provider for the engine, and the engine for the bridge's log lines. */
import * as grpc from "@grpc/grpc-js";
import { Bridge, call, raw } from "./bridge";
import { CONFIG_CALLS, RESOURCE_CALLS } from "./messages";
import { ATTACH_ADDRESS, ENGINE_SERVICE, logToEngine, PROVIDER_SERVICE, pluginInfo } from "./methods";
import { type Translated, Translator } from "./translate";
import { readString } from "./wire";

export interface PluginOptions {
  bridge: string;
  terraformProvider: string;
  /** The version of `@pulumi/aws` in use: the engine warns when the plugin's is another. */
  sdkVersion: string;
  /** Where the engine listens; without it (a plugin that is attached to) log lines go nowhere. */
  engineAddress?: string;
}

type Handler = (request: Buffer) => Promise<Buffer>;

const EMPTY = Buffer.alloc(0);
/** How long the calls under way may take once the engine has asked to cancel, in milliseconds. */
const CANCEL_GRACE = 10_000;

export class Plugin {
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  private readonly translator = new Translator();
  private bridge?: Bridge;
  private engine?: grpc.Client;
  private underWay = 0;
  private ending = false;

  constructor(private readonly options: PluginOptions) {
    if (options.engineAddress) this.connectEngine(options.engineAddress);
  }

  private connectEngine(address: string): void {
    this.engine = new grpc.Client(address, grpc.credentials.createInsecure());
  }

  /** Listens and starts the bridge at once, while the engine is still busy with the program. Returns the port. */
  async listen(): Promise<number> {
    this.register(PROVIDER_SERVICE, this.providerHandlers());
    this.register(ENGINE_SERVICE, this.engineHandlers());
    const credentials = grpc.ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    this.bridge = new Bridge({
      executable: this.options.bridge,
      terraformProvider: this.options.terraformProvider,
      engineAddress: `127.0.0.1:${port}`,
      onExit: (detail) => this.bridgeGone(detail),
    });
    return port;
  }

  private register(service: string, handlers: Record<string, Handler>): void {
    const methods = Object.keys(handlers).map((name): [string, grpc.MethodDefinition<Buffer, Buffer>] => [
      name,
      {
        path: service + name,
        requestStream: false,
        responseStream: false,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    ]);
    const implementations = Object.entries(handlers).map(
      ([name, handler]): [string, grpc.UntypedHandleCall] => [
        name,
        (request: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) => {
          this.underWay++;
          handler(request.request)
            .then((response) => answer(null, response))
            .catch((error) => answer(this.statusOf(error)))
            .finally(() => this.underWay--);
        },
      ],
    );
    this.server.addService(Object.fromEntries(methods), Object.fromEntries(implementations));
  }

  /** The bridge's status with its details (the state of a half-made resource is in the metadata), in the program's words. */
  private statusOf(error: Partial<grpc.ServiceError>): Partial<grpc.StatusObject> {
    if (error.code === undefined) {
      return { code: grpc.status.UNKNOWN, details: (error as Error).message };
    }
    return {
      code: error.code,
      details: this.translator.inProgramsWords(error.details ?? ""),
      metadata: error.metadata,
    };
  }

  private providerHandlers(): Record<string, Handler> {
    const forward =
      (name: string, translate: (request: Buffer) => Translated): Handler =>
      async (request) => {
        const { request: changed, answer } = translate(request);
        return answer(await call(await this.bridge!.ready, PROVIDER_SERVICE + name, changed));
      };
    const forwarded: Record<string, Handler> = {
      Invoke: forward("Invoke", (request) => this.translator.invoke(request)),
    };
    for (const name of Object.keys(RESOURCE_CALLS)) {
      forwarded[name] = forward(name, (request) => this.translator.resource(name, request));
    }
    for (const name of Object.keys(CONFIG_CALLS)) {
      forwarded[name] = forward(name, (request) => this.translator.config(name, request));
    }
    return {
      ...forwarded,
      GetPluginInfo: async () => pluginInfo(this.options.sdkVersion),
      Attach: async (request) => {
        const address = readString(request, ATTACH_ADDRESS);
        if (address) this.connectEngine(address);
        return EMPTY;
      },
      Cancel: async () => {
        setImmediate(() => this.endWhenIdle(Date.now() + CANCEL_GRACE));
        return EMPTY;
      },
    };
  }

  private engineHandlers(): Record<string, Handler> {
    const toEngine = async (name: string, request: Buffer): Promise<Buffer> =>
      this.engine ? call(this.engine, ENGINE_SERVICE + name, request) : EMPTY;
    return {
      Log: (request) => toEngine("Log", logToEngine(request, this.translator)),
      GetRootResource: (request) => toEngine("GetRootResource", request),
      SetRootResource: (request) => toEngine("SetRootResource", request),
    };
  }

  /** After Cancel: what is under way may finish, so that the engine learns the ids of what was made. */
  private endWhenIdle(deadline: number): void {
    if (this.underWay === 0 || Date.now() > deadline) this.endBridge();
    else setTimeout(() => this.endWhenIdle(deadline), 50);
  }

  /** Ends the bridge and keeps this process: a plugin that ends by itself is a crash in the engine's eyes. */
  private endBridge(): void {
    this.ending = true;
    this.bridge?.kill();
  }

  private bridgeGone(detail: string): void {
    if (this.ending) return;
    process.stderr.write(`${detail}\n`);
    // The calls that wait for it fail by themselves; give them the moment to say so.
    setTimeout(() => this.end(1), 500);
  }

  end(code: number): void {
    this.endBridge();
    process.exit(code);
  }
}
