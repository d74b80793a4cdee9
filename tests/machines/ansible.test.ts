/** The same first boot with another tool: a playbook from an archive named by its content. */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { packArtifactSync } from "../../components/artifact-store/pack";
import { configurationProblems } from "../../components/machine";
import { type Cloud, makeCloud } from "./support/cloud";
import { documentOf, project } from "./support/configuration";
import { bootMachine, eventually } from "./support/machines";

jest.setTimeout(900_000);

const folder = join(project, "examples/machines-ansible");
let cloud: Cloud;
beforeAll(() => {
  cloud = makeCloud();
});
afterAll(() => cloud.close());

test("the example's roles are found, and a role that is not there is told", () => {
  const check = { folder, tool: "ansible", environment: "dev" } as const;
  expect(configurationProblems({ ...check, roles: ["web"] })).toEqual([]);
  expect(configurationProblems({ ...check, roles: ["webb"] })).toMatchObject([
    { got: "webb", allowed: "web" },
  ]);
});

test("a machine made by Ansible serves, a check finds nothing to do, then what a hand has spoilt, and an apply repairs it", async () => {
  const packed = packArtifactSync(folder);
  const key = `configurations/${packed.sha256}.tar.gz`;
  mkdirSync(join(cloud.folder, "s3/artifacts/configurations"), { recursive: true });
  cpSync(packed.file, join(cloud.folder, "s3/artifacts", key));
  const configuration = { tool: "ansible", bucket: "artifacts", key, sha256: packed.sha256 } as const;
  const { machine, result } = await bootMachine(
    "ansible",
    documentOf("web", "dev", { configuration }),
    cloud,
    {
      packages: ["nodejs"],
    },
  );
  try {
    expect(result).toMatchObject({ result: "succeeded" });
    await eventually(machine, "curl -s http://127.0.0.1:8080/healthz", /ok/);
    const changes = async () =>
      (JSON.parse((await machine.exec("retrofit-configure check")).output.trim()) as { changes: string[] })
        .changes;
    expect(await changes()).toEqual([]);
    await machine.exec("echo 'PermitRootLogin yes' > /etc/ssh/sshd_config.d/10-retrofit.conf");
    expect(await changes()).not.toEqual([]);
    expect((await machine.exec("retrofit-configure apply")).code).toBe(0);
    expect((await machine.exec("sshd -T | grep -i permitrootlogin")).output.trim()).toBe(
      "permitrootlogin no",
    );
    expect(await changes()).toEqual([]);
  } finally {
    await machine.stop();
  }
});
