/** Where types, properties and property paths stand in the messages of each call (numbers from Pulumi's provider.proto). */

/** `inputs` come from the program, `state` from the provider. */
export type PropertyKind = "inputs" | "state";

export interface MessageLayout {
  structs?: Record<number, PropertyKind>;
  /** Repeated strings that are property paths. */
  paths?: number[];
  /** Maps whose keys are property paths, or messages whose field 1 is one. */
  keyedByPath?: number[];
}

export interface ResourceCall {
  urn: number;
  type: number;
  request: MessageLayout;
  response: MessageLayout;
}

const DIFF_RESPONSE: MessageLayout = { paths: [1, 2, 5], keyedByPath: [6] };

export const RESOURCE_CALLS: Record<string, ResourceCall> = {
  Check: {
    urn: 1,
    type: 7,
    request: { structs: { 2: "inputs", 3: "inputs" } },
    response: { structs: { 1: "inputs" }, keyedByPath: [2] },
  },
  Diff: {
    urn: 2,
    type: 8,
    request: { structs: { 3: "state", 4: "inputs", 6: "inputs" }, paths: [5] },
    response: DIFF_RESPONSE,
  },
  Create: {
    urn: 1,
    type: 6,
    request: { structs: { 2: "inputs" } },
    response: { structs: { 2: "state" } },
  },
  Read: {
    urn: 2,
    type: 6,
    request: { structs: { 3: "state", 4: "inputs" } },
    response: { structs: { 2: "state", 3: "inputs" } },
  },
  Update: {
    urn: 2,
    type: 10,
    request: { structs: { 3: "state", 4: "inputs", 8: "inputs" }, paths: [6] },
    response: { structs: { 1: "state" } },
  },
  Delete: { urn: 2, type: 7, request: { structs: { 3: "state", 5: "inputs" } }, response: {} },
};

/** Calls about the provider's own configuration. */
export const CONFIG_CALLS: Record<string, { request: MessageLayout; response: MessageLayout }> = {
  CheckConfig: {
    request: { structs: { 2: "inputs", 3: "inputs" } },
    response: { structs: { 1: "inputs" }, keyedByPath: [2] },
  },
  DiffConfig: {
    request: { structs: { 3: "inputs", 4: "inputs", 6: "inputs" }, paths: [5] },
    response: DIFF_RESPONSE,
  },
  Configure: { request: { structs: { 2: "inputs" } }, response: {} },
};

export const CHECK = { urn: 1, olds: 2, news: 3, randomSeed: 5 };
export const INVOKE = { token: 1, args: 2, result: 1, failures: 2 };
