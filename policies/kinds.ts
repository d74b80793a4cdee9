/** Older names of the same resource in the SDK. */
const MODULES: Record<string, string> = {
  alb: "lb",
  applicationloadbalancing: "lb",
  elasticsearch: "opensearch",
};

/** `ec2/vpc` for `aws:ec2/vpc:Vpc`; `s3/bucket` also for `aws:s3/bucketV2:BucketV2`, `lb/listener` also for `aws:alb/…`. */
export function kindOf(type: string): string {
  const [pack = "", path = ""] = type.split(":");
  const [module = "", name = ""] = path.split("/");
  if (pack === "docker") return `docker/${name || module}`;
  if (pack !== "aws") return type;
  return `${MODULES[module] ?? module}/${name.replace(/[Vv]2$/, "")}`;
}
