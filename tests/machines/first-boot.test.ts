/** First boots that are out of the ordinary: with everything that a web machine can have, and with what must not be applied. */
import { type MachineDocument, switchScript } from "../../components/machine";
import type { DebianMachine } from "../../sandbox/debian";
import { type Cloud, makeCloud, SECRET } from "./support/cloud";
import { documentOf } from "./support/configuration";
import { type BootResult, bootMachine, eventually, everything } from "./support/machines";

jest.setTimeout(900_000);

let cloud: Cloud;
beforeAll(() => {
  cloud = makeCloud();
});
afterAll(() => cloud.close());

describe("a web machine with everything that it can have", () => {
  let machine: DebianMachine;
  let result: BootResult;
  let document: MachineDocument;
  beforeAll(async () => {
    // The application waits for its mounts, and there is nothing here to mount; test:files mounts.
    const { "profile::mounts::mounts": _, ...settings } = everything;
    const plain = documentOf("web", "prod", { settings });
    const secrets = {
      DATABASE_PASSWORD: {
        arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:database",
        key: "password",
      },
    };
    const environment = { GREETING: 'it\'s 50 % "off" \\ for $5', PATH_LIKE: "a b" };
    document = { ...plain, application: { ...plain.application, environment, secrets } };
    ({ machine, result } = await bootMachine("web-all", document, cloud, { packages: ["nodejs"] }));
    // What the test's own machine has in place of Amazon's bucket stays as it is when the release changes.
    const told = await machine.exec("cat /etc/retrofit/machine.json");
    document = { ...document, settings: (JSON.parse(told.output) as MachineDocument).settings! };
  });
  afterAll(() => machine?.stop());

  test("it converges and a check finds nothing to do", async () => {
    expect(result).toMatchObject({ result: "succeeded" });
    const { output } = await machine.exec("retrofit-configure check");
    expect(JSON.parse(output.trim())).toMatchObject({ changes: [] });
  });

  test("the application gets its settings and secrets as they are, and no file on disk holds the secret", async () => {
    await eventually(machine, "curl -s http://127.0.0.1:8080/healthz", /ok/);
    const pid = (await machine.exec("systemctl show -p MainPID --value application")).output.trim();
    const { output } = await machine.exec(`cat /proc/${pid}/environ | tr '\\0' '\\n'`);
    const variables = new Map(
      output.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(Object.fromEntries(variables)).toMatchObject({
      GREETING: 'it\'s 50 % "off" \\ for $5',
      DATABASE_PASSWORD: SECRET,
      DATABASE_HOST: 'db "one" \\ $x',
      SESSION_STORE_URL: "rediss://sessions:6379",
      PORT: "8080",
      ENVIRONMENT: "prod",
    });
    const found = await machine.exec(
      "grep -rlF -e 's`s' /etc /var/lib /var/log /opt /usr/local 2>/dev/null; stat -c %a:%U /run/retrofit/application.env",
    );
    expect(found.output.trim()).toBe("600:root");
  });

  test("a release in place is what its configuration makes of it: it serves, and nothing is left to do", async () => {
    const artifact = cloud.putRelease("1.1.0");
    const application = { ...document.application, artifact };
    const checks = { healthPath: "/healthz", healthSeconds: 60, smoke: [{ path: "/" }] };
    const script = switchScript({ ...document, release: "1.1.0", application }, checks).join("\n");
    const switched = await machine.exec(script);
    expect(switched).toMatchObject({ code: 0, output: expect.stringContaining('{"release": "1.1.0"}') });
    const answer = await machine.exec("curl -s http://127.0.0.1:8080/api/version");
    expect(JSON.parse(answer.output)).toMatchObject({ version: "1.1.0" });
    const { output } = await machine.exec("retrofit-configure check");
    expect(JSON.parse(output.trim())).toMatchObject({ changes: [] });
  });
});

test("an archive with another sum than user data names is not applied, and the log's last lines tell why", async () => {
  const document = documentOf("web");
  const configuration = { ...document.configuration!, sha256: "0".repeat(64) };
  const { machine, result } = await bootMachine("tampered", { ...document, configuration }, cloud);
  try {
    expect(result).toMatchObject({
      result: "failed",
      reason: expect.stringMatching(
        /^the configuration has SHA-256 [0-9a-f]{64}, user data names 0{64}: not applied$/,
      ),
    });
    expect(result.lines?.join("\n")).toContain("s3 cp");
    expect(
      (await machine.exec("test -e /opt/shop || test -e /etc/systemd/system/application.service")).code,
    ).toBe(1);
  } finally {
    await machine.stop();
  }
});
