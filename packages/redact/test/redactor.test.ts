import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { documentedTokens, makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { builtInRules, openRedactor, patternProblem } from "../src/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const everything = { builtIn: builtInRules };

describe("a redactor", () => {
  it("finds nothing in the documents of this repository but the addresses of mailboxes in examples", async () => {
    const redactor = await openRedactor(everything);
    const files = globSync(
      ["*.md", "{docs,examples,.changeset}/**/*.md", "bench/*.md", "{packages,apps}/*/{README,CHANGELOG}.md"],
      {
        cwd: root,
      },
    );
    expect(files.length).toBeGreaterThan(40);
    const found = files.flatMap((file) => {
      const text = readFileSync(`${root}${file}`, "utf8");
      return redactor.examine(text).hits.map(({ start, end }) => `${file}: ${text.slice(start, end)}`);
    });
    expect(found.filter((each) => !/@example\.com$|\.gserviceaccount\.com$/.test(each))).toEqual([]);
  });

  it("writes the name of the rule, and leaves what it wrote", async () => {
    const redactor = await openRedactor({ ...everything, own: [{ name: "badge", pattern: "\\bE-\\d{5}\\b" }] });
    const text = "E-12345 wrote from bob@acme.com, +49 170 1234567, card 4111 1111 1111 1111, password=hunter2!x";
    const redacted =
      "[redacted: badge] wrote from [redacted: email], [redacted: phone], card [redacted: card], password=[redacted: secrets]";
    expect(redactor.redact(text)).toBe(redacted);
    expect(redactor.redact(redacted)).toBe(redacted);
    expect(redactor.rules).toEqual(["secrets", "email", "phone", "card", "badge"]);
  });

  it("finds nothing new in what it redacted, and its hits are in order and apart, whatever the text is made of", async () => {
    const redactor = await openRedactor(everything);
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const random = seededRandom(seed);
    const words = [
      "bob@acme.com",
      "password",
      "=",
      "://",
      "@",
      ":",
      "-",
      "+49 170 1234567",
      "4111111111111111",
      "\u200b",
      "é",
      "例",
      '"',
      "A",
      "7",
    ];
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    const piece = () => (random() < 0.2 ? makeToken(pick(documentedTokens)[1], random).text : pick(words));
    for (let round = 0; round < 500; round += 1) {
      const pieces = Array.from({ length: 20 }, piece);
      const apart = redactor.redact(pieces.join("\n\n"));
      expect(redactor.redact(apart), `SEED=${seed}, ${JSON.stringify(pieces)}`).toBe(apart);
      const { hits } = redactor.examine(pieces.join(""));
      for (const [index, { start, end }] of hits.entries()) {
        expect(start, `SEED=${seed}`).toBeGreaterThanOrEqual(hits[index - 1]?.end ?? 0);
        expect(end, `SEED=${seed}`).toBeGreaterThan(start);
      }
    }
  });

  it("keeps what stands around a hit character by character, also where odd characters are folded", async () => {
    const redactor = await openRedactor(everything);
    expect(redactor.redact("ａ\u200b \u00a0bob@acme.com\u200b\u00a0 ｂ")).toBe("ａ\u200b \u00a0[redacted: email]\u200b\u00a0 ｂ");
  });

  it("does nothing without a rule", async () => {
    const redactor = await openRedactor({ builtIn: [] });
    expect(redactor.redact("bob@acme.com, password=hunter2!")).toBe("bob@acme.com, password=hunter2!");
  });
});

describe("the work of a redactor", () => {
  /** Texts that make a careless matcher begin again and again. */
  const hostile: Readonly<Record<string, string>> = {
    prose: "The gasket leaks when the pressure is over two bar, says bob. ",
    letters: "a",
    digits: "1",
    "spaced digits": "1 ",
    "half a card": "4111 1111 ",
    at: "@",
    "at and letters": "a@",
    dots: "a.",
    "half a domain": "a@b.",
    colons: ":",
    "half a URL": "a://",
    "user info": "a://b:",
    assignments: "token=",
    "assignments with quotes": 'password="',
    "escaped quotes": 'token=\\"',
    "key names": "secret_token_password:",
    dashes: "-",
    "key headers": "-----BEGIN RSA PRIVATE KEY-----",
    "key headers and foreign ends": "-----BEGIN RSA PRIVATE KEY----- -----BEGIN EC PRIVATE KEY-----\n",
    "slack prefixes": "xoxb-",
    "openai prefixes": "sk-",
    "facebook prefixes": "EAA",
    "jwt prefixes": "eyJ",
    "jwt parts": "eyJaaaaaaaaaaaaaaa.",
    underscores: "_",
    plus: "+",
    "plus and digits": "+49 ",
    brackets: "(",
    "aws ids": "AKIAABCDEFGHIJKLMNOP ",
    percent: "%40",
    invisible: "\u200b",
    "wide letters": "例@",
    "full-width digits": "４",
    hooks: "hooks.slack.com/services/",
    hex: "0123456789abcdef",
    "bearer headers": "Authorization: Bearer ",
    "cut tokens": "xoxb-1234567…",
    "cut numbers": "4111 1111 +49 170 12…",
    "cut users of a URL": "a://b:cdef…",
    "cut quotes": 'password="a1b2c3…',
    "cut addresses": "a@b.…",
    "cut lines": "ghp_abc1234\n[cut]",
    "labels of a table": "| password ",
    "heads of tables": "| password |\n|--|\n",
    "rulers of tables": "|--",
    "rows of tables": "|--|x",
    "rulers in rows": "a|password--|\n",
    "rulers in rows on one line": " |password--|",
    "tables on one line": "|password|--|x",
    "rulers in heads": "a--|",
    "escaped rulers": '--|\\"',
    "qualified labels": "password for a b c d e ",
    "labels in brackets": "password (",
    "labels without values": "password\n",
    "stated labels": "password is a1",
    "open calls": "password: a(b",
    "commands with users": "curl -u a:b1 ",
    "commands with passwords": "mysql -p",
    cookies: "Cookie: a=b1;",
    "lines of cookies": "Cookie: ",
    "names and values": "name=a value=",
    "encoded logins": "auth=dXNlcjpwYXNz",
    "key footers": "-----END RSA PRIVATE KEY-----",
    "headers with dashes": "—BEGIN PRIVATE KEY—",
    "beginnings of keys": "MIIEvQIBADANBgkq ",
    "key lines and footers": "abcDEF0123456789abcDEF0123456789\n-----END PRIVATE KEY-----\n",
    "escaped percents": "%25",
    "escaped letters": "%5F",
    backslashes: "\\",
    "quoted backslashes": '\\"',
    entities: "&amp;",
    "quoted-printable": "=3D",
    "users of Go": "a:b1c2@tcp(",
    "users of Oracle": "thin:a/b1c2",
    networks: "WIFI:T:a;",
    authenticators: "otpauth://a?b&",
    "statements of SQL": "identified by 'a1",
    "bearer tokens": "bearer a1b2c3",
    "broken tokens": "eyJaaaaaaaaaaaa1b2.\n",
    "lines of broken tokens": "eyJaaaaaaaaaaaa1b2.a1b2c3d4e5f6g7h8\n",
    "passwords with a slash": "a://b:c1/",
    braces: "password={a1",
    logins: "login: a:b1",
    "attributes of elements": '<a key="password">b',
    "escapes far apart": `%5F${" ".repeat(150)}`,
  };

  it.each(Object.entries(hostile))("grows with the text and no faster: %s", async (_, piece) => {
    const redactor = await openRedactor(everything);
    const stepsOf = (length: number) => redactor.examine(piece.repeat(Math.ceil(length / piece.length)).slice(0, length)).steps;
    const [small, large] = [stepsOf(16 * 1024), stepsOf(64 * 1024)];
    expect(large / small).toBeLessThan(4.5);
    expect(large / (64 * 1024)).toBeLessThan(200);
  });

  // The square of this length would take minutes.
  it("grows with the value of a field and no faster", async () => {
    const redactor = await openRedactor(everything);
    const value = `${"a!".repeat(500_000)}é`;
    expect(redactor.redactField("token", value)).toBe(value);
  });
});

describe("a rule of one's own", () => {
  it("replaces what its pattern matches, in the syntax of RE2", async () => {
    const redactor = await openRedactor({ builtIn: [], own: [{ name: "customer", pattern: "(?i)kd-nr\\.? ?\\d{6}" }] });
    expect(redactor.redact("Frage zu KD-Nr. 123456 und kd-nr 654321")).toBe(
      "Frage zu [redacted: customer] und [redacted: customer]",
    );
  });

  it("covers the whole of what overlaps with another rule", async () => {
    const redactor = await openRedactor({ builtIn: ["email"], own: [{ name: "domain", pattern: "acme\\.com/team" }] });
    expect(redactor.redact("bob@acme.com/team today")).toBe("[redacted: email] today");
  });

  it.each([
    ["(a", "missing closing )"],
    ["a(?=b)", "(?="],
    ["(a)\\1", "\\1"],
    ["a*", "matches an empty text"],
  ])("is refused with the pattern %s", async (pattern, problem) => {
    expect(await patternProblem(pattern)).toContain(problem);
  });

  it("is fit for a pattern that a backtracking engine never finishes", async () => {
    const redactor = await openRedactor({ builtIn: [], own: [{ name: "slow", pattern: "(a+)+$" }] });
    const text = `${"a".repeat(5_000)}!`;
    expect(redactor.redact(text)).toBe(text);
  });

  it("looks at four million characters of a text, then replaces the rest, so that no pattern takes long", async () => {
    // Each search looks at the rest of the text, in vain.
    const redactor = await openRedactor({ builtIn: [], own: [{ name: "far", pattern: "foo(.*bar)?" }] });
    const found = (kib: number) => redactor.examine("foo ".repeat(kib * 256)).hits;
    expect(found(4)).toHaveLength(1_024);
    for (const kib of [16, 64]) {
      const hits = found(kib);
      const lookedAt = hits.reduce((sum, { start }) => sum + kib * 1024 - start, 0);
      expect(lookedAt / 4_000_000).toBeCloseTo(1, 1);
      expect(hits.at(-1)).toMatchObject({ end: kib * 1024, rule: "far" });
    }
  });
});
