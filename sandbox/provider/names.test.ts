import { withName } from "./names";

const seed = Buffer.from("0123456789abcdef", "hex");
const naming = (path: string, name: string, before?: Record<string, string>) => ({
  path,
  name,
  seed,
  before,
});

test("a bucket without a name gets one of its logical name, in small letters", () => {
  expect(withName({}, naming("s3/bucket", "Files"))).toEqual({ bucket: "files-0123456" });
});

test("the preview and the update after it agree about the name", () => {
  const once = withName({}, naming("cloudwatch/metricAlarm", "errors"));
  expect(withName({}, naming("cloudwatch/metricAlarm", "errors"))).toEqual(once);
});

test("a resource that exists keeps its name", () => {
  expect(withName({}, naming("s3/bucket", "files", { bucket: "files-old" }))).toEqual({
    bucket: "files-old",
  });
});

test("a name that the program gives is left alone", () => {
  const given = { bucket: "mine" };
  expect(withName(given, naming("s3/bucket", "files"))).toBe(given);
});

test("a name prefix becomes a name, since the bridge would add another name beside it", () => {
  expect(withName({ namePrefix: "web-" }, naming("lb/targetGroup", "tg"))).toEqual({ name: "web-0123456" });
  expect(withName({ namePrefix: "web-" }, naming("lb/targetGroup", "tg", { name: "web-1" }))).toEqual({
    name: "web-1",
  });
});

test("a changed prefix gives a new name", () => {
  expect(withName({ namePrefix: "api-" }, naming("lb/targetGroup", "tg", { name: "web-1" }))).toEqual({
    name: "api-0123456",
  });
});

test("an object's key is the resource's own name, and an alias begins as AWS wants it", () => {
  expect(withName({}, naming("s3/bucketObjectv2", "index.html"))).toEqual({ key: "index.html" });
  expect(withName({}, naming("kms/alias", "data"))).toEqual({ name: "alias/data-0123456" });
});

test("types that the bridge names itself are left to it", () => {
  const inputs = {};
  expect(withName(inputs, naming("iam/role", "machine"))).toBe(inputs);
});
