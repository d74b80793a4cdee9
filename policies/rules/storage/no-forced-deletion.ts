import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";

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
    // RDS takes no final snapshot of a replica.
    const last = given(props, "replicateSourceDb") ? [] : ["skipFinalSnapshot"];
    for (const name of ["forceDestroy", "forceDelete", ...last]) {
      if (isTrue(props[name])) report(`${name} is on.`);
    }
  },
});
