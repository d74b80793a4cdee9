import { toBridge, UnknownTokenError, urnToBridge } from "./tokens";

test.each([
  ["aws:ec2/vpc:Vpc", "aws:index/vpc:Vpc"],
  ["aws:lb/listener:Listener", "aws:index/lbListener:LbListener"],
  ["aws:lb/loadBalancer:LoadBalancer", "aws:index/lb:Lb"],
  ["aws:alb/loadBalancer:LoadBalancer", "aws:index/lb:Lb"],
  ["aws:elb/loadBalancer:LoadBalancer", "aws:index/elb:Elb"],
  ["aws:rds/instance:Instance", "aws:index/dbInstance:DbInstance"],
  ["aws:ec2/instance:Instance", "aws:index/instance:Instance"],
  ["aws:s3/bucket:Bucket", "aws:index/s3Bucket:S3Bucket"],
  ["aws:s3/bucketObjectv2:BucketObjectv2", "aws:index/s3Object:S3Object"],
  [
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:index/s3BucketReplicationConfiguration:S3BucketReplicationConfiguration",
  ],
  [
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:index/vpcSecurityGroupIngressRule:VpcSecurityGroupIngressRule",
  ],
  ["aws:ec2transitgateway/transitGateway:TransitGateway", "aws:index/ec2TransitGateway:Ec2TransitGateway"],
  ["aws:cfg/recorder:Recorder", "aws:index/configConfigurationRecorder:ConfigConfigurationRecorder"],
])("%s is %s to the bridge", (sdk, bridged) => {
  expect(toBridge(sdk, "resource")).toBe(bridged);
});

test.each([
  [
    "aws:index/getAvailabilityZones:getAvailabilityZones",
    "aws:index/getAvailabilityZones:getAvailabilityZones",
  ],
  ["aws:ec2/getAmi:getAmi", "aws:index/getAmi:getAmi"],
  ["aws:iam/getPolicyDocument:getPolicyDocument", "aws:index/getIamPolicyDocument:getIamPolicyDocument"],
  [
    "aws:ec2/getManagedPrefixList:getManagedPrefixList",
    "aws:index/getEc2ManagedPrefixList:getEc2ManagedPrefixList",
  ],
  ["aws:rds/getEngineVersion:getEngineVersion", "aws:index/getRdsEngineVersion:getRdsEngineVersion"],
])("the function %s is %s to the bridge", (sdk, bridged) => {
  expect(toBridge(sdk, "function")).toBe(bridged);
});

test("a type that provider 5 does not have is refused by its own name", () => {
  expect(() => toBridge("aws:odb/network:Network", "resource")).toThrow(UnknownTokenError);
  expect(() => toBridge("aws:odb/network:Network", "resource")).toThrow(
    "aws:odb/network:Network is a resource",
  );
});

test("only the resource's own type changes in a URN, not its parents' and not its name", () => {
  const parents = "urn:pulumi:dev::shop::retrofit:network:Network$aws:ec2/vpc:Vpc$";
  expect(urnToBridge(`${parents}aws:ec2/subnet:Subnet::a::b$c`)).toBe(
    `${parents}aws:index/subnet:Subnet::a::b$c`,
  );
});

test("URNs of the provider itself and of the stack stay", () => {
  for (const urn of [
    "urn:pulumi:dev::shop::pulumi:providers:aws::p",
    "urn:pulumi:dev::shop::pulumi:pulumi:Stack::s",
  ]) {
    expect(urnToBridge(urn)).toBe(urn);
  }
});
