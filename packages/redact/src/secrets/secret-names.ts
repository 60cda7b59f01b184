/** What a value must look like to be one, by the name that stands before it. */
export type SecretKind = "password" | "token" | "header";

/** Ends of names, without their separators: `client_secret`, `clientSecret` and `Client-Secret` are one. */
const endings: readonly (readonly [ending: string, kind: SecretKind])[] = [
  ["password", "password"],
  ["passwd", "password"],
  ["passphrase", "password"],
  ["passwort", "password"],
  ["pwd", "password"],
  ["authorization", "header"],
  ["secret", "token"],
  ["token", "token"],
  ["apikey", "token"],
  ["appkey", "token"],
  ["accesskey", "token"],
  ["secretkey", "token"],
  ["secretaccesskey", "token"],
  ["privatekey", "token"],
  ["accountkey", "token"],
  ["sharedkey", "token"],
  ["authkey", "token"],
  ["licensekey", "token"],
  ["signingkey", "token"],
  ["encryptionkey", "token"],
  ["masterkey", "token"],
  ["servicekey", "token"],
  ["credential", "token"],
  ["credentials", "token"],
];

/** Whole last words of names: as endings they would also fit `compass` and `design`. */
const wholeWords: Readonly<Record<string, SecretKind>> = {
  pass: "password",
  pw: "password",
  sig: "token",
  signature: "token",
  auth: "token",
  jwt: "token",
};

/** Providers whose keys have no form of their own: a key that bears their name holds one. */
const providers = [
  "heroku",
  "datadog",
  "algolia",
  "cloudflare",
  "twilio",
  "okta",
  "auth0",
  "fastly",
  "jenkins",
  "codecov",
  "travis",
  "newrelic",
];

/** How all these names end: what ends otherwise is passed over at once, for most of what stands before a colon does. */
const tails = new Set([...endings.map(([ending]) => ending), ...Object.keys(wholeWords)].map((end) => end.slice(-2)));

/** What a name says about its value; undefined when it names no secret. */
export function secretKindOf(name: string): SecretKind | undefined {
  if (!tails.has(name.slice(-2).toLowerCase())) return undefined;
  const lastWord = name.slice(lastWordStart(name)).toLowerCase();
  const whole = Object.hasOwn(wholeWords, lastWord) ? wholeWords[lastWord] : undefined;
  if (whole !== undefined) return whole;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const ending = endings.find(([end]) => plain.endsWith(end));
  if (ending !== undefined) return ending[1];
  return plain.endsWith("key") && providers.some((provider) => plain.includes(provider)) ? "token" : undefined;
}

/** Behind the last separator, or at the last capital that follows a small letter. */
function lastWordStart(name: string): number {
  for (let at = name.length - 1; at > 0; at -= 1) {
    if ("_-.".includes(name[at]!)) return at + 1;
    if (/[A-Z]/.test(name[at]!) && /[a-z]/.test(name[at - 1]!)) return at;
  }
  return 0;
}
