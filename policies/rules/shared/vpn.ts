import type { Bag } from "../../rule";

/** Both tunnels of a VPN connection: number, and how to read one of its settings. */
export function tunnels(props: Bag): [number, (setting: string) => Bag[string]][] {
  return [1, 2].map((number) => [number, (setting: string) => props[`tunnel${number}${setting}`]]);
}
