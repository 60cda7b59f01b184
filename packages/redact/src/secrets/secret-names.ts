/** What a value must look like to be one, by the name that stands before it. */
export type SecretKind = "password" | "token" | "header" | "cookie" | "login";

/** Ends of names, without their separators: `client_secret`, `clientSecret` and `Client-Secret` are one. */
const endings: readonly (readonly [ending: string, kind: SecretKind])[] = [
  ["password", "password"],
  ["passwd", "password"],
  ["passphrase", "password"],
  ["passwort", "password"],
  ["passcode", "password"],
  ["pwd", "password"],
  ["pswd", "password"],
  ["kennwort", "password"],
  ["depasse", "password"],
  ["contrasena", "password"],
  ["contrasenya", "password"],
  ["wachtwoord", "password"],
  ["adgangskode", "password"],
  ["senord", "password"],
  ["passord", "password"],
  ["salasana", "password"],
  ["haslo", "password"],
  ["heslo", "password"],
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
  ["subscriptionkey", "token"],
  ["functionskey", "token"],
  ["storagekey", "token"],
  ["deploykey", "token"],
  ["keydata", "token"],
  ["hmackey", "token"],
  ["dbkey", "token"],
  ["keybase", "token"],
  ["sessionid", "token"],
  ["sessid", "token"],
  ["credential", "token"],
  ["credentials", "token"],
];

/** Whole last words of names: as endings they would also fit `compass` and `design`. */
const wholeWords: Readonly<Record<string, SecretKind>> = {
  pass: "password",
  pw: "password",
  mdp: "password",
  clave: "password",
  senha: "password",
  parola: "password",
  login: "login",
  logins: "login",
  creds: "login",
  credentials: "login",
  zugangsdaten: "login",
  identifiants: "login",
  credenciales: "login",
  cookie: "cookie",
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

/** Names in other letters, as they are written. */
const foreign: readonly string[] = [
  "contraseña",
  "contrasen\u0303a",
  "hasło",
  "jelszó",
  "şifre",
  "пароль",
  "密码",
  "密碼",
  "口令",
  "パスワード",
  "비밀번호",
];

/** Where a secret is valid, or which of several it is: `DB_PASSWORD_STAGING`, `api_key_2`. */
const places =
  "prod production stage staging dev development test live old new local main backup primary secondary plain raw".split(" ");
const number = /[_.-]\d{1,2}$|(?<=[a-z])\d$/i;

const alphabetSize = 128;

/**
 * How all these names end: what ends otherwise is passed over at once, as most of what stands before a colon is. 1 for a name of a secret,
 * 2 for what may follow one.
 */
const tails = new Uint8Array(alphabetSize * alphabetSize);
for (const place of places) tails[tailAt(place, place.length)] = 2;
for (const digit of "0123456789") for (const before of "abcdefghijklmnopqrstuvwxyz_-.") tails[tailAt(before + digit, 2)] = 2;
for (const name of [...endings.map(([ending]) => ending), ...Object.keys(wholeWords), ...foreign])
  tails[tailAt(name, name.length)] = 1;

/** Of letters beyond ASCII only a part counts: it may be a letter of another name. */
function tailAt(text: string, end: number): number {
  return ((text.charCodeAt(end - 2) | 0x20) & 0x7f) * alphabetSize + ((text.charCodeAt(end - 1) | 0x20) & 0x7f);
}

/** Whether a name that ends before `end` may be one of a secret: by its last two letters, capital or small. */
export function mayNameSecret(text: string, end: number): boolean {
  return tails[tailAt(text, end)] !== 0;
}

/** The kind of a name in other letters that ends at `end`. */
export function foreignKindOf(text: string, end: number): SecretKind | undefined {
  if (
    text.charCodeAt(end - 1) < alphabetSize &&
    text.charCodeAt(end - 2) < alphabetSize &&
    text.charCodeAt(end - 5) < alphabetSize
  )
    return undefined;
  return foreign.some((name) => text.slice(end - name.length, end).toLowerCase() === name) ? "password" : undefined;
}

/** What a name says about its value; undefined when it names no secret. */
export function secretKindOf(name: string): SecretKind | undefined {
  const tail = tails[tailAt(name, name.length)]!;
  if (tail === 0) return undefined;
  const kind = tail === 1 ? (foreignKindOf(name, name.length) ?? kindOf(name)) : undefined;
  if (kind !== undefined) return kind;
  const bare = withoutSuffix(name);
  return bare === name ? undefined : kindOf(bare);
}

function withoutSuffix(name: string): string {
  const place = Math.max(name.lastIndexOf("_"), name.lastIndexOf("."), name.lastIndexOf("-"));
  return place >= 0 && places.includes(name.slice(place + 1).toLowerCase()) ? name.slice(0, place) : name.replace(number, "");
}

const byTail = Map.groupBy(endings, ([ending]) => ending.slice(-2));

function kindOf(name: string): SecretKind | undefined {
  const lastWord = name.slice(lastWordStart(name)).toLowerCase();
  const whole = Object.hasOwn(wholeWords, lastWord) ? wholeWords[lastWord] : undefined;
  if (whole !== undefined) return whole;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const ending = byTail.get(plain.slice(-2))?.find(([end]) => plain.endsWith(end));
  if (ending !== undefined) return ending[1];
  return plain.endsWith("key") && providers.some((provider) => plain.includes(provider)) ? "token" : undefined;
}

/** Behind the last separator, or at the last capital that follows a small letter. */
function lastWordStart(name: string): number {
  for (let at = name.length - 1; at >= 0; at -= 1) {
    if ("_-.".includes(name.charAt(at))) return at + 1;
    if (at > 0 && /[A-Z]/.test(name.charAt(at)) && /[a-z]/.test(name.charAt(at - 1))) return at;
  }
  return 0;
}
