/** Secrets in log lines, by what they look like. The same rules run in syslog-ng (PCRE) and in the store's pipeline (Java). */
import { KNOWN_TOKENS, NO_SECRET, QUOTE, SCHEMES, SECRET_NAMES, SEPARATOR, VALUE } from "./secret-names";

export interface MaskRule {
  readonly name: string;
  /**
   * In the part of the syntax that PCRE and Java share; without a single quote, which is `\x27`. Each line goes through
   * each rule: repetition that has to be tried from many places has a limit, as have repeated groups, for which Java
   * takes room on its stack.
   */
  readonly pattern: string;
  /** `$1` is what the first group has found. */
  readonly replacement: string;
}

const NAME = `(?:${SECRET_NAMES})\\d{0,2}`;
const BLANK = "[ \\t]*";

export const MASKS: readonly MaskRule[] = [
  {
    name: "private-key",
    pattern:
      "-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\\s\\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)",
    replacement: "*** private key ***",
  },
  {
    // A key whose lines come one by one: lines of nothing but base64. The last is shorter; what tells it from a word is
    // that it is filled up with `=` or has two digits at least. Not a path: it has more slashes and no plus.
    name: "key-body",
    pattern:
      "(?m)^([ \\t]*)(?!/(?:[^/+\\s]+/){3}[^+\\s]*(?:\\s|$))(?=[^a-z\\s]*[a-z])(?=[^A-Z\\s]*[A-Z])" +
      "(?:(?=[^0-9\\s]*[0-9])[A-Za-z0-9+/]{60,}={0,2}" +
      "|(?=[^0-9\\s]*[0-9][^0-9\\s]*[0-9])[A-Za-z0-9+/]{20,59}|[A-Za-z0-9+/]{10,59}={1,2})(?=[ \\t\\r]*$)",
    replacement: "$1***",
  },
  {
    name: "url-password",
    pattern: "(?<=[A-Za-z0-9])(://[^\\s:/@]*:)[^\\s/@]+(?=@)",
    replacement: "$1***",
  },
  {
    name: "oracle-login",
    pattern: "(?i)\\b((?:jdbc:oracle:[a-z0-9]+:|sqlplus (?:-[a-z]+ ){0,3})[^\\s/@]+/)[^\\s@]+(?=@)",
    replacement: "$1***",
  },
  {
    name: "authorization",
    pattern: `(?i)\\b(authorization${QUOTE}?${BLANK}${SEPARATOR}${BLANK}\\[?${QUOTE}?(?:(?:${SCHEMES})[ \\t]+)?)${NO_SECRET}[^\\s"\\x27,\\\\]+`,
    replacement: "$1***",
  },
  {
    // Without its header's name: not "Basic authentication".
    name: "bearer",
    pattern:
      "\\b((?:[Bb]earer|[Bb]asic|BEARER|BASIC)[ \\t]+)(?=[A-Za-z0-9._~+/-]*(?:[0-9=]|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{8,}",
    replacement: "$1***",
  },
  {
    name: "json-web-token",
    pattern: "(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_.-]{8,}",
    replacement: "***",
  },
  { name: "aws-key-id", pattern: "\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\\b", replacement: "***" },
  { name: "known-token", pattern: `\\b(?:${KNOWN_TOKENS})`, replacement: "***" },
  {
    name: "webhook",
    pattern:
      '(?i)\\b(hooks\\.slack\\.com/[a-z]+/|discord(?:app)?\\.com/api/webhooks/|webhook\\.office\\.com/)[^\\s"\\x27<>\\\\]+',
    replacement: "$1***",
  },
  {
    name: "cookie",
    pattern: `(?i)\\b((?:set-)?cookie${QUOTE}?${BLANK}(?:=>|:)${BLANK}\\[?${QUOTE}?)[^\\r\\n"\\x27\\\\]+`,
    replacement: "$1***",
  },
  {
    name: "sql",
    pattern:
      "(?i)\\b((?:identified(?: with [a-z0-9_]+)? by|password)[ \\t]{0,9}\\(?[ \\t]{0,9}\\x27)[^\\x27]+",
    replacement: "$1***",
  },
  {
    // `{"name":"DB_PASSWORD","value":"x"}`, `<add key="DbPassword" value="x"/>`.
    name: "named-value",
    pattern: `(?i)\\b((?:name|key)${QUOTE}?${BLANK}[:=]${BLANK}${QUOTE}[a-z0-9_.-]{0,40}?${NAME}${QUOTE}${BLANK},?${BLANK}${QUOTE}?value${QUOTE}?${BLANK}[:=]${BLANK}${QUOTE})${NO_SECRET}${VALUE}`,
    replacement: "$1***",
  },
  {
    name: "element",
    pattern: `(?i)(<[a-z0-9_:.-]{0,40}?${NAME}(?:\\s[^<>]{0,200})?>(?:<!\\[CDATA\\[)?)[^<]+(?=</)`,
    replacement: "$1***",
  },
  {
    // In quotes, so that JSON stays JSON.
    name: "number",
    pattern: `(?i)(${NAME}(\\\\*")${BLANK}:${BLANK})-?\\d[\\d.e+-]*(?=[\\s,}\\]])`,
    replacement: "$1$2***$2",
  },
  {
    name: "setting",
    pattern: `(?i)(${NAME}${QUOTE}?${BLANK}${SEPARATOR}${BLANK}(?:\\[${BLANK}(?=${QUOTE}))?(?:(?:[bru]{1,2}(?=["\\x27])|Some\\()?${QUOTE})?)${NO_SECRET}${VALUE}`,
    replacement: "$1***",
  },
  {
    // `--password x`, `["--password","x"]`; not "use --password to sign in".
    name: "option",
    pattern: `(?i)((?<![a-z0-9-])--?[a-z0-9_-]{0,40}?${NAME}(?:[ \\t]+${QUOTE}?|${QUOTE}${BLANK},${BLANK}${QUOTE}))(?!-)${NO_SECRET}${VALUE}`,
    replacement: "$1***",
  },
  {
    // Not `-u 1000:1000`, which are numbers of a user and a group.
    name: "user-option",
    pattern: `((?<![\\w-])-(?:[uU]|-(?:proxy-)?user)[ =](?!\\d+:\\d+(?:\\s|$))["\\x27]?[^\\s:"\\x27]+:["\\x27]?)${VALUE}`,
    replacement: "$1***",
  },
  {
    name: "command-line",
    pattern:
      "((?:sshpass[ \\t]+-p[ \\t]*" +
      "|(?:mysql(?:dump|admin)?|mariadb(?:-dump|-admin)?)\\b[^\\n]{0,200}?\\s-p" +
      "|(?:docker|podman)[ \\t]+login\\b[^\\n]{0,200}?\\s-p[ \\t=]*" +
      "|redis-cli\\b[^\\n]{0,200}?\\s-a[ \\t]+" +
      `|ldap(?:search|modify|add|delete|passwd|whoami)\\b[^\\n]{0,200}?\\s-w[ \\t]*)["\\x27]?)${VALUE}`,
    replacement: "$1***",
  },
  {
    name: "payment-card",
    pattern:
      "\\b(?:(?:4\\d{3}|5[1-5]\\d{2}|2[2-7]\\d{2}|6(?:011|5\\d{2}))[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}|3[47]\\d{2}[ -]?\\d{6}[ -]?\\d{5})\\b",
    replacement: "*** card ***",
  },
];
