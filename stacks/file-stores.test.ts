import { ArtifactStore } from "../components/artifact-store";
import { graphOf } from "../components/shared/mocks";
import type { FilesConfig } from "./config/types";
import { fileVariables } from "./file-stores";

const calls = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: "111122223333" }),
  "aws:index/getRegion:getRegion": () => ({ region: "eu-central-1", name: "eu-central-1" }),
};

test.each([
  ["what the file says", { claimSeconds: 60, attempts: 2 }, ["60", "2"]],
  ["the defaults", {}, ["300", "5"]],
])(
  "the workers of an inbox are told of its queue and dead letters, and of %s",
  async (_what, inbox, expected) => {
    const config = { name: "uploads", mode: "bucket", access: "readWrite", inbox } as FilesConfig;
    const graph = await graphOf(
      () => fileVariables([{ config, store: new ArtifactStore("uploads", { mode: "bucket", inbox }) }]),
      { calls },
    );
    const { FILES_UPLOADS_CLAIM_SECONDS: seconds, FILES_UPLOADS_ATTEMPTS: attempts, ...rest } = graph.result;
    expect([seconds, attempts]).toEqual(expected);
    expect(Object.keys(rest)).toEqual(
      ["BUCKET", "KEY", "QUEUE", "DEAD_LETTERS"].map((name) => `FILES_UPLOADS_${name}`),
    );
  },
);
