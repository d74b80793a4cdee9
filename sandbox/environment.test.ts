import { environmentOf } from "./environment";

const files = { folder: "/cache/sandbox", pulumi: "/cache/sandbox/pulumi", state: "/cache/sandbox/state" };
const connection = { endpoint: "http://127.0.0.1:4600", engineFolder: "/cache/engine" };

test("tools are led to the sandbox by standard variables alone, and find its engine first", () => {
  const environment = environmentOf(connection, files, { PATH: "/usr/bin:/bin" });
  expect(environment).toEqual({
    AWS_ENDPOINT_URL: "http://127.0.0.1:4600",
    AWS_ACCESS_KEY_ID: "sandbox",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_EC2_METADATA_DISABLED: "true",
    RETROFIT_TRUSTED: "/cache/sandbox/certificates/servers.pem",
    PULUMI_HOME: "/cache/sandbox/pulumi",
    PULUMI_BACKEND_URL: "file:///cache/sandbox/state",
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PATH: "/cache/engine:/usr/bin:/bin",
  });
});

test("an engine that is on PATH already, or is put there twice, does not make PATH longer", () => {
  expect(environmentOf({ endpoint: "" }, files, { PATH: "/usr/bin" }).PATH).toBe("/usr/bin");
  expect(environmentOf(connection, files, { PATH: "/cache/engine:/usr/bin" }).PATH).toBe(
    "/cache/engine:/usr/bin",
  );
});

test("behind a proxy, loopback is excepted from it, beside what was", () => {
  const callers = { PATH: "/bin", HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "intranet,127.0.0.1" };
  const environment = environmentOf(connection, files, callers);
  expect(environment.NO_PROXY).toBe("intranet,127.0.0.1,127.0.0.0/8,localhost");
  expect(environment.no_proxy).toBe(environment.NO_PROXY);
});
