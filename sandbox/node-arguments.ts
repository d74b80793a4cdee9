import { extname, join } from "node:path";
import { packageFolder } from "./folders";

/**
 * What Node is given to run a program of the sandbox in a process of its own: in a checkout the sources run, transpiled only,
 * as for the command line itself.
 *
 * @param main The program's module, without extension.
 */
export function nodeArguments(main: string): string[] {
  const extension = extname(__filename);
  if (extension === ".js") return [`${main}.js`];
  const tsNode = JSON.stringify(require.resolve("ts-node"));
  const project = JSON.stringify(join(packageFolder(), "tsconfig.json"));
  const file = JSON.stringify(`${main}.ts`);
  // As in a program that is a file, its arguments begin at the third place.
  const program = `process.argv.splice(1, 0, ${file}); require(${tsNode}).register({ project: ${project}, swc: true }); require(${file})`;
  return ["-e", program];
}
