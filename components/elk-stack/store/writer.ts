/** The user that machines ship their lines as: whoever takes a machine over can add lines, and neither read nor remove any. */
import { isDeepStrictEqual } from "node:util";
import { isLacking, without } from "./lacking";
import type { SetupStep } from "./setup";
import { LogStore, StoreError } from "./store";

export interface LogWriter {
  readonly username: string;
  readonly password: string;
}

/** Role of everybody who ships lines. */
export const WRITER_ROLE = "retrofit_forwarder";

/** Create documents in streams, and the index for a line that comes before its stream. */
export const WRITER_RIGHTS = {
  cluster_permissions: ["indices:data/write/bulk"],
  index_permissions: [
    {
      index_patterns: ["logs-*"],
      allowed_actions: [
        "indices:data/write/bulk*",
        "indices:data/write/index",
        // The security plugin asks for this where a line makes its index. Its mapping is the template's, which nobody may change.
        "indices:admin/create",
      ],
    },
  ],
} as const;

const API = "/_plugins/_security/api";

/** Role, who has it, and the user last: its first line is taken with all rights in place, or waits. */
export async function setUpWriter(store: LogStore, writer: LogWriter): Promise<SetupStep[]> {
  const { username } = writer;
  if (username === store.connection.user) {
    throw new Error(
      `Machines would sign in to the log store as ${username}, who may do everything in it. Give the machines' secret a username of its own.`,
    );
  }
  try {
    return [await setUpRole(store), await setUpMembers(store, username), await setUpUser(store, writer)];
  } catch (error) {
    if (!isLacking(error, "no handler found")) throw error;
    return [{ what: userStep(username), done: "skipped", ...without("opensearch-security") }];
  }
}

const userStep = (username: string) => `user ${username}`;

async function setUpRole(store: LogStore): Promise<SetupStep> {
  const what = `role ${WRITER_ROLE}`;
  const there = await find<typeof WRITER_RIGHTS>(store, "roles", WRITER_ROLE);
  if (there && isDeepStrictEqual(rightsOf(there), WRITER_RIGHTS)) return { what, done: "unchanged" };
  await store.send("PUT", `${API}/roles/${WRITER_ROLE}`, WRITER_RIGHTS);
  return { what, done: there ? "changed" : "made" };
}

/** Without what the store adds of its own. */
const rightsOf = ({ cluster_permissions, index_permissions }: typeof WRITER_RIGHTS) => ({
  cluster_permissions,
  index_permissions: index_permissions.map(({ index_patterns, allowed_actions }) => ({
    index_patterns,
    allowed_actions,
  })),
});

interface Members {
  readonly users?: readonly string[];
  readonly backend_roles?: readonly string[];
  readonly hosts?: readonly string[];
}

/** Environments that share a store may have users of their own: those that are in stay in. */
async function setUpMembers(store: LogStore, username: string): Promise<SetupStep> {
  const what = `members of ${WRITER_ROLE}`;
  const there = await find<Members>(store, "rolesmapping", WRITER_ROLE);
  const { users = [], backend_roles = [], hosts = [] } = there ?? {};
  if (users.includes(username)) return { what, done: "unchanged" };
  const wanted = { users: [...users, username], backend_roles, hosts };
  await store.send("PUT", `${API}/rolesmapping/${WRITER_ROLE}`, wanted);
  return { what, done: there ? "changed" : "made" };
}

/** A password is told by signing in with it: one that was rotated in the secret no longer does. */
async function setUpUser(store: LogStore, writer: LogWriter): Promise<SetupStep> {
  const { username, password } = writer;
  const what = userStep(username);
  const there = await find(store, "internalusers", username);
  if (there && (await signsIn(store, writer))) return { what, done: "unchanged" };
  await store.send("PUT", `${API}/internalusers/${encodeURIComponent(username)}`, {
    password,
    backend_roles: [],
  });
  return { what, done: there ? "changed" : "made" };
}

async function signsIn({ connection }: LogStore, { username, password }: LogWriter): Promise<boolean> {
  const asWriter = new LogStore({ ...connection, user: username, password });
  try {
    await asWriter.send("GET", "/_plugins/_security/authinfo");
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.status === 401) return false;
    throw error;
  }
}

async function find<T extends object>(store: LogStore, kind: string, name: string): Promise<T | undefined> {
  return (await store.find<Record<string, T>>(`${API}/${kind}/${encodeURIComponent(name)}`))?.[name];
}
