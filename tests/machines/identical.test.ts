/** Two machines of one role from one hash, made one after the other, and the smallest machines. */
import type { ContainerArgs } from "../../components/docker-host";
import { type Portrait, SSM_PAGE, takePortrait } from "../../release/machine/portrait";
import { type Cloud, makeCloud } from "./support/cloud";
import { documentOf } from "./support/configuration";
import { bootMachine } from "./support/machines";

jest.setTimeout(900_000);

let cloud: Cloud;
beforeAll(() => {
  cloud = makeCloud();
});
afterAll(() => cloud.close());

/** What has to differ between two machines: who they are. */
const OWN = /^file \/etc\/(machine-id|ssh\/ssh_host_.*|hostname|ld\.so\.cache)$/;

async function portrait(name: string): Promise<Portrait["facts"]> {
  const { machine, result } = await bootMachine(name, documentOf("web", "test"), cloud, {
    packages: ["nodejs"],
  });
  try {
    expect(result.result).toBe("succeeded");
    // cloud-init writes the time into this one.
    await machine.exec("sed -i '/^# Created by cloud-init/d' /etc/sudoers.d/90-cloud-init-users");
    return (await takePortrait(async (script) => (await machine.exec(script)).output, SSM_PAGE)).facts;
  } finally {
    await machine.stop();
  }
}

test("two machines of one role and one hash are identical but for who they are", async () => {
  const first = await portrait("twin-1");
  const second = await portrait("twin-2");
  const names = [...new Set([...first.keys(), ...second.keys()])];
  const difference = names.filter((name) => first.get(name)?.value !== second.get(name)?.value);
  process.stderr.write(`• identical machines: ${names.length} packages, files and units compared\n`);
  expect(names.length).toBeGreaterThan(1000);
  expect(difference.filter((name) => !OWN.test(name))).toEqual([]);
  // They are two machines, not one looked at twice.
  expect(difference.some((name) => name.includes("ssh_host_"))).toBe(true);
});

/**
 * What only a container of systemd's lacks: control groups that can be written, and a place for images that is no overlay. The
 * place is in memory, and so counts.
 */
const MAKE_ROOM_FOR_DOCKER = `
mkdir -p /var/lib/docker && mount -t tmpfs tmpfs /var/lib/docker
for group in $(awk '$1 == "cgroup" { print $2 }' /proc/mounts); do mount -o remount,rw,bind "$group"; done
systemctl restart docker && systemctl restart --no-block retrofit-containers
for n in $(seq 90); do curl -s http://127.0.0.1:18080/ && exit; sleep 1; done
journalctl --no-pager -u docker -u retrofit-containers | tail -n 30`;

test.each([1024, 512])(
  "a Docker host with one web service converges and serves in %i MB",
  async (memoryMb) => {
    const image = await cloud.putImage("artifacts/images/web.tar");
    const web: ContainerArgs = {
      image,
      archive: "images/web.tar",
      command: ["/bin/sh", "-c", "echo served > /tmp/index.html && exec busybox httpd -f -p 8080 -h /tmp"],
      memoryMb: 64,
      cpus: 0.5,
      ports: [{ container: 8080, host: 18_080 }],
      health: { command: ["/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"] },
    };
    await cloud.putDeclaration("artifacts/docker/current.json", { web });
    const docker = { host: 0, declaration: "s3://artifacts/docker/current.json", disk: "/srv/data" };
    const name = `docker-${memoryMb}`;
    const booted = await bootMachine(name, documentOf("docker_host", "dev", { docker }), cloud, { memoryMb });
    const { machine, result } = booted;
    try {
      expect(result.result).toBe("succeeded");
      expect((await machine.exec(MAKE_ROOM_FOR_DOCKER)).output).toMatch(/^served$/m);
      // Its limit is one within the machine's, not beside it.
      const group = "cat /proc/$(docker inspect -f '{{.State.Pid}}' $(docker ps -q))/cgroup";
      expect((await machine.exec(group)).output).toMatch(/:(memory)?:\/(?!\.\.)/m);
      const megabytes = async (files: string) =>
        (
          await machine.exec(`awk '/^Pss:/ { sum += $2 } END { print int(sum / 1024) }' ${files}`)
        ).output.trim();
      const daemons = await megabytes("$(pgrep 'dockerd|containerd' | sed 's#.*#/proc/&/smaps_rollup#')");
      process.stderr.write(
        `• Docker host with ${memoryMb} MB: its processes take ${await megabytes("/proc/[0-9]*/smaps_rollup")} MB, ${daemons} MB of it Docker; at most ${machine.peakMemoryMb()} MB with page cache and images\n`,
      );
      expect(machine.outOfMemory()).toBe(0);
      expect(machine.peakMemoryMb()).toBeLessThanOrEqual(memoryMb);
    } finally {
      await machine.stop();
    }
  },
);

test.each([512])("a web machine converges and serves in %i MB", async (memoryMb) => {
  const booted = await bootMachine(`small-${memoryMb}`, documentOf("web"), cloud, {
    packages: ["nodejs"],
    memoryMb,
  });
  const { machine, result } = booted;
  try {
    expect(result.result).toBe("succeeded");
    expect(
      (
        await machine.exec(
          "for n in $(seq 60); do curl -sf http://127.0.0.1:8080/healthz && exit; sleep 1; done; exit 1",
        )
      ).output,
    ).toBe("ok");
    const application =
      Number((await machine.exec("ps -o rss= -p $(systemctl show -p MainPID --value application)")).output) /
      1024;
    process.stderr.write(
      `• ${memoryMb} MB: ${booted.seconds.toFixed(0)} s, at most ${machine.peakMemoryMb()} MB with page cache, the application ${application.toFixed(0)} MB\n`,
    );
    expect(machine.outOfMemory()).toBe(0);
    expect(machine.peakMemoryMb()).toBeLessThanOrEqual(memoryMb);
  } finally {
    await machine.stop();
  }
});
