/** The AWS Pricing API: which product a price is of, and the price in its answer. */
import type { PricingClient } from "@aws-sdk/client-pricing";
import type { PriceKey } from "./items";

export interface Product {
  readonly service: string;
  readonly filters: Readonly<Record<string, string>>;
  /** Tells the one product among those that answer. */
  readonly usageType: RegExp;
}

/** Things that are billed without a type, with the names that the price list has for them. */
const PRODUCTS: Record<string, Product> = {
  natGateway: {
    service: "AmazonEC2",
    filters: { productFamily: "NAT Gateway" },
    usageType: /(^|-)NatGateway-Hours$/,
  },
  loadBalancer: {
    service: "AWSELB",
    filters: { productFamily: "Load Balancer-Application" },
    usageType: /(^|-)LoadBalancerUsage$/,
  },
  networkLoadBalancer: {
    service: "AWSELB",
    filters: { productFamily: "Load Balancer-Network" },
    usageType: /(^|-)LoadBalancerUsage$/,
  },
  interfaceEndpoint: {
    service: "AmazonVPC",
    filters: { productFamily: "VpcEndpoint" },
    usageType: /(^|-)VpcEndpoint-Hours$/,
  },
  volumeGbMonth: {
    service: "AmazonEC2",
    filters: { productFamily: "Storage", volumeApiName: "gp3" },
    usageType: /(^|-)EBS:VolumeUsage\.gp3$/,
  },
  databaseGbMonth: {
    service: "AmazonRDS",
    filters: { productFamily: "Database Storage", databaseEngine: "PostgreSQL" },
    usageType: /(^|-)RDS:GP3-Storage$/,
  },
  searchGbMonth: {
    service: "AmazonES",
    filters: { productFamily: "Amazon OpenSearch Service Volume", storageMedia: "GP3" },
    usageType: /(^|-)ES:GP3-Storage$/,
  },
  vpnConnection: {
    service: "AmazonVPC",
    filters: { operation: "CreateVpnConnection" },
    usageType: /(^|-)VPN-Usage-Hours:ipsec\.1$/,
  },
};

/** Types of a service that has a prefix of its own for them. */
const TYPED: { prefix: string; service: string; filters: Record<string, string>; usageType: RegExp }[] = [
  {
    prefix: "db.",
    service: "AmazonRDS",
    filters: { databaseEngine: "PostgreSQL", deploymentOption: "Single-AZ" },
    usageType: /(^|-)InstanceUsage:/,
  },
  {
    prefix: "cache.",
    service: "AmazonElastiCache",
    filters: { cacheEngine: "Valkey" },
    usageType: /(^|-)NodeUsage:/,
  },
];

/** Types of nodes end in it, and the price list has them with it. */
const SEARCH = /\.search$/;

export function productOf(key: PriceKey): Product {
  if (SEARCH.test(key)) {
    return { service: "AmazonES", filters: { instanceType: key }, usageType: /(^|-)ESInstance:/ };
  }
  const typed = TYPED.find(({ prefix }) => key.startsWith(prefix));
  if (typed) return { ...typed, filters: { ...typed.filters, instanceType: key } };
  return (
    PRODUCTS[key] ?? {
      service: "AmazonEC2",
      filters: {
        instanceType: key,
        operatingSystem: "Linux",
        tenancy: "Shared",
        preInstalledSw: "NA",
        capacitystatus: "Used",
      },
      usageType: /(^|-)BoxUsage:/,
    }
  );
}

/** The API answers in few regions; prices of all regions are in each. */
export function pricingRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-northwest-1";
  if (region.startsWith("eu-")) return "eu-central-1";
  return region.startsWith("ap-") ? "ap-south-1" : "us-east-1";
}

/** Undefined where the list has no such product. Throws what the SDK throws. */
export async function askPrice(
  client: Pick<PricingClient, "send">,
  key: PriceKey,
  region: string,
  currency: string,
  abortSignal: AbortSignal,
): Promise<number | undefined> {
  const { GetProductsCommand } = await import("@aws-sdk/client-pricing");
  const product = productOf(key);
  const filters = { ...product.filters, regionCode: region };
  const answer = await client.send(
    new GetProductsCommand({
      ServiceCode: product.service,
      Filters: Object.entries(filters).map(([Field, Value]) => ({ Type: "TERM_MATCH", Field, Value })),
      MaxResults: 100,
    }),
    { abortSignal },
  );
  const found = (answer.PriceList ?? []).flatMap((text: unknown) =>
    pricesIn(String(text), product, currency),
  );
  // Where the list names several, such as for kinds of a thing, the dearest keeps the check on the safe side.
  return found.length > 0 ? Math.max(...found) : undefined;
}

interface Offer {
  product?: { attributes?: { usagetype?: string } };
  terms?: {
    OnDemand?: Record<
      string,
      { priceDimensions?: Record<string, { pricePerUnit?: Record<string, string> }> }
    >;
  };
}

export function pricesIn(text: string, product: Pick<Product, "usageType">, currency: string): number[] {
  const { product: offered, terms } = JSON.parse(text) as Offer;
  if (!product.usageType.test(offered?.attributes?.usagetype ?? "")) return [];
  return Object.values(terms?.OnDemand ?? {})
    .flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions))
    .map(({ pricePerUnit = {} }) => Number(pricePerUnit[currency]))
    .filter((price) => price > 0);
}
