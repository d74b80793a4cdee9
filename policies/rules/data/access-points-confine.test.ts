import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./access-points-confine";

export const examples = ruleTest(rule, {
  violating: { "the whole file system": [sample("efs/accessPoint", "app", { fileSystemId: "fs-12345678" })] },
  compliant: {
    "one folder, one user": [
      sample("efs/accessPoint", "app", {
        fileSystemId: "fs-12345678",
        rootDirectory: {
          path: "/app",
          creationInfo: { ownerGid: 1000, ownerUid: 1000, permissions: "0750" },
        },
        posixUser: { uid: 1000, gid: 1000 },
      }),
    ],
  },
});
