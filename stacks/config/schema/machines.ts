import { z } from "zod";
import { choice, flag, group, table, text } from "../keys";

export const machines = group(
  "How machines become what their role says.",
  {
    tool: choice(
      ["puppet", "ansible", "chef", "none"],
      "What brings a machine to its role. none: it fetches and runs the application, nothing else.",
      "puppet",
    ).optional(),
    folder: text(/^(?![/~\\]|\w+:)\S.*$/, {
      is: "Folder of the configuration. Left out, the project's machines folder, or the one that comes with Retrofit.",
      allowed: "a path relative to the project",
      example: "machines",
    }).optional(),
    bake: flag(
      "A pipeline that bakes the web role into an image, with the types and packages of this environment. Default false.",
      true,
    ).optional(),
    settings: table(/^[a-z][a-z0-9_]*(::[a-z][a-z0-9_]*)*$/, z.unknown(), {
      is: "Values that come before the configuration's own, by key. Whoever may read a launch template reads them, so never secrets.",
      allowed: "keys of lower-case letters, digits and _, joined by ::, and their values",
      example: { "profile::journal::max_mb": 100 },
    }).optional(),
  },
  { tool: "puppet" },
);
