import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { documentPath, firstBoot } from "./first-boot";

const document = {
  environment: "dev",
  role: "web",
  region: "eu-central-1",
  release: "1.1.0",
  fleet: "blue",
  application: {
    name: "shop",
    command: "node server.js",
    port: 8080,
    artifact: { bucket: "b", key: "k", sha256: "00" },
  },
};
const text = JSON.stringify(document);
const userData = (file: object) =>
  `#cloud-config\n${stringify({ packages: ["nodejs"], write_files: [{ path: "/etc/other" }, { path: documentPath, ...file }] })}`;

test.each([
  ["plain", userData({ content: text })],
  ["in base64", userData({ content: Buffer.from(text).toString("base64"), encoding: "b64" })],
  ["compressed", userData({ content: gzipSync(text).toString("base64"), encoding: "gz+b64" })],
  ["compressed as a whole, as bytes", gzipSync(userData({ content: text })).toString("latin1")],
  ["compressed as a whole, in base64", gzipSync(userData({ content: text })).toString("base64")],
])("a document is read: %s", (_name, data) => {
  expect(firstBoot(data)).toEqual(document);
});

test.each([
  ["there is no user data", null],
  ["it is a script", "#!/bin/sh\necho"],
  ["no file of it is the document", "#cloud-config\npackages: [nodejs]\n"],
  ["it is empty", "#cloud-config\n"],
  [
    "its configuration alone makes the machine",
    userData({
      content: JSON.stringify({ ...document, application: undefined, configuration: { sha256: "0" } }),
    }),
  ],
])("there is nothing to run when %s", (_name, data) => {
  expect(firstBoot(data)).toBeUndefined();
});

test("what is missing in a document is named", () => {
  const without = {
    ...document,
    application: { ...document.application, command: "", artifact: { bucket: "b" } },
  };
  expect(() => firstBoot(userData({ content: JSON.stringify(without) }))).toThrow(
    "application.command, application.artifact.key, application.artifact.sha256",
  );
});
