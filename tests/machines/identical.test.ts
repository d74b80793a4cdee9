/** Two machines of one role from one hash, made one after the other, and the smallest machines. */
import type { DebianMachine } from "../../sandbox/debian";
import { type Cloud, makeCloud } from "./support/cloud";
import { documentOf } from "./support/configuration";
import { bootMachine } from "./support/machines";

jest.setTimeout(900_000);

let cloud: Cloud;
beforeAll(() => {
  cloud = makeCloud();
});
afterAll(() => cloud.close());

/** Packages with versions, sums and modes of files, states of units: what a machine is. */
const PORTRAIT = `
# cloud-init writes the time into this one.
sed -i '/^# Created by cloud-init/d' /etc/sudoers.d/90-cloud-init-users
dpkg-query -W -f '\${Package} \${Version} \${Status}\\n' | sort
find /etc /opt /usr/local /lib/systemd /usr/lib/systemd -xdev -type f -print0 | sort -z | xargs -0 sha256sum
find /etc /opt /usr/local /srv -xdev -printf '%p %m %u %g %l\\n' | sort
systemctl list-unit-files --no-legend --no-pager | sort
`;

/** What has to differ between two machines: who they are. */
const OWN = /\/etc\/(machine-id|ssh\/ssh_host_|hostname|ld\.so\.cache)/;

async function portrait(name: string): Promise<string[]> {
  const { machine, result } = await bootMachine(name, documentOf("web", "test"), cloud, {
    packages: ["nodejs"],
  });
  try {
    expect(result.result).toBe("succeeded");
    const { output, code } = await machine.exec(`{ ${PORTRAIT} } > /tmp/portrait && wc -l < /tmp/portrait`);
    expect(code).toBe(0);
    expect(Number(output.trim())).toBeGreaterThan(1000);
    return await linesOf(machine);
  } finally {
    await machine.stop();
  }
}

/** In pieces, since a command's output is kept only to a length. */
async function linesOf(machine: DebianMachine): Promise<string[]> {
  const lines: string[] = [];
  for (let from = 1; ; from += 400) {
    const { output } = await machine.exec(`sed -n '${from},${from + 399}p' /tmp/portrait`);
    if (output === "") return lines;
    lines.push(...output.trimEnd().split("\n"));
  }
}

test("two machines of one role and one hash are identical but for who they are", async () => {
  const first = await portrait("twin-1");
  const second = await portrait("twin-2");
  const difference = [
    ...first.filter((line) => !second.includes(line)).map((line) => `- ${line}`),
    ...second.filter((line) => !first.includes(line)).map((line) => `+ ${line}`),
  ];
  process.stderr.write(
    `• identical machines: ${first.length} lines of packages, sums, modes and units compared\n`,
  );
  expect(difference.filter((line) => !OWN.test(line))).toEqual([]);
  // They are two machines, not one looked at twice.
  expect(difference.some((line) => line.includes("ssh_host_"))).toBe(true);
});

test.each([1024, 512])("a web machine converges and serves in %i MB", async (memoryMb) => {
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
