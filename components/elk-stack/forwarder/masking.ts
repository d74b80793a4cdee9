/** Secrets in log lines, by what they look like. The same rules run in syslog-ng (PCRE) and in the store's pipeline (Java). */

export interface MaskRule {
  readonly name: string;
  /** In the part of the syntax that PCRE and Java share; without a single quote, which is `\x27`. */
  readonly pattern: string;
  /** `$1` is what the first group has found. */
  readonly replacement: string;
}

/** Names of settings that hold secrets, as they end: `PGPASSWORD`, `client_secret`, `X-Api-Key`. */
const SECRET_NAMES = [
  "passw(?:or)?d",
  "passphrase",
  "pwd",
  "secret",
  "token",
  "api[_-]?key",
  "access[_-]?key(?:[_-]?id)?",
  "account[_-]?key",
  "private[_-]?key",
  "encryption[_-]?key",
  "credentials?",
  "authorization",
  "session[_-]?id",
].join("|");

/** Tokens that say by their beginning whose they are. */
const KNOWN_TOKENS = [
  "gh[pousr]_[A-Za-z0-9]{20,}",
  "github_pat_[A-Za-z0-9_]{20,}",
  "glpat-[A-Za-z0-9_-]{16,}",
  "xox[abeprs]-[A-Za-z0-9-]{10,}",
  "[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",
  "sk-[A-Za-z0-9_-]{20,}",
  "AIza[A-Za-z0-9_-]{30,}",
  "ya29\\.[A-Za-z0-9_-]{20,}",
  "npm_[A-Za-z0-9]{30,}",
  "pypi-[A-Za-z0-9_-]{30,}",
  "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}",
  "hv[sb]\\.[A-Za-z0-9_-]{20,}",
  "dop_v1_[a-f0-9]{40,}",
].join("|");

export const MASKS: readonly MaskRule[] = [
  {
    name: "private-key",
    pattern: "-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    replacement: "*** private key ***",
  },
  {
    name: "url-password",
    pattern: "\\b([a-z][a-z0-9+.-]*://[^\\s:/@]*:)[^\\s/@]+(?=@)",
    replacement: "$1***",
  },
  {
    name: "authorization",
    pattern: "(?i)\\b((?:Bearer|Basic|Digest)\\s+)[A-Za-z0-9._~+/=-]{8,}",
    replacement: "$1***",
  },
  {
    name: "json-web-token",
    pattern: "\\beyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]*",
    replacement: "***",
  },
  { name: "aws-key-id", pattern: "\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\\b", replacement: "***" },
  { name: "known-token", pattern: `\\b(?:${KNOWN_TOKENS})`, replacement: "***" },
  { name: "cookie", pattern: '(?i)\\b((?:set-)?cookie\\s*:\\s*)[^\\r\\n"]+', replacement: "$1***" },
  {
    name: "quoted-setting",
    pattern: `(?i)((?:${SECRET_NAMES})["\\x27]?\\s*[:=]\\s*")(?:[^"\\\\]|\\\\.)*`,
    replacement: "$1***",
  },
  {
    // JSON as a text inside of JSON.
    name: "escaped-setting",
    pattern: `(?i)((?:${SECRET_NAMES})\\\\"\\s*:\\s*\\\\")[^"\\\\]*`,
    replacement: "$1***",
  },
  {
    name: "single-quoted-setting",
    pattern: `(?i)((?:${SECRET_NAMES})["\\x27]?\\s*[:=]\\s*\\x27)[^\\x27]*`,
    replacement: "$1***",
  },
  {
    name: "setting",
    pattern: `(?i)((?:${SECRET_NAMES})\\s*[:=]\\s*)[^\\s"\\x27,;&}{\\\\]+`,
    replacement: "$1***",
  },
  {
    name: "command-line",
    pattern: "(\\s(?:-u|--user)[ =][^\\s:]+:|\\bmysql(?:dump|admin)?\\b[^\\n]*?\\s-p)[^\\s]+",
    replacement: "$1***",
  },
  {
    name: "payment-card",
    pattern:
      "\\b(?:(?:4\\d{3}|5[1-5]\\d{2}|2[2-7]\\d{2}|6(?:011|5\\d{2}))[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}|3[47]\\d{2}[ -]?\\d{6}[ -]?\\d{5})\\b",
    replacement: "*** card ***",
  },
];
