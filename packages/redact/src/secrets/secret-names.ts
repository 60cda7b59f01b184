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

const alphabetSize = 128;

/** How all these names end: what ends otherwise is passed over at once, as most of what stands before a colon is. */
const tails = new Uint8Array(alphabetSize * alphabetSize);
for (const end of [...endings.map(([ending]) => ending), ...Object.keys(wholeWords)])
  tails[end.charCodeAt(end.length - 2) * alphabetSize + end.charCodeAt(end.length - 1)] = 1;

/** Whether a name that ends before `end` may be one of a secret: by its last two letters, capital or small. */
export function mayNameSecret(text: string, end: number): boolean {
  const [last, before] = [text.charCodeAt(end - 1) | 0x20, text.charCodeAt(end - 2) | 0x20];
  return tails[before * alphabetSize + last] === 1;
}

/** What a name says about its value; undefined when it names no secret. */
export function secretKindOf(name: string): SecretKind | undefined {
  if (!mayNameSecret(name, name.length)) return undefined;
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
    if ("_-.".includes(name.charAt(at))) return at + 1;
    if (/[A-Z]/.test(name.charAt(at)) && /[a-z]/.test(name.charAt(at - 1))) return at;
  }
  return 0;
}
