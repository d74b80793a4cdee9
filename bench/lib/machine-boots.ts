/** Boots of the web role, beside each other: from Debian's own image, and from one that was baked from the role. */
import { Buffer } from "node:buffer";
import { firstBoot } from "../../components/machine";
import { makeCloud } from "../../tests/machines/support/cloud";
import { archive, documentOf, ENVIRONMENTS, ROLES } from "../../tests/machines/support/configuration";
import { bakedLayer } from "../../tests/machines/support/image";
import {
  bootMachine,
  compile,
  debianRoot,
  everyMachine,
  machineRepository,
} from "../../tests/machines/support/machines";
import { orderOfRound } from "./stats";

export interface Boot {
  /** From the start of the machine to the end of its first boot. */
  readonly seconds: number;
  /** Of that, what the configuration took. */
  readonly configuring: number;
}

export interface MachineBench {
  readonly boots: readonly { readonly fresh: Boot; readonly baked: Boot }[];
  readonly bakeSeconds: number;
  /** Milliseconds to compile a catalog, by role: one for each environment. */
  readonly catalogs: Readonly<Record<string, readonly number[]>>;
  /** Bytes of user data by role, the largest of all environments. */
  readonly userData: Readonly<Record<string, number>>;
  readonly archiveSha256: string;
}

const PACKAGES = ["nodejs"];

export async function ensureRoot(): Promise<void> {
  await debianRoot();
  await machineRepository();
}

export async function measureMachines(
  rounds: number,
  say: (line: string) => void,
  looked: () => void,
): Promise<MachineBench> {
  const compiled = await compile(everyMachine());
  const catalogs = Object.fromEntries(
    ROLES.map((role) => [
      role,
      ENVIRONMENTS.map((environment) => compiled[`${role} in ${environment}`]!.milliseconds),
    ]),
  );
  const userData = Object.fromEntries(
    ROLES.map((role) => [
      role,
      Math.max(
        ...ENVIRONMENTS.map((environment) =>
          Buffer.byteLength(firstBoot(documentOf(role, environment), { packages: PACKAGES })),
        ),
      ),
    ]),
  );
  say(`${Object.keys(compiled).length} catalogs compiled`);
  const cloud = makeCloud();
  const started = Date.now();
  const image = await bakedLayer("web", cloud, PACKAGES);
  const bakeSeconds = (Date.now() - started) / 1000;
  say(`image baked in ${bakeSeconds.toFixed(0)} s`);
  try {
    const boot = async (kind: "fresh" | "baked"): Promise<Boot> => {
      const { machine, result, seconds } = await bootMachine(kind, documentOf("web"), cloud, {
        packages: PACKAGES,
        ...(kind === "baked" && { layer: image.folder }),
      });
      await machine.stop();
      if (result.result !== "succeeded") throw new Error(`a ${kind} machine did not boot: ${result.reason}`);
      say(`${kind}: ${seconds.toFixed(1)} s, ${result.seconds} s of it Puppet`);
      looked();
      return { seconds, configuring: result.seconds };
    };
    const boots: { fresh: Boot; baked: Boot }[] = [];
    for (let round = 0; round < rounds; round++) {
      const pair: Partial<Record<"fresh" | "baked", Boot>> = {};
      for (const kind of orderOfRound(["fresh", "baked"] as const, round)) pair[kind] = await boot(kind);
      boots.push(pair as { fresh: Boot; baked: Boot });
    }
    return { boots, bakeSeconds, catalogs, userData, archiveSha256: archive.sha256 };
  } finally {
    image.remove();
    cloud.close();
  }
}
