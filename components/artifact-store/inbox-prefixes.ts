/** Where files of an inbox are, by what has become of them. */
export const INBOX_PREFIXES = {
  incoming: "incoming/",
  archive: "archive/",
  rejected: "rejected/",
  claims: "claims/",
} as const;

/** What holds of an inbox that does not say: of its queue and alarms, and of its workers. */
export const INBOX_DEFAULTS = { claimSeconds: 300, attempts: 5, archiveDays: 365, rejectedDays: 90 } as const;

type Settings = { -readonly [Key in keyof typeof INBOX_DEFAULTS]: number };

export function inboxSettings(given: Partial<Settings>): Settings {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...INBOX_DEFAULTS, ...Object.fromEntries(said) };
}
