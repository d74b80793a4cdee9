/**
 * Machines that really boot: cloud-init reads user data, installs packages, runs the program, Puppet makes the role. Then a
 * second run has to find nothing to do, and a third has to put right what a hand has spoilt.
 */
import { forwarderFiles, type LogSource } from "../../components/elk-stack";
import type { BootableDocument } from "../../components/machine";
import type { DebianMachine } from "../../sandbox/debian";
import { type Cloud, makeCloud } from "./support/cloud";
import { documentOf, ROLES, repositorySettings } from "./support/configuration";
import { type BootResult, bootMachine, eventually, logs } from "./support/machines";

jest.setTimeout(900_000);

let cloud: Cloud;
beforeAll(() => {
  cloud = makeCloud();
});
afterAll(() => cloud.close());

const APPLY =
  "puppet apply --environmentpath /var/lib/retrofit/configuration --environment $(ls /var/lib/retrofit/configuration) --detailed-exitcodes --color false /var/lib/retrofit/configuration/*/manifests";

/** Each role in another environment, so that the data of several are applied: those thrown away and those like production. */
const ENVIRONMENT: Record<string, string> = {
  web: "prod",
  docker_host: "perf",
  content_repository: "test",
  log_store: "preprod",
};

/** What a hand spoils, and how it is told that it is right again. */
const DRIFT: Record<string, { spoil: string; right: string }> = {
  web: {
    spoil: "systemctl stop application; rm -r /opt/shop",
    right: "systemctl is-active application && test -f /opt/shop/1.0.0/server.js",
  },
  docker_host: {
    spoil: "echo '{}' > /etc/docker/daemon.json",
    right: "grep -q live-restore /etc/docker/daemon.json",
  },
  content_repository: {
    spoil: "systemctl stop nginx; chmod 0777 /srv/content",
    right: "systemctl is-active nginx && test $(stat -c %a /srv/content) = 750",
  },
  log_store: {
    spoil: "echo > /etc/syslog-ng/syslog-ng.conf",
    right: "grep -q 6514 /etc/syslog-ng/syslog-ng.conf && systemctl is-active syslog-ng",
  },
  migration: {
    spoil: "rm /etc/systemd/system/migration.service",
    right: "systemctl cat migration.service | grep -q /opt/shop/1.0.0",
  },
};

/** What machines ship to a store that is away; `npm run test:logs` has one that is there. */
const SHIPPED: Record<string, LogSource[] | undefined> = {
  docker_host: [{ type: "journal", name: "journal", containers: { application: "containers" } }],
  log_store: [
    { type: "journal", name: "journal", rateLimit: 200 },
    { type: "syslog", name: "syslog", port: 6514, keepIn: "/var/log/collected" },
  ],
};

/** What the role's machines are told, which run a release or not. */
function toldTo(role: string): BootableDocument {
  const { application, release, fleet, ...description } = documentOf(role, ENVIRONMENT[role], {
    ...(role === "content_repository" && { settings: repositorySettings }),
    ...(SHIPPED[role] && { logs }),
  });
  return ["docker_host", "log_store"].includes(role)
    ? { ...description, configuration: description.configuration! }
    : { ...description, application, release, fleet };
}

/** What each role is there for. */
const OWN: Record<string, { name: string; check: (machine: DebianMachine) => Promise<void> } | undefined> = {
  web: {
    name: "the application answers, knows its machine, and can do nothing else",
    check: async (machine) => {
      const answer = await eventually(machine, "curl -s http://127.0.0.1:8080/api/version", /version/);
      expect(JSON.parse(answer)).toEqual({ version: "1.0.0", machine: "i-0123456789abcdef0" });
      const pid = (await machine.exec("systemctl show -p MainPID --value application")).output.trim();
      const status = (await machine.exec(`grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' /proc/${pid}/status`))
        .output;
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^Seccomp:\s+2$/m);
      expect(status).not.toMatch(/^Uid:\s+0\b/m);
    },
  },
  docker_host: {
    name: "Docker's configuration is one that the daemon takes",
    check: async (machine) => {
      // Started as far as reading its configuration; what it does with it is for `npm run test:docker`.
      const started = async (file: string) => {
        const places = "--data-root /tmp/d --exec-root /tmp/e -p /tmp/d.pid -H unix:///tmp/d.sock";
        const { output } = await machine.exec(`timeout 10 dockerd --config-file ${file} ${places} 2>&1`);
        return /Starting up/.test(output) && !/unable to configure/.test(output);
      };
      await machine.exec(`sed 's/"icc"/"icy"/' /etc/docker/daemon.json > /tmp/broken.json`);
      expect([await started("/etc/docker/daemon.json"), await started("/tmp/broken.json")]).toEqual([
        true,
        false,
      ]);
      const settings = JSON.parse((await machine.exec("cat /etc/docker/daemon.json")).output);
      expect(settings).toMatchObject({
        icc: false,
        "live-restore": true,
        "no-new-privileges": true,
        "userns-remap": "dockremap",
      });
      // What containers write to the journal is shipped, by a forwarder that knows of no release.
      await eventually(machine, "systemctl is-active syslog-ng", /^active/);
      const told = (await machine.exec("cat /run/retrofit/log-forwarder.env /etc/syslog-ng/syslog-ng.conf"))
        .output;
      expect(told).toContain('RETROFIT_ROLE="docker_host"');
      expect(told).toContain("logs-containers-dev");
    },
  },
  content_repository: {
    name: "what is kept is behind a login: one reads, another writes, nobody else does either",
    check: async (machine) => {
      const status = async (rest: string) =>
        (await machine.exec(`curl -s -o /dev/null -w '%{http_code}' ${rest}`)).output.trim();
      const page = "http://127.0.0.1:8080/api/version";
      expect(await status(page)).toBe("401");
      expect(await status(`-u "reader:wrong" ${page}`)).toBe("401");
      expect(await status(`-u "reader:reader's" ${page}`)).toBe("200");
      expect(await status(`-u "reader:reader's" -T /etc/hostname ${page}`)).toBe("403");
      expect(await status(`-T /etc/hostname ${page}`)).toMatch(/^40[13]$/);
      // The sample has nothing to write to: what matters is that it was asked.
      expect(await status(`-u "writer:writer's" -T /etc/hostname ${page}`)).not.toMatch(/^40[13]$/);
      expect((await machine.exec("ss -Hltn sport = :8081")).output).toMatch(/127\.0\.0\.1:8081/);
    },
  },
  log_store: {
    name: "a line sent over the network is kept by sender and day",
    check: async (machine) => {
      const line = "<14>1 2026-01-02T03:04:05Z appliance app 1 - - a line of the office";
      await machine.exec(
        `printf '%s %s' ${line.length} '${line}' > /tmp/line; python3 -c "import socket; s=socket.create_connection(('127.0.0.1',6514)); s.sendall(open('/tmp/line','rb').read()); s.close()"`,
      );
      const text = await eventually(
        machine,
        "cat /var/log/collected/appliance/*.log 2>&1",
        /a line of the office/,
      );
      expect(text).toContain("appliance");
    },
  },
};

describe.each(ROLES)("role %s", (role) => {
  let machine: DebianMachine;
  let result: BootResult;

  beforeAll(async () => {
    const sources = SHIPPED[role];
    const booted = await bootMachine(role.replaceAll("_", "-"), toldTo(role), cloud, {
      files: sources ? forwarderFiles({ environment: "dev", sources, endpoint: "https://logs.example" }) : [],
      packages: ["web", "content_repository"].includes(role) ? ["nodejs"] : [],
    });
    ({ machine, result } = booted);
    process.stderr.write(
      `• ${role}: booted and converged in ${booted.seconds.toFixed(0)} s, Puppet ${result.seconds} s of it\n`,
    );
  });
  afterAll(() => machine?.stop());

  test("first boot succeeds and says so to the log group", async () => {
    expect(result).toMatchObject({ result: "succeeded", changed: true });
    // Its own file comes first, of which the wait for the first boot knows.
    await eventually(
      machine,
      "grep put-log-events /var/log/asked-of-aws",
      /--log-group-name \/retrofit\/dev\/first-boot/,
    );
  });

  test("a second run changes nothing", async () => {
    const { code, output } = await machine.exec(APPLY);
    expect({
      code,
      changes: output.split("\n").filter((line) => /^(Notice: \/Stage|Error)/.test(line)),
    }).toEqual({ code: 0, changes: [] });
  });

  test("what a hand has spoilt is found by a check that changes nothing, and repaired by a run", async () => {
    const { spoil, right } = DRIFT[role]!;
    const checked = async () =>
      JSON.parse((await machine.exec("retrofit-configure check")).output.trim()) as { changes: string[] };
    const fine = async () => (await machine.exec(`${right} > /dev/null`)).code;
    expect(await fine()).toBe(0);
    await machine.exec(`${spoil}; echo 'PermitRootLogin yes' > /etc/ssh/sshd_config.d/10-retrofit.conf`);
    expect(await fine()).not.toBe(0);
    expect((await checked()).changes.length).toBeGreaterThanOrEqual(2);
    expect(await fine()).not.toBe(0);
    expect((await machine.exec(APPLY)).code).toBe(2);
    expect(await fine()).toBe(0);
    expect((await machine.exec("sshd -T | grep -i permitrootlogin")).output.trim()).toBe(
      "permitrootlogin no",
    );
  });

  test("its units are right in systemd's own eyes", async () => {
    const { output } = await machine.exec(
      "cd /etc/systemd/system && systemd-analyze verify $(ls -d *.service *.timer *.mount 2>/dev/null | grep -v -e metadata -e dbus -e sshd) 2>&1 | grep '^/etc/systemd/system' || true",
    );
    expect(output.trim()).toBe("");
  });

  test("SSH lets in neither root nor a password", async () => {
    const { output } = await machine.exec(
      "sshd -T | grep -E '^(permitrootlogin|passwordauthentication|kbdinteractiveauthentication|x11forwarding) ' | sort",
    );
    expect(output.trim().split("\n")).toEqual([
      "kbdinteractiveauthentication no",
      "passwordauthentication no",
      "permitrootlogin no",
      "x11forwarding no",
    ]);
  });

  const own = OWN[role];
  if (own) test(own.name, () => own.check(machine));
});
