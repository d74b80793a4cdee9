import { choice, group, text } from "../keys";

export const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

export const release = (is: string) =>
  group(
    is,
    {
      version: text(VERSION, {
        is: "Semantic version. It names the fleet, so two releases never share one.",
        allowed: "a semantic version such as 1.4.2 or 2.0.0-rc.1",
        example: "1.4.2",
      }),
      artifact: text(/^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/\S+|(?![/~\\]|\w+:)\S.*)$/, {
        is: "What the machines run: a folder or .tar.gz relative to the project, or a published object.",
        allowed: "a path relative to the project, or s3://bucket/key",
        example: "sample/releases/1.0.0",
      }),
      sha256: text(/^[0-9a-f]{64}$/, {
        is: "SHA-256 of the published artifact; each machine checks it. Required with s3://.",
        allowed: "64 hexadecimal digits in lower case",
        example: "0".repeat(64),
      }).optional(),
      image: text(/^ami-[0-9a-f]{8,17}$/, {
        is: "Machine image. Left out, machines start from the newest Debian 12 image.",
        allowed: "ami- and 8 to 17 hexadecimal digits",
        example: "ami-0123456789abcdef0",
      }).optional(),
      database: choice(
        ["none", "additive", "breaking"],
        "What the release changes in the database; decides the gate it has to pass.",
        "additive",
      ).default("none"),
    },
    { version: "1.0.0", artifact: "sample/releases/1.0.0" },
  );
