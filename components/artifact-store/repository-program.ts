/** The folder that runs as a content repository: Jackrabbit's web application, a server, and their settings. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface RepositoryParts {
  /** Jackrabbit's web application. */
  readonly war: string;
  /** Jetty's runner. */
  readonly runner: string;
}

/** Writes the folder; it is packed and published like a release of any application. */
export function writeRepositoryProgram(folder: string, parts: RepositoryParts): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(parts.war, join(folder, "jackrabbit.war"));
  copyFileSync(parts.runner, join(folder, "server.jar"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  chmodSync(join(folder, "start.sh"), 0o755);
}

/**
 * Everything is kept below one folder: `REPOSITORY_FOLDER`, a share on a machine, `data` beside the program elsewhere.
 * Jackrabbit looks for its settings in the folder that it is started in.
 */
const START = `#!/bin/sh
set -e
program=$(cd "$(dirname "$0")" && pwd)
folder=\${REPOSITORY_FOLDER:-$program/data}
mkdir -p "$folder/jackrabbit/repository"
cp "$program/bootstrap.properties" "$folder/jackrabbit/"
cp "$program/repository.xml" "$folder/jackrabbit/repository/"
# A machine that was lost leaves its lock behind. There is one machine at a time, so whoever starts has the right to it.
[ -z "$REPOSITORY_FOLDER" ] || find "$folder/jackrabbit" -name .lock -delete
cd "$folder"
exec java -XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError -Djava.io.tmpdir="\${TMPDIR:-/tmp}" \\
  -Dorg.apache.jackrabbit.core.state.validatehierarchy=true -jar "$program/server.jar" \\
  --host "\${HOST:-127.0.0.1}" --port "\${PORT:-8080}" --path / "$program/jackrabbit.war"
`;

const BOOTSTRAP = `repository.config=jackrabbit/repository/repository.xml
repository.home=jackrabbit/repository
repository.name=repository
rmi.enabled=false
jndi.enabled=true
java.naming.provider.url=http://www.apache.org/jackrabbit
java.naming.factory.initial=org.apache.jackrabbit.core.jndi.provider.DummyInitialContextFactory
`;

/**
 * Binaries lie in files named by their content, which never change: a backup needs the service to stop for the small
 * rest only. Nobody is let in without a login; who may do what is decided in front of it.
 */
const REPOSITORY = `<?xml version="1.0"?>
<Repository>
  <FileSystem class="org.apache.jackrabbit.core.fs.local.LocalFileSystem">
    <param name="path" value="\${rep.home}/repository"/>
  </FileSystem>
  <DataStore class="org.apache.jackrabbit.core.data.FileDataStore">
    <param name="path" value="\${rep.home}/datastore"/>
    <param name="minRecordLength" value="4096"/>
  </DataStore>
  <Security appName="Jackrabbit">
    <SecurityManager class="org.apache.jackrabbit.core.DefaultSecurityManager" workspaceName="security"/>
    <AccessManager class="org.apache.jackrabbit.core.security.DefaultAccessManager"/>
    <LoginModule class="org.apache.jackrabbit.core.security.authentication.DefaultLoginModule">
      <param name="adminId" value="admin"/>
    </LoginModule>
  </Security>
  <Workspaces rootPath="\${rep.home}/workspaces" defaultWorkspace="default"/>
  <Workspace name="\${wsp.name}">
    <FileSystem class="org.apache.jackrabbit.core.fs.local.LocalFileSystem">
      <param name="path" value="\${wsp.home}"/>
    </FileSystem>
    <PersistenceManager class="org.apache.jackrabbit.core.persistence.pool.DerbyPersistenceManager">
      <param name="url" value="jdbc:derby:\${wsp.home}/db;create=true"/>
      <param name="schemaObjectPrefix" value="\${wsp.name}_"/>
    </PersistenceManager>
    <SearchIndex class="org.apache.jackrabbit.core.query.lucene.SearchIndex">
      <param name="path" value="\${wsp.home}/index"/>
      <param name="supportHighlighting" value="true"/>
    </SearchIndex>
  </Workspace>
  <Versioning rootPath="\${rep.home}/version">
    <FileSystem class="org.apache.jackrabbit.core.fs.local.LocalFileSystem">
      <param name="path" value="\${rep.home}/version"/>
    </FileSystem>
    <PersistenceManager class="org.apache.jackrabbit.core.persistence.pool.DerbyPersistenceManager">
      <param name="url" value="jdbc:derby:\${rep.home}/version/db;create=true"/>
      <param name="schemaObjectPrefix" value="version_"/>
    </PersistenceManager>
  </Versioning>
  <SearchIndex class="org.apache.jackrabbit.core.query.lucene.SearchIndex">
    <param name="path" value="\${rep.home}/repository/index"/>
  </SearchIndex>
</Repository>
`;

const FILES: Record<string, string> = {
  "start.sh": START,
  "bootstrap.properties": BOOTSTRAP,
  "repository.xml": REPOSITORY,
};
