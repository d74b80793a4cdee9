/** What a machine ships and where to: one model, from which each forwarder's configuration is made. */
import type { MaskRule } from "./masking";

/** `plain`: a line is a message. `json`: a line is an object whose `level`, `time` and `message` are taken as such. */
export type LogFormat = "plain" | "json";

interface CommonSource {
  /** Names the source in counts and messages: lower case letters, digits and `-`. */
  readonly name: string;
  /** Lines per second; what is beyond is not sent and is counted. Default: no limit. */
  readonly rateLimit?: number;
}

/** Files that an application writes. */
export interface FileSource extends CommonSource {
  readonly type: "files";
  /** Whose lines these are; decides the data stream. */
  readonly application: string;
  /** Absolute paths; `*` and `?` in the last part. */
  readonly paths: readonly string[];
  /** Default `plain`. */
  readonly format?: LogFormat;
  /** Begin of a message that goes over many lines, such as a stack trace: a regular expression, as in `^\d{4}-`. */
  readonly startsWith?: string;
}

/** The journal of the machine: every unit, the kernel, and what was logged by syslog, sign-ins included. */
export interface JournalSource extends CommonSource {
  readonly type: "journal";
  /** The unit that runs the application: its lines go to the application's stream. */
  readonly application?: { readonly unit: string; readonly name: string; readonly format?: LogFormat };
  /** Whose lines containers write, where Docker logs to the journal. Each line says its container as `service.name`. */
  readonly containers?: { readonly application: string; readonly format?: LogFormat };
}

/** Lines that others send by syslog over TCP, such as appliances. */
export interface SyslogSource extends CommonSource {
  readonly type: "syslog";
  readonly port: number;
  /** Folder that they are kept in as well, by sender and day; syslog-ng only. Default: none. */
  readonly keepIn?: string;
}

export type LogSource = FileSource | JournalSource | SyslogSource;

/** The store's bulk interface. */
export interface StoreOutput {
  /** `https://…`, without a path. */
  readonly endpoint: string;
  /**
   * `none`: whoever reaches the store may write. `basic`: user and password from the forwarder's environment,
   * `RETROFIT_LOGS_USER` and `RETROFIT_LOGS_PASSWORD`, for syslog-ng both in `RETROFIT_LOGS_BASIC` as the header has them.
   * `signed`: requests signed with the machine's role, Fluent Bit only.
   */
  readonly authentication: "none" | "basic" | "signed";
  /** Needed with `signed`. */
  readonly region?: string;
  /** File with the certificates that the store's is checked with. Default: the machine's own. */
  readonly trustedCertificates?: string;
}

export interface BufferOptions {
  /** Room on the machine's disk for what the store has not taken yet, in MB. Default 512. */
  readonly sizeMb?: number;
  /**
   * What happens when it is full. `block`: sources wait; files and the journal keep what is not read yet, as long as they
   * are not rotated away. `drop`: lines are left out and counted: with syslog-ng the newest, with Fluent Bit the oldest.
   * Default `block`.
   */
  readonly whenFull?: "block" | "drop";
}

export interface ForwarderModel {
  readonly environment: string;
  readonly sources: readonly LogSource[];
  readonly output: StoreOutput;
  readonly buffer?: BufferOptions;
  /** Masks beside those that are always there. */
  readonly masks?: readonly MaskRule[];
}

/** Everything that a forwarder keeps on its machine. */
export const FORWARDER_FOLDER = "/var/lib/retrofit-logs";

/**
 * What differs between machines comes from the forwarder's environment, so that one configuration serves them all and a
 * release in place needs no other one.
 */
export const MACHINE_VARIABLES = {
  "host.id": "RETROFIT_MACHINE",
  "service.version": "RETROFIT_RELEASE",
  "retrofit.role": "RETROFIT_ROLE",
  "retrofit.fleet": "RETROFIT_FLEET",
} as const;

export const applicationStream = (application: string, environment: string) =>
  `logs-${application}-${environment}`;

/** Where lines go that no application wrote. */
export const systemStream = (environment: string) => applicationStream("system", environment);

export const bufferOf = ({ buffer = {} }: ForwarderModel): Required<BufferOptions> => ({
  sizeMb: buffer.sizeMb ?? 512,
  whenFull: buffer.whenFull ?? "block",
});
