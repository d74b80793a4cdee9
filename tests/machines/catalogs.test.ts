/** Catalogs of every role in every environment, compiled by the Puppet that machines have, and the code's own checks. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { NAMES } from "../../components/elk-stack";
import { rolesOf } from "../../components/machine";
import type { Catalog } from "../../release/machine/catalog";
import { run } from "../../sandbox/toolchain/run";
import {
  documentOf,
  ENVIRONMENTS,
  logStoreSettings,
  machinesFolder,
  ROLES,
  repositorySettings,
} from "./support/configuration";
import { compile, debianRoot, everyMachine, everything, logs, machineRepository } from "./support/machines";

jest.setTimeout(600_000);

let catalogs: Record<string, Catalog>;
let scratch: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "retrofit-catalogs-"));
  catalogs = await compile(everyMachine());
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("there is a role for each kind of machine", () => {
  expect(ROLES).toEqual(["content_repository", "docker_host", "log_store", "migration", "web"]);
});

const pairs = ROLES.flatMap((role) => ENVIRONMENTS.map((environment) => [role, environment] as const));
test.each(pairs)("%s compiles in %s", (role, environment) => {
  const catalog = catalogs[`${role} in ${environment}`]!;
  expect(catalog.error).toBeUndefined();
  expect(catalog.classes).toEqual(expect.arrayContaining([`role::${role}`, "profile::base", "profile::ssm"]));
  expect(catalog.files).toHaveProperty(["/etc/ssh/sshd_config.d/10-retrofit.conf"]);
});

test("with a snapshot all packages come from one moment, whenever a machine is built", async () => {
  const settings = { "profile::package_sources::snapshot": "20260101T000000Z" };
  const { held, free } = await compile({
    held: { document: documentOf("web", "prod", { settings }) },
    free: { document: documentOf("web", "prod") },
  });
  expect(held!.error).toBeUndefined();
  const sources = held!.contents["/etc/apt/sources.list"]!.split("\n").filter((line) =>
    line.startsWith("deb "),
  );
  expect(sources).toHaveLength(3);
  for (const line of sources) {
    expect(line).toMatch(
      /^deb \[check-valid-until=no\] http:\/\/snapshot\.debian\.org\/archive\/debian(-security)?\/20260101T000000Z bookworm/,
    );
  }
  expect(held!.files["/etc/apt/sources.list.d/debian.sources"]).toBe("absent");
  expect(free!.files).not.toHaveProperty(["/etc/apt/sources.list"]);
});

test("a web machine with logs, mounts, people, database and sessions compiles, and others ship their lines as well", async () => {
  const { all, ...others } = await compile({
    all: { document: documentOf("web", "prod", { settings: everything, logs }) },
    host: { document: documentOf("docker_host", "prod", { logs }) },
    repository: {
      document: documentOf("content_repository", "prod", { logs, settings: repositorySettings }),
    },
  });
  for (const { error, packages } of Object.values(others)) {
    expect(error).toBeUndefined();
    expect(packages).toContain("syslog-ng-core");
  }
  expect(all!.error).toBeUndefined();
  expect(all!.packages).toEqual(
    expect.arrayContaining(["nfs-common", "s3fs", "postgresql-client", "syslog-ng-core"]),
  );
  expect(Object.keys(all!.files)).toEqual(
    expect.arrayContaining(["/etc/systemd/system/srv-shared\\x2dfiles.mount", "/etc/sudoers.d/retrofit-ada"]),
  );
});

test("a node of a log store locks half of its memory, talks by TLS only, and waits for its disk", async () => {
  const document = documentOf("log_store", "dev", { settings: logStoreSettings, logs });
  const memory = { memory: { system: { total_bytes: 8192 * 1_048_576 } } };
  const { node, large } = await compile({
    node: { document, facts: memory },
    large: { document, facts: { memory: { system: { total_bytes: 2 ** 37 } } } },
  });
  expect(node!.error).toBeUndefined();
  expect(node!.contents["/etc/opensearch/jvm.options"]).toContain("-Xms4096m\n-Xmx4096m");
  // Above it pointers are twice as large.
  expect(large!.contents["/etc/opensearch/jvm.options"]).toContain("-Xmx31744m");
  expect(node!.contents["/etc/sysctl.d/60-retrofit.conf"]).toContain("vm.max_map_count = 262144");
  const settings = parse(node!.contents["/etc/opensearch/opensearch.yml"]!);
  expect(settings).toMatchObject({
    "bootstrap.memory_lock": true,
    "cluster.initial_cluster_manager_nodes": ["node-0", "node-1", "node-2"],
    "plugins.security.ssl.http.enabled": true,
    "plugins.security.ssl.transport.enforce_hostname_verification": true,
  });
  const unit = node!.units["opensearch.service"]!;
  expect(unit).toContain("LimitMEMLOCK=infinity");
  expect(unit).toContain("ExecStartPre=+/usr/local/lib/retrofit/retrofit-log-store prepare");
  expect(Object.keys(node!.units)).toEqual(
    expect.arrayContaining(["opensearch-dashboards.service", "logstash.service", "log-store-watch.timer"]),
  );
  // Nobody has masked what Beats bring.
  expect(node!.contents["/etc/opensearch/logstash.conf"]).toContain(`pipeline => "${NAMES.maskingPipeline}"`);
  expect(node!.packages).toContain("syslog-ng-core");
});

test("a small machine gets swap, a large one none", async () => {
  const memory = (megabytes: number) => ({ memory: { system: { total_bytes: megabytes * 1_048_576 } } });
  const document = documentOf("web");
  const { small, large } = await compile({
    small: { document, facts: memory(512) },
    large: { document, facts: memory(8192) },
  });
  expect(small!.files).toHaveProperty(["/etc/systemd/system/swapfile.swap"]);
  expect(large!.files).not.toHaveProperty(["/etc/systemd/system/swapfile.swap"]);
});

describe("mistakes end with one clear message", () => {
  const withChange = (name: string, change: (folder: string) => void) => {
    const folder = join(scratch, name);
    cpSync(machinesFolder, folder, { recursive: true });
    change(folder);
    return folder;
  };
  const compiled = async (folder: string, role = "web") =>
    (await compile({ it: { document: documentOf(role) } }, folder)).it!;

  test("an unknown role", async () => {
    const { error } = await compiled(machinesFolder, "webb");
    expect(error).toContain('There is no role "webb": site-modules/role/manifests/webb.pp is missing');
  });
  test("a missing hiera key", async () => {
    const folder = withChange("missing", (at) => {
      const file = join(at, "data/common.yaml");
      writeFileSync(file, readFileSync(file, "utf8").replace(/^profile::time::server:.*\n/m, ""));
    });
    expect((await compiled(folder)).error).toMatch(
      /Class\[Profile::Time\]: expects a value for parameter 'server'/,
    );
  });
  test("a cycle of dependencies", async () => {
    const folder = withChange("cycle", (at) => {
      writeFileSync(
        join(at, "site-modules/role/manifests/web.pp"),
        "class role::web {\n  file { '/a': require => File['/b'] }\n  file { '/b': require => File['/a'] }\n}\n",
      );
    });
    expect((await compiled(folder)).error).toMatch(/^cycle: File\[\/[ab]\] => File\[\/[ab]\]/);
  });
});

test("puppet-lint and Puppet's own parser have nothing to say", async () => {
  const root = await debianRoot();
  const packages = await machineRepository();
  const script = `
    mkdir -p "$2/upper/conf" "$2/upper/packages" "$2/work" "$2/merged"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged"
    mount --bind "$3" "$2/merged/conf"; mount --bind "$4" "$2/merged/packages"; mount -t proc proc "$2/merged/proc"
    echo 'deb [trusted=yes] file:/packages ./' > "$2/merged/etc/apt/sources.list"
    chroot "$2/merged" sh -ec 'apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get -q -y install puppet-lint' > "$2/install.log" 2>&1
    chroot "$2/merged" sh -c 'puppet-lint --fail-on-warnings /conf && puppet parser validate --color false /conf && puppet epp validate --color false $(find /conf -name "*.epp") && echo clean'`;
  const lint = mkdtempSync(join(scratch, "lint-"));
  const { code, output } = await run("unshare", [
    "--mount",
    "sh",
    "-ec",
    script,
    "sh",
    root.folder,
    lint,
    machinesFolder,
    packages,
  ]);
  expect(output.trim()).toBe("clean");
  expect(code).toBe(0);
});

test("a role is known by its manifest alone", () => {
  expect(rolesOf(machinesFolder, "puppet")).toEqual(ROLES);
  expect(rolesOf(join(machinesFolder, "data"), "puppet")).toEqual([]);
});
