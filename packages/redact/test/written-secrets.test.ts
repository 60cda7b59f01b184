import { makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { beforeAll, describe, expect, it } from "vitest";
import { openRedactor, type Redactor } from "../src/index.ts";

let redactor: Redactor;
beforeAll(async () => {
  redactor = await openRedactor({ builtIn: ["secrets"] });
});

/** Made while the test runs: a scanner of repositories would take what stands here for real. */
const templates: Readonly<Record<string, string>> = {
  password: "{lower:7}!{letter:2}9",
  accented: "Grüße{digit:4}!{lower:3}",
  signs: "{alnum:5}7&{alnum:5};{alnum:5}(x",
  token: "{alnum:24}",
  small: "{lower:26}",
  base32: "A2{base32:30}",
  code: "{base32:16}",
  hex: "{hex:32}",
  letters: "{letter:32}",
  long: "{base64url:43}",
};

function fill(form: string, random: () => number): { readonly text: string; readonly secrets: readonly string[] } {
  const secrets: string[] = [];
  const text = form.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const template = templates[name];
    if (template === undefined) return whole;
    const made = makeToken(template, random).text;
    secrets.push(made);
    return made;
  });
  return { text, secrets };
}

const forms: Readonly<Record<string, readonly string[]>> = {
  "a table": [
    "| Password | {password} |",
    "| Host | x |\n| **Passwort** | `{accented}` |",
    "|| Password || {password} ||",
    "| User | Password |\n|---|:--|\n| bob | {password} |\n| ann | {accented} |",
    "User | Password\n--- | ---\nbob | {password}",
    "They are: | User | Password | |---|---| | bob | {password} | | ann | {password} |",
    "Name, Value Password, {password} Host, x",
    "Password\t{password}",
    "Password    {password}",
    "<td>Password</td><td>{password}</td>",
  ],
  "a label with more words": [
    "Password (staging): {password}",
    "Password [prod]: {password}",
    "token (of the bot) = {token}",
    "Password for the db user: {password}",
    "password for https://db.acme.example: {password}",
    "the password for staging is {password}",
    "the password is: {password}",
    "Passwort für den Server: {accented}",
    "password -> {password}",
    "pw is {password}",
    "My API key is {token} and it leaked",
    "use the password {password} there",
    'the password "{password}" works',
    "the token {small} leaked",
    "machine api.acme.example login bob password hunter2{lower:3}{password}",
  ],
  "the line below its label": [
    "Password:\n{password}\n",
    "**Password**\n\n{password}\n",
    "Password:\n```\n{password}\n```",
    "Username\nbob\nPassword\n{password}\nHost\nx",
    "password: |\n  {password}\n",
    "> Password:\n> {password}",
  ],
  "other languages": [
    "contraseña: {password}",
    "Contraseña para el servidor: {password}",
    "mot de passe : {password}",
    "Le mot de passe est {password}",
    "Kennwort: {accented}",
    "senha: {password}",
    "wachtwoord is {password}",
    "hasło: {password}",
    "пароль: {password}",
    "密码：{password}",
    "パスワード: {password}",
  ],
  configuration: [
    "DB_PASSWORD_STAGING={password}",
    "export API_KEY_2={token}",
    "SECRET_KEY_BASE={token}",
    "SECRET_KEY={password}",
    'set private_key "{hex}";',
    "db_key: {token}",
    "token: {small}",
    "secret={base32}",
    "Password: {signs}",
    "password: #{password}",
    "- name: DB_PASSWORD\n  value: {password}",
    '{"name":"DB_PASSWORD","value":"{password}"}',
    '<add key="Password" value="{password}"/>',
    "define('DB_PASSWORD', '{password}');",
    'headers.set("Authorization", "Bearer {token}")',
    "//registry.npmjs.org/:_authToken={token}",
    "-Password {password}",
    "<b>Password:</b> <code>{password}</code>",
    "Password: ||{password}||",
  ],
  "a connection": [
    "postgres://app:{password}#/w@db.acme.example/widgets",
    "user:{password}@tcp(127.0.0.1:3306)/widgets",
    "jdbc:oracle:thin:scott/{password}@//host:1521/widgets",
    "Server=x;User Id=sa;Pwd={{signs}};Encrypt=yes",
    "CREATE USER bob IDENTIFIED BY '{password}';",
    "WIFI:T:WPA;S:Acme;P:{password};;",
    "otpauth://totp/Acme:bob?secret={code}&issuer=Acme",
    "credentials: bob / {password}",
    "login: bob:{password}",
    '<entry key="password">{password}</entry>',
  ],
  "a header or an address": [
    "send Bearer {token} with it",
    "https://discord.com/api/v10/webhooks/1234567890123456789/{long}{token}",
    "https://chat.acme.example/hooks/{small}",
    "https://api.telegram.org/bot1102015431:AA{letters}7/getMe",
    "https://acme.azurewebsites.net/api/report?code={token}{token}==",
    "https://maker.ifttt.com/trigger/door/with/key/{token}",
    "https://calendar.google.com/calendar/ical/bob/private-{hex}/basic.ics",
    "https://acme.blob.core.windows.net/c?sv=2024-11-04&se=2026-01-01T00%3A00Z&sp=rl&sig={token}%2B{token}%3D",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{token}\n{token}.{long}",
    "eyJhbGciOiJIUzI1NiJ9.\neyJzdWIiOiIx{token}.\n{long}",
    "> eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{token}.{token}\n> {token}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{token} was cut off",
  ],
  commands: [
    "curl -u bob:{password} https://api.acme.example",
    'curl --user "bob:{password}" https://api.acme.example',
    "curl -ubob:{password} https://api.acme.example",
    "mysql -u root -p{password} app",
    "sshpass -p '{password}' ssh host",
    "docker login -u bob -p {password} registry.acme.example",
    "redis-cli -h host -a {password}",
    'curl -b "session={token}" https://acme.example',
    "curl -H 'Cookie: theme=dark; sid={token}; lang=en'",
    "Set-Cookie: session={token}; Path=/; HttpOnly",
  ],
  escapes: [
    "use ghp%5F{token}{token} there",
    "redirect=https%3A%2F%2Facme.example%2F%3Ftoken%3D{token}%26a%3Db",
    "redirect=https%253A%252F%252Facme.example%253Ftoken%253D{token}%2526a",
    "https:\\/\\/hooks.slack.com\\/services\\/T0123ABCD\\/B0123ABCD\\/{token}",
    '{\\"password\\":\\"{password}\\"}',
    '{\\\\\\"password\\\\\\": \\\\\\"{password}\\\\\\"}',
    "password\\u003d{password}",
    "&quot;password&quot;: &quot;{password}&quot;",
    "password=3D{password}",
    "use gh=\np_{token}{token}, of a mail with a=3Db",
  ],
};

describe.each(Object.entries(forms))("a secret in %s", (_, texts) => {
  it.each(texts)("is found: %j", (form) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const random = seededRandom(seed);
    let found = 0;
    let made = 0;
    for (let round = 0; round < 200; round += 1) {
      const { text, secrets } = fill(form, random);
      const shown = redactor.redact(text);
      made += secrets.length;
      found += secrets.filter((secret) => !shown.includes(secret.slice(0, 6)) && !shown.includes(secret.slice(-6))).length;
    }
    // Of random values in base32, 3 of 100 look like a word.
    expect(found / made, `SEED=${seed}`).toBeGreaterThanOrEqual(0.9);
  });
});

it.each([
  ["| Password | {password} | of bob |", "| Password | [redacted: secrets] | of bob |"],
  ["Password (staging): {password}, user bob", "Password (staging): [redacted: secrets], user bob"],
  ["Password for bob@acme.example: {password}", "Password for bob@acme.example: [redacted: secrets]"],
  ["Cookie: theme=dark; sid={token}; lang=en", "Cookie: theme=dark; sid=[redacted: secrets]; lang=en"],
  ["curl -u bob:{password} https://acme.example", "curl -u bob:[redacted: secrets] https://acme.example"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{token}.{long}\n2026-01-31 next", "[redacted: secrets]\n2026-01-31 next"],
  ["a%20b&token%3D{token}%26c%3Dd", "a%20b&token%3D[redacted: secrets]%26c%3Dd"],
])("what stands around the secret in %j stays", (form, shown) => {
  expect(redactor.redact(fill(form, seededRandom(5)).text)).toBe(shown);
});

describe("what only looks like it", () => {
  it.each([
    "| Password | required | the password of the user |",
    "| password | varchar(255) | NOT NULL |",
    "| Account | Password |\n|---|---|\n| admin | yes/no |",
    "| Option | Default |\n|---|---|\n| token | none |",
    "| `token` | string | The token of your app, see [docs](https://acme.example/a1b2) |",
    "| Password | Description |\n| --- | --- |\n| x1 | y2 |",
    "Password (optional): none",
    "Password for user: bob2024",
    "Password must have: 8 characters",
    "password policy: min8, max64",
    "Reset your password:\nhttps://acme.example/reset/1",
    "Password:\n- at least 8 characters\n- one digit",
    "token:\n  valueFrom:\n    secretKeyRef:\n      name: db2",
    "curl -u username:password https://acme.example",
    "curl -u $USER:$TOKEN https://acme.example",
    "docker run -u 1000:1000 -p 127.0.0.1:8080:80 image",
    "mkdir -p a/b1 && ssh -p 2222 host",
    "100%25 of 50%2F50",
    "the password is base64-encoded",
    "the password is PBKDF2-hashed. The password is SHA256-hashed",
    "the token is 12 hours old",
    "password field2, password OAuth2.0 and password Office365 login",
    "set the password for user alice on host1.acme.example, then restart",
    "the pass: 3 of 4 tests",
    "forgot password, 2FA and recovery codes",
    '["username", "password", "email2"]',
    "the api key for https://api.acme.example/v2/users",
    "My API key is not working on v2",
    "Cookie: theme=dark; lang=en",
    "const token = await getToken2(user)",
    "password: z.string().min(8),",
    "password: getPassword2(user),",
    "console.log('password:', password2);\nconsole.log(\"Password: \" + user.password2);\n",
    "authorization = getAuthorizationOf(request)",
    "pass@1 of HumanEval is 67%",
    "the Secret my-app-5f7d9c6b8-x2k4z in namespace x",
    "- name: PORT\n  value: 8080a1b2",
    "secretary: Ann2",
    "password = req.body.password2",
    "wrong password - see issue #1234 please",
    "password - 8 characters or more",
    "password of the day? No: 3rd party",
    "my password was changed on 2026-01-31",
    "pass `sync: true` to it",
    "Passwörter ändern: siehe Abschnitt 3.2",
    "El token es de 2024",
    "secret: first+second2 and token: bob@host1.acme.example",
    "api_key: see docs#12",
    'token "Unknown MessagePack item of ${name}"',
    "{ password: options.password || password, token = scanTemplateAndSetTokenValue() }",
    "Bearer tokens are 40-characters long",
    "https://acme.example/hooks/use-effect and /bot/status",
    "http://localhost:8080/@bob and https://host:port/x@y1",
    "eyJhbGciOiJIUzI1NiJ9 is how a header begins",
    "login: see https://acme.example/login2",
    "login: bob / team-2",
    'the headers "authorization", "www-authenticate" and "x-request-id"',
    "was identified by 'the team'",
    "the field is identified by 'user2'",
    "otpauth://totp/Acme:bob?issuer=Acme",
    "password={value} and token={abc};",
    "exports.setThePassword = require('./url-state-machine').setThePassword;",
  ])("stays: %j", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});
