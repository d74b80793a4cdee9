/** What the masks look for: names that secrets go by, how a value follows its name, and tokens that say whose they are. */

/** In front of `pass` without a line between: `dbPass`, `keypass`. A list, since words end so as well (`bypass`, `compass`). */
const OWNERS = "db my key store user root admin smtp mail ftp ssh bind ldap redis mysql pg".split(" ");

/** In front of `key`. A list as well: `primary_key`, `cache_key` and `routing_key` are no secrets. */
const KEYS =
  "api access account private encryption secret auth signing signature master shared session client consumer storage webhook hmac jwt cipher license".split(
    " ",
  );

/** Looks back; all that is looked back at has one length, as PCRE wants it. */
const after = (texts: readonly string[]) => `(?<=${texts.join("|")})`;

/** A small number: `pass: 12 tests`. */
const COUNT = '["\\x27]?[ \\t]*[:=][ \\t]*\\d{1,5}(?![^\\s,;)}\\]%])';

/**
 * As they end, without regard to case: `PGPASSWORD`, `client_secret`, `X-Api-Key`, `JSESSIONID`. What has to be in front is
 * looked back at, so that a line is searched for few letters only: these names are what masking costs.
 */
export const SECRET_NAMES = [
  [
    "pass(?:w(?:or)?d|phrase|code",
    after(["[_-]pass", ...OWNERS.map((owner) => `${owner}pass`)]),
    // Not what Go says of a test, `--- PASS: TestCheckout`.
    `(?<![a-z_-]pass)(?<!- pass)(?!${COUNT}))`,
  ].join("|"),
  // The shell's `PWD=/srv` is a folder.
  `pw(?:d(?!["\\x27]?[ \\t]*[:=][ \\t]*["\\x27]?/)|(?<![a-z]pw)|${after(["dbpw", "bindpw", "rootpw", "userpw"])})`,
  "psk(?<![a-z]psk)",
  // Not in an ARN, which has an account in front of it.
  "se(?:cret(?<![0-9]:secret)|ss(?:ion)?[_-]?id)",
  // A method has a signature as well.
  'sig(?:nature(?=\\\\*["\\x27]|[ \\t]*=)|(?<=\\?sig|&sig|;sig))',
  "token",
  `key${after(KEYS.flatMap((owner) => [`${owner}key`, `${owner}[_. -]key`]))}(?:[_-]?(?:id|base))?`,
  "c(?:redentials?|onnect\\.sid|v[vc]2?(?<![a-z]cv[vc])(?<![a-z]cv[vc]2))",
].join("|");

/** Of a name or of a value; escaped in JSON that is a text in JSON. */
export const QUOTE = '(?:\\\\*["\\x27])';

/** Not `Token::parse`, and not `secret://`. */
export const SEPARATOR = "(?:=>|:=|==|=(?![=>])|:(?![:=]|//))";

/** Between a separator and what is no secret although a name is in front of it. */
export const NO_SECRET =
  "(?!(?:true|false|null|none|nil|undefined|yes|no|on|off|ok|is|was|has|not|must|to|or|and|for|in|if|from|with|without|when|" +
  "required?|requires|needs?|argument|option|flag|valid|invalid|missing|incorrect|wrong|unknown|empty|unset|enabled|disabled|" +
  'changed|expired|refreshed|rotated|revoked|accepted|rejected|denied|granted|failed|success)(?![^\\s"\\x27,;.:!&)}\\]\\\\])' +
  "|arn:aws)";

/**
 * To the end of its quotes, where one has just been opened, or else to the end of the word: also beyond a comma, unless
 * another setting follows.
 */
export const VALUE =
  '(?:(?<=\\\\["\\x27])[^"\\x27\\\\]+' +
  '|(?<=[^\\\\]")(?:[^"\\\\]|\\\\.)[^"\\\\]*(?:\\\\.[^"\\\\]*){0,40}' +
  "|(?<=[^\\\\]\\x27)[^\\x27]+" +
  '|(?<!["\\x27])[^\\s"\\x27,;&}{\\\\]+(?:[,;}{\\\\][^\\s"\\x27,;&}{\\\\=:]+(?=[\\s"\\x27]|$))?)';

/** In front of what an `Authorization` header carries. */
export const SCHEMES =
  "bearer|basic|digest|token|apikey|api-key|key|negotiate|ntlm|hawk|oauth|splunk|signature|aws4-hmac-sha256";

/** Tokens that say by their beginning whose they are. */
export const KNOWN_TOKENS = [
  "gh[pousr]_[A-Za-z0-9]{20,}",
  "github_pat_[A-Za-z0-9_]{20,}",
  "gl(?:pat|rt|dt|ptt|cbt)-[A-Za-z0-9_-]{16,}",
  "xox[abeprs]-[A-Za-z0-9-]{10,}",
  "xapp-[A-Za-z0-9-]{10,}",
  "[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",
  "whsec_[A-Za-z0-9+/=]{8,}",
  "sk-[A-Za-z0-9_-]{20,}",
  "shp(?:at|ca|pa|ss)_[a-f0-9]{20,}",
  "AIza[A-Za-z0-9_-]{30,}",
  "ya29\\.[A-Za-z0-9_-]{20,}",
  "npm_[A-Za-z0-9]{30,}",
  "pypi-[A-Za-z0-9_-]{30,}",
  "pul-[a-f0-9]{40}",
  "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}",
  "hv[sb]\\.[A-Za-z0-9_-]{20,}",
  "dop_v1_[a-f0-9]{40,}",
  "dckr_pat_[A-Za-z0-9_-]{20,}",
  "AGE-SECRET-KEY-1[A-Z0-9]{20,}",
].join("|");
