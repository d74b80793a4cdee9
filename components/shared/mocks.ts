import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";

/**
 * Records the graph of resources that a program asks for, with nothing behind it. It answers "which resources, with
 * which inputs", never "does it work": that is for the end-to-end tests.
 */

// biome-ignore lint/suspicious/noExplicitAny: what a resource is given has no type once it is on its way to the engine.
type Bag = Record<string, any>;

/** A resource as the program registered it. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; empty for a resource at the top. */
  parent: string;
  inputs: Bag;
  provider: string;
  /** URNs of `dependsOn` and of every resource that an input came from. */
  dependencies: string[];
  options: RecordedOptions;
  /** What a component passed to `registerOutputs`. */
  outputs?: Bag;
}

export interface RecordedOptions {
  protect: boolean;
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  /** URNs. */
  replaceWith: string[];
  /** URN or name of each alias. */
  aliases: string[];
  /** Names of hooks by moment, such as `beforeUpdate`. */
  hooks: Record<"beforeCreate" | "afterCreate" | "beforeUpdate" | "afterUpdate", string[]>;
}

export interface MockBehaviour {
  /** Values that the provider would compute, added to the inputs. `id` sets the resource's id. */
  state?: (args: pulumi.runtime.MockResourceArgs) => Bag | undefined;
  /** Answers of provider functions by token, added to `awsCalls`. A function not listed is an error. */
  calls?: Record<string, (inputs: Bag) => Bag>;
  /** Runs as a preview: ids and computed values are unknown. Default false. */
  preview?: boolean;
}

/** Answers of the provider functions that components here use. */
export const awsCalls: Record<string, (inputs: Bag) => Bag> = {
  "aws:secretsmanager/getRandomPassword:getRandomPassword": () => ({ randomPassword: "a-random-password" }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    id: "eu-central-1",
    // Out of order on purpose: AWS promises none.
    names: [
      "eu-central-1c",
      "eu-central-1a",
      "eu-central-1f",
      "eu-central-1b",
      "eu-central-1e",
      "eu-central-1d",
    ],
    zoneIds: ["euc1-az1", "euc1-az2", "euc1-az6", "euc1-az3", "euc1-az5", "euc1-az4"],
    groupNames: [],
  }),
  "aws:index/getRegion:getRegion": () => ({
    id: "eu-central-1",
    name: "eu-central-1",
    region: "eu-central-1",
  }),
  "aws:index/getPartition:getPartition": () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ id: "111122223333", accountId: "111122223333" }),
};

export class Graph<T> {
  constructor(
    /** What the program returned. */
    readonly result: T,
    readonly resources: readonly RecordedResource[],
  ) {}

  /** Every resource of a type, in order of name. */
  ofType(type: string): RecordedResource[] {
    return this.resources.filter((r) => r.type === type).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of every resource of a type, sorted. */
  names(type: string): string[] {
    return this.ofType(type).map((r) => r.name);
  }

  /** The one resource of a type (and name); an error when there is none or more than one. */
  one(type: string, name?: string): RecordedResource {
    const found = this.ofType(type).filter((r) => name === undefined || r.name === name);
    if (found.length !== 1) {
      const which = name === undefined ? type : `${type} "${name}"`;
      const names = this.names(type).join(", ") || "none";
      throw new Error(`expected one ${which}, found ${found.length}; of that type: ${names}`);
    }
    return found[0]!;
  }
}

/** Runs `program` against mocks and waits until every resource that it asked for is registered. */
export async function graphOf<T>(
  program: () => T | Promise<T>,
  behaviour: MockBehaviour = {},
): Promise<Graph<T>> {
  await pulumi.runtime.setMocks(mocksFor(behaviour), "project", "stack", behaviour.preview ?? false);
  const resources = recordRequests();
  // Pulumi takes a stack trace for each resource and promise, and jest maps every frame to its source, which takes two
  // thirds of a test's time. Raise the limit when the origin of an error is what you are looking for.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const result = await program();
    return new Graph(result, resources);
  } finally {
    // Waits for each request under way, including those made when outputs resolve.
    await pulumi.runtime.disconnect();
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The message that `program` fails with; an error when it does not fail. */
export async function errorOf(program: () => unknown): Promise<string> {
  try {
    await graphOf(program);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the program was expected to fail, and did not");
}

/** The value of an output. */
export function resolved<T>(output: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(output).apply(resolve);
  });
}

function mocksFor({ state, calls }: MockBehaviour): pulumi.runtime.Mocks {
  const answers = { ...awsCalls, ...calls };
  return {
    newResource(args) {
      const { id, ...computed } = state?.(args) ?? {};
      const arn = `arn:aws:mock:eu-central-1:111122223333:${args.name}`;
      return {
        // A component has no id; an existing resource keeps the one it was asked for by.
        id: args.custom === false ? undefined : (id ?? (args.id || `${args.name}-id`)),
        state: { arn, ...args.inputs, ...computed },
      };
    },
    call({ token, inputs }) {
      const answer = answers[token];
      if (answer === undefined) throw new Error(`no mock for the function ${token}`);
      return answer(inputs);
    },
  };
}

type Answer<T> = (error: unknown, response: T) => void;

/** The methods of the mock monitor that are listened to; its own types are those of a client over a network. */
interface Monitor {
  registerResource(request: RegisterResourceRequest, answer: Answer<RegisterResourceResponse>): unknown;
  registerResourceOutputs(request: RegisterResourceOutputsRequest, answer: Answer<object>): unknown;
  registerResourceHook(request: unknown, answer: Answer<object>): unknown;
}

/** Mocks see neither parents nor options, so the requests to the monitor are read as they pass. */
function recordRequests(): RecordedResource[] {
  const recorded: RecordedResource[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = (request, answer) =>
    registerResource.call(monitor, request, (error, response) => {
      if (!error) recorded.push(readRequest(request, response.getUrn()));
      answer(error, response);
    });
  monitor.registerResourceOutputs = (request, answer) => {
    const resource = recorded.find((r) => r.urn === request.getUrn());
    if (resource) resource.outputs = fromStruct(request.getOutputs());
    return registerResourceOutputs.call(monitor, request, answer);
  };
  // The mock monitor claims to support hooks and has no method for them.
  monitor.registerResourceHook = (_request, answer) => answer(null, {});
  return recorded;
}

function readRequest(request: RegisterResourceRequest, urn: string): RecordedResource {
  const hooks = request.getHooks();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    inputs: fromStruct(request.getObject()),
    provider: request.getProvider(),
    dependencies: request.getDependenciesList(),
    options: {
      protect: request.getProtect() ?? false,
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      replaceWith: request.getReplaceWithList(),
      aliases: request.getAliasesList().map((alias) => alias.getUrn() || (alias.getSpec()?.getName() ?? "")),
      hooks: {
        beforeCreate: hooks?.getBeforeCreateList() ?? [],
        afterCreate: hooks?.getAfterCreateList() ?? [],
        beforeUpdate: hooks?.getBeforeUpdateList() ?? [],
        afterUpdate: hooks?.getAfterUpdateList() ?? [],
      },
    },
  };
}

function fromStruct(struct: Parameters<typeof pulumi.runtime.deserializeProperties>[0] | undefined): Bag {
  return struct === undefined ? {} : pulumi.runtime.deserializeProperties(struct, true);
}
