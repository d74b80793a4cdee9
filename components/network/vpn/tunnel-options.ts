import type { Problem } from "../../shared/validation";

/** What may be given up for an old device. Each word adds what it names to the hardened lists. */
export const LOOSENING = {
  ikev1: "IKE version 1 beside 2",
  sha1: "SHA-1 as integrity algorithm",
  aes128: "keys of 128 bits",
  cbc: "AES in CBC mode, for devices without GCM",
  group14: "the 2048-bit Diffie-Hellman group 14",
  oldGroups: "Diffie-Hellman groups of 1024 and 1536 bits, and 22 to 24: 2, 5, 22, 23, 24",
  longLifetimes: "keys used for up to 8 hours (phase 1) and 1 hour (phase 2)",
  noRestart: "a tunnel whose peer is gone is left down instead of being started again",
} as const;
export type LooseningWord = keyof typeof LOOSENING;
export const LOOSENING_WORDS = Object.keys(LOOSENING) as LooseningWord[];

export type IkeVersion = "ikev1" | "ikev2";
export type Encryption = "AES256-GCM-16" | "AES256" | "AES128-GCM-16" | "AES128";
export type Integrity = "SHA2-512" | "SHA2-384" | "SHA2-256" | "SHA1";

/** Options of both tunnels of a peer. Every list is what AWS accepts; it agrees with the device on one of each. */
export interface TunnelArgs {
  /** @default ["ikev2"] */
  ikeVersions?: IkeVersion[];
  /** The exchange of keys. */
  phase1?: PhaseArgs;
  /** The traffic. */
  phase2?: PhaseArgs;
  /** Seconds without an answer after which a peer counts as gone: 30 or more. @default 30 */
  dpdTimeoutSeconds?: number;
  /** What AWS does then. @default "restart"; "clear" for a peer without an address, which AWS cannot call */
  dpdTimeoutAction?: "restart" | "clear" | "none";
  /** Who begins: `start`, AWS too, needs IKEv2 and a peer with an address; `add`, the device alone. @default "start" where possible */
  startupAction?: "start" | "add";
  /** Seconds before the end of phase 2's lifetime in which new keys are made: 60 to half of the lifetime. @default 270 */
  rekeyMarginSeconds?: number;
  /** Share of the margin, in percent, by which the moment varies. @default 100 */
  rekeyFuzzPercentage?: number;
  /** Packets that may arrive out of order: 64 to 2048. @default 1024 */
  replayWindow?: number;
  /** AWS asks before it replaces the end of a tunnel for maintenance. @default false */
  lifecycleControl?: boolean;
}

export interface PhaseArgs {
  /** @default ["AES256-GCM-16"] */
  encryption?: Encryption[];
  /** @default ["SHA2-256", "SHA2-384", "SHA2-512"] */
  integrity?: Integrity[];
  /** Diffie-Hellman groups. @default [19, 20, 21], elliptic curves of 256, 384 and 521 bits */
  groups?: number[];
  /** Phase 1: 900 to 28800, phase 2: 900 to 3600. @default 14400 and 1800 */
  lifetimeSeconds?: number;
}

export type PhaseSettings = Required<PhaseArgs>;
export type TunnelSettings = Required<Omit<TunnelArgs, "phase1" | "phase2">> & {
  phase1: PhaseSettings;
  phase2: PhaseSettings;
};

export const HARDENED = {
  ikeVersions: ["ikev2"],
  encryption: ["AES256-GCM-16"],
  integrity: ["SHA2-256", "SHA2-384", "SHA2-512"],
  groups: [19, 20, 21],
  lifetimes: { phase1: 14_400, phase2: 1800 },
} as const;

/** What AWS knows, by property; phase 1 has no group 5. */
const KNOWN = {
  ikeVersions: ["ikev1", "ikev2"],
  encryption: ["AES256-GCM-16", "AES256", "AES128-GCM-16", "AES128"],
  integrity: ["SHA2-512", "SHA2-384", "SHA2-256", "SHA1"],
  groups: [2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24],
} as const;
const LONGEST = { phase1: 28_800, phase2: 3600 } as const;
const SHORTEST = 900;
const PHASES = ["phase1", "phase2"] as const;
type Phase = (typeof PHASES)[number];

/** The words that a value needs, all of them. */
const NEEDS: Record<string, readonly LooseningWord[]> = {
  ikev1: ["ikev1"],
  SHA1: ["sha1"],
  AES256: ["cbc"],
  "AES128-GCM-16": ["aes128"],
  AES128: ["aes128", "cbc"],
  2: ["oldGroups"],
  5: ["oldGroups"],
  14: ["group14"],
  22: ["oldGroups"],
  23: ["oldGroups"],
  24: ["oldGroups"],
};

/** The options of a peer's tunnels: what was asked for, then what its words add to the hardened lists. */
export function tunnelSettings(
  args: TunnelArgs = {},
  loosen: readonly LooseningWord[] = [],
  hasAddress = true,
): TunnelSettings {
  const ikeVersions =
    args.ikeVersions ?? widened<IkeVersion>(HARDENED.ikeVersions, KNOWN.ikeVersions, loosen);
  const phase = (of: Phase): PhaseSettings => {
    const wanted = args[of] ?? {};
    const groups = KNOWN.groups.filter((group) => of === "phase2" || group !== 5);
    const lifetimes = loosen.includes("longLifetimes") ? LONGEST : HARDENED.lifetimes;
    return {
      encryption: wanted.encryption ?? widened<Encryption>(HARDENED.encryption, KNOWN.encryption, loosen),
      integrity: wanted.integrity ?? widened<Integrity>(HARDENED.integrity, KNOWN.integrity, loosen),
      groups: wanted.groups ?? widened<number>(HARDENED.groups, groups, loosen),
      lifetimeSeconds: wanted.lifetimeSeconds ?? lifetimes[of],
    };
  };
  const restarts = hasAddress && !loosen.includes("noRestart");
  return {
    ikeVersions,
    phase1: phase("phase1"),
    phase2: phase("phase2"),
    dpdTimeoutSeconds: args.dpdTimeoutSeconds ?? 30,
    dpdTimeoutAction: args.dpdTimeoutAction ?? (restarts ? "restart" : "clear"),
    // AWS begins only in IKEv2, and only where it knows whom to call.
    startupAction: args.startupAction ?? (hasAddress && !ikeVersions.includes("ikev1") ? "start" : "add"),
    rekeyMarginSeconds: args.rekeyMarginSeconds ?? 270,
    rekeyFuzzPercentage: args.rekeyFuzzPercentage ?? 100,
    replayWindow: args.replayWindow ?? 1024,
    lifecycleControl: args.lifecycleControl ?? false,
  };
}

function widened<T extends string | number>(
  hardened: readonly T[],
  known: readonly T[],
  loosen: readonly LooseningWord[],
): T[] {
  const more = known.filter((value) => {
    const needs = NEEDS[String(value)];
    return needs !== undefined && !hardened.includes(value) && needs.every((word) => loosen.includes(word));
  });
  return [...hardened, ...more];
}

/** Everything that is wrong with a peer's options. `at` is the peer's path, such as `peers.office`. */
export function tunnelProblems(
  at: string,
  args: TunnelArgs = {},
  loosen: readonly LooseningWord[] = [],
  hasAddress = true,
): Problem[] {
  const words = loosen.filter((word) => !LOOSENING_WORDS.includes(word));
  if (words.length > 0) {
    const allowed = LOOSENING_WORDS.join(", ");
    return words.map((word) => ({ property: `${at}.loosen`, got: word, allowed, fix: `Remove "${word}".` }));
  }
  const settings = tunnelSettings(args, loosen, hasAddress);
  return [
    ...listProblems(at, "tunnels.ikeVersions", settings.ikeVersions, KNOWN.ikeVersions, loosen),
    ...PHASES.flatMap((phase) => phaseProblems(at, phase, settings[phase], loosen)),
    ...deadPeerProblems(at, settings, loosen, hasAddress),
    ...numberProblems(at, settings),
  ];
}

function phaseProblems(
  at: string,
  phase: Phase,
  settings: PhaseSettings,
  loosen: readonly LooseningWord[],
): Problem[] {
  const path = `tunnels.${phase}`;
  const groups = KNOWN.groups.filter((group) => phase === "phase2" || group !== 5);
  const { lifetimeSeconds: lifetime } = settings;
  const most = loosen.includes("longLifetimes") ? LONGEST[phase] : HARDENED.lifetimes[phase];
  const property = `${at}.${path}.lifetimeSeconds`;
  const inRange = Number.isInteger(lifetime) && lifetime >= SHORTEST && lifetime <= LONGEST[phase];
  const long = inRange && lifetime > most;
  return [
    ...listProblems(at, `${path}.encryption`, settings.encryption, KNOWN.encryption, loosen),
    ...listProblems(at, `${path}.integrity`, settings.integrity, KNOWN.integrity, loosen),
    ...listProblems(at, `${path}.groups`, settings.groups, groups, loosen),
    ...(inRange && !long
      ? []
      : [
          {
            property,
            got: lifetime,
            allowed: `a whole number of seconds from ${SHORTEST} to ${most}`,
            fix: long
              ? `Use ${most} or less, or add "longLifetimes" to ${at}.loosen.`
              : `Use ${HARDENED.lifetimes[phase]}.`,
          },
        ]),
  ];
}

function listProblems(
  at: string,
  path: string,
  got: readonly (string | number)[],
  known: readonly (string | number)[],
  loosen: readonly LooseningWord[],
): Problem[] {
  const property = `${at}.${path}`;
  const strong = known.filter((value) => (NEEDS[value] ?? []).every((word) => loosen.includes(word)));
  const allowed = `${strong.join(", ")}`;
  if (got.length === 0) return [{ property, got, allowed, fix: "Name at least one, or leave the list out." }];
  return got.flatMap((value): Problem[] => {
    if (!known.includes(value)) return [{ property, got: value, allowed, fix: "Use one of these." }];
    const missing = (NEEDS[value] ?? []).filter((word) => !loosen.includes(word));
    if (missing.length === 0) return [];
    const words = missing.map((word) => `"${word}"`).join(" and ");
    const fix = `Remove it, or accept the weakness by adding ${words} to ${at}.loosen.`;
    return [{ property, got: value, allowed, fix }];
  });
}

function deadPeerProblems(
  at: string,
  settings: TunnelSettings,
  loosen: readonly LooseningWord[],
  hasAddress: boolean,
): Problem[] {
  const problems: Problem[] = [];
  const { dpdTimeoutAction: action, startupAction, ikeVersions } = settings;
  if (action === "restart" && !hasAddress) {
    const fix = `Give ${at}.address, or leave the action out: the device calls, AWS cannot.`;
    problems.push({
      property: `${at}.tunnels.dpdTimeoutAction`,
      got: action,
      allowed: "clear for a peer without an address",
      fix,
    });
  }
  if (action !== "restart" && hasAddress && !loosen.includes("noRestart")) {
    const fix = `Use "restart", or add "noRestart" to ${at}.loosen.`;
    problems.push({ property: `${at}.tunnels.dpdTimeoutAction`, got: action, allowed: "restart", fix });
  }
  if (startupAction === "start" && (!hasAddress || ikeVersions.includes("ikev1"))) {
    const reason = hasAddress ? "AWS begins only in IKEv2" : "AWS does not know whom to call";
    problems.push({
      property: `${at}.tunnels.startupAction`,
      got: startupAction,
      allowed: "add for a peer without an address or with IKEv1",
      fix: `Use "add": ${reason}.`,
    });
  }
  return problems;
}

function numberProblems(at: string, settings: TunnelSettings): Problem[] {
  const half = settings.phase2.lifetimeSeconds / 2;
  const ranges = [
    ["dpdTimeoutSeconds", 30, 3600],
    ["rekeyMarginSeconds", 60, half],
    ["rekeyFuzzPercentage", 0, 100],
    ["replayWindow", 64, 2048],
  ] as const;
  return ranges.flatMap(([key, least, most]) => {
    const got = settings[key];
    if (Number.isInteger(got) && got >= least && got <= most) return [];
    const allowed = `a whole number from ${least} to ${most}${key === "rekeyMarginSeconds" ? ", half of phase 2's lifetime" : ""}`;
    return [{ property: `${at}.tunnels.${key}`, got, allowed, fix: `Use ${got > most ? most : least}.` }];
  });
}
