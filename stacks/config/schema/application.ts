import { z } from "zod";
import { group, list, notEmpty, table, text, urlPath, whole } from "../keys";

const smokeTest = group(
  "One request, and the answer it must get.",
  {
    path: urlPath("What is asked for.", "/"),
    status: whole(100, 599, "Status that the answer must have.", 200).default(200),
    contains: text(/\S/, {
      is: "Text that the body must contain.",
      allowed: "any text that is not blank",
      example: "Welcome",
    }).optional(),
  },
  { path: "/", status: 200 },
);

export const application = group(
  "The application and how it is run on a machine.",
  {
    name: text(/^[a-z][a-z0-9-]{0,30}$/, {
      is: "Short name; it stands in tags and logs.",
      allowed: "lower-case letters, digits and hyphens, at most 31, beginning with a letter",
      example: "shop",
    }),
    command: text(/^\S.*$/, {
      is: "Run in the folder of the unpacked artifact.",
      allowed: "one line",
      example: "node server.js",
    }),
    port: whole(
      1024,
      65535,
      "Where the application listens on its machine; given to it as PORT.",
      8080,
    ).optional(),
    packages: list(
      text(/^[A-Za-z0-9][A-Za-z0-9.+_-]*$/, {
        is: "An operating system package.",
        allowed: "the name of a package that the machine image offers",
        example: "nodejs",
      }),
      {
        is: "Operating system packages installed at first boot.",
        allowed: "a list of names",
        example: ["nodejs"],
      },
    ).optional(),
    environment: table(/^[A-Za-z_][A-Za-z0-9_]*$/, z.string(), {
      is: "Environment variables. Whoever may read a launch template reads them, so never secrets.",
      allowed: "names of letters, digits and _, and texts",
      example: { LOG_LEVEL: "info" },
    }).optional(),
    healthPath: urlPath(
      "Asked by health checks; answers 200 when the machine can take requests.",
      "/healthz",
    ).optional(),
    smoke: list(
      smokeTest,
      {
        is: "Requests that a release must answer rightly before it gets any traffic.",
        allowed: "a list of at least one request",
        example: [{ path: "/", status: 200 }],
      },
      notEmpty,
    ).optional(),
  },
  { name: "shop", command: "node server.js" },
);
