import { decodeStruct, encodeStruct, type Properties } from "./struct";
import { Translator } from "./translate";
import { encodeField, encodeString, readBytes, readString } from "./wire";

const URN = "urn:pulumi:dev::shop::aws:cloudwatch/metricAlarm:MetricAlarm::errors";
const BRIDGED = "urn:pulumi:dev::shop::aws:index/cloudwatchMetricAlarm:CloudwatchMetricAlarm::errors";

function translator(region?: string): Translator {
  const made = new Translator();
  made.region = region;
  return made;
}

const check = (urn: string, news: Properties) =>
  Buffer.concat([
    encodeString(1, urn),
    encodeField(3, encodeStruct(news)),
    encodeField(5, Buffer.from("abcdef0", "hex")),
  ]);

const checkedNews = (message: Buffer) => decodeStruct(readBytes(message, 3)!);

test("a region that the program gives does not reach a provider that has none on resources", () => {
  const urn = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net";
  const { request } = translator().resource(
    "Check",
    check(urn, { region: "eu-west-1", cidrBlock: "10.0.0.0/16" }),
  );
  expect(checkedNews(request)).toEqual({ cidrBlock: "10.0.0.0/16" });
});

test("each resource says the region of its provider, as version 7 does", () => {
  const urn = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net";
  const { answer } = translator("eu-central-1").resource("Create", encodeString(1, urn));
  const created = answer(
    Buffer.concat([encodeString(1, "vpc-1"), encodeField(2, encodeStruct({ arn: "a" }))]),
  );
  expect(decodeStruct(readBytes(created, 2)!)).toEqual({ arn: "a", region: "eu-central-1" });
});

test("a bucket's own region is not said twice", () => {
  const urn = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::files";
  const { answer } = translator("eu-central-1").resource("Create", encodeString(1, urn));
  const state = encodeField(2, encodeStruct({ region: "us-east-1" }));
  expect(answer(state)).toEqual(state);
});

test("the bridge gets back its own state byte for byte, although the program sees it reshaped", () => {
  const urn = "urn:pulumi:dev::shop::aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration::l";
  const state = { bucket: "b", rules: [{ id: "x", expirations: [], filters: [{ prefix: "" }] }] };
  const one = translator("eu-central-1");
  const { answer } = one.resource("Create", encodeString(1, urn));
  const seen = decodeStruct(readBytes(answer(encodeField(2, encodeStruct(state))), 2)!);
  expect(seen.rules).toEqual([{ id: "x", expiration: null, filter: { prefix: "" } }]);
  const { request } = one.resource(
    "Delete",
    Buffer.concat([encodeString(2, urn), encodeField(3, encodeStruct(seen))]),
  );
  expect(decodeStruct(readBytes(request, 3)!)).toEqual(state);
});

test("differences and failures are told about the program's properties", () => {
  const one = translator();
  const { answer: diffed } = one.resource("Diff", encodeString(2, URN));
  const detail = encodeField(
    6,
    Buffer.concat([encodeString(1, "alarmName"), encodeField(2, Buffer.alloc(0))]),
  );
  const difference = diffed(
    Buffer.concat([encodeString(1, "alarmName"), encodeString(5, "alarmName"), detail]),
  );
  expect([
    readString(difference, 1),
    readString(difference, 5),
    readString(readBytes(difference, 6)!, 1),
  ]).toEqual(["name", "name", "name"]);
  const { answer: checked } = one.resource("Check", check(URN, {}));
  const failure = checked(
    encodeField(2, Buffer.concat([encodeString(1, "alarmName"), encodeString(2, "too long")])),
  );
  expect(readString(readBytes(failure, 2)!, 1)).toBe("name");
});

test("ignoreChanges reaches the bridge in its own words", () => {
  const { request } = translator().resource(
    "Diff",
    Buffer.concat([encodeString(2, URN), encodeString(5, "name")]),
  );
  expect(readString(request, 5)).toBe("alarmName");
});

test("messages of the bridge name the resource as the program does", () => {
  const one = translator();
  one.resource("Create", encodeString(1, URN));
  expect(
    one.inProgramsWords(`${BRIDGED} failed; aws:index/cloudwatchMetricAlarm:CloudwatchMetricAlarm`),
  ).toBe(`${URN} failed; aws:cloudwatch/metricAlarm:MetricAlarm`);
});

test("default tags of a provider reach the bridge as a list, and come back as the program wrote them", () => {
  const tags = JSON.stringify({ tags: { env: "dev" } });
  const { request, answer } = translator().config(
    "CheckConfig",
    Buffer.concat([
      encodeString(1, "urn"),
      encodeField(3, encodeStruct({ defaultTags: tags, region: "eu-west-1" })),
    ]),
  );
  const news = readBytes(request, 3)!;
  expect(decodeStruct(news)).toEqual({ defaultTags: '[{"tags":{"env":"dev"}}]', region: "eu-west-1" });
  expect(decodeStruct(readBytes(answer(encodeField(1, news)), 1)!)).toEqual({
    defaultTags: tags,
    region: "eu-west-1",
  });
});

test("functions get no region and give the one of the provider", () => {
  const call = Buffer.concat([
    encodeString(1, "aws:index/getRegion:getRegion"),
    encodeField(2, encodeStruct({ region: "eu-central-1" })),
  ]);
  const { request, answer } = translator("eu-central-1").invoke(call);
  expect(decodeStruct(readBytes(request, 2)!)).toEqual({});
  const result = answer(encodeField(1, encodeStruct({ name: "eu-central-1" })));
  expect(decodeStruct(readBytes(result, 1)!)).toEqual({ name: "eu-central-1", region: "eu-central-1" });
});
