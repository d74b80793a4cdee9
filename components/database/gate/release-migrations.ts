import * as tar from "tar";
import { type MigrationSet, type RawFile, readMigrations } from "../migrations";

/** Where migrations lie in an artifact unless the environment says otherwise. */
export const MIGRATIONS_FOLDER = "migrations";

/** Reads the migrations out of a packed artifact: exactly what the migrator will find there. */
export function migrationsOfFile(file: string, folder = MIGRATIONS_FOLDER): MigrationSet {
  const files: RawFile[] = [];
  const prefix = `${folder}/`;
  tar.list({
    file,
    sync: true,
    onReadEntry: (entry) => {
      const path = entry.path.replace(/^\.\//, "");
      if (entry.type !== "File" || !path.startsWith(prefix) || !/\.sql$/i.test(path)) return;
      const chunks: Buffer[] = [];
      entry.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
      entry.on("end", () => files.push({ path: path.slice(prefix.length), content: Buffer.concat(chunks) }));
    },
  });
  return readMigrations(files);
}
