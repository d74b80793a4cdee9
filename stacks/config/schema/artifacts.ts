import { group, whole } from "../keys";

export const artifacts = group(
  "Where release artifacts are kept.",
  {
    objectLockDays: whole(
      0,
      36_500,
      "Days in which no stored version can be changed or deleted, but by somebody with the right to lift the lock. 0: no lock. Default 30 with size full, else 0.",
      30,
    ).optional(),
  },
  { objectLockDays: 30 },
);
