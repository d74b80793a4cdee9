import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "no-forced-deletion",
  title: "In prod-like environments nothing that holds data is deleted with its content.",
  severity: "high",
  only: "protected",
  ids: [],
  why: "A renamed resource is a deleted one; with these switches its data goes with it and no snapshot stays.",
  fix: "Leave forceDestroy, forceDelete and skipFinalSnapshot off.",
  kinds: ["s3/bucket", "ecr/repository", "backup/vault", "rds/instance", "rds/cluster"],
  check: ({ props }, report) => {
    for (const name of ["forceDestroy", "forceDelete", "skipFinalSnapshot"]) {
      if (isTrue(props[name])) report(`${name} is on.`);
    }
  },
});
