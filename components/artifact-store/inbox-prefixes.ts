/** Where files of an inbox are, by what has become of them. */
export const INBOX_PREFIXES = {
  incoming: "incoming/",
  archive: "archive/",
  rejected: "rejected/",
  claims: "claims/",
} as const;
