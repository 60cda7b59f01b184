import { makeToken } from "@statewave-connectors/testing/documented-tokens";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { beforeAll, expect, it } from "vitest";
import { openRedactor, type Redactor } from "../src/index.ts";

let redactor: Redactor;
beforeAll(async () => {
  redactor = await openRedactor({ builtIn: ["secrets"] });
});

const header = (kind: string) => `-----BEGIN ${kind}-----`;
const footer = (kind: string) => `-----END ${kind}-----`;
const key = "PRIVATE KEY";
const begin = header(key);
const encode = (text: string) => Buffer.from(text).toString("base64");

it.each([
  ["whole", `${begin}\n{line}\n{line}\n{tail}\n${footer(key)}`],
  ["with its lines on one", `the key: ${begin} {line} {line} {line} {tail} and more words`],
  ["cut off, and its lines broken anywhere", `${begin} {part} {line} {part} {line} {tail}`],
  ["folded, and continued in a block of code", `${begin} {line} {line}\n\n\`\`\`\n{line}\n{line}\n{tail}\n\`\`\``],
  ["quoted", `> ${begin}\n> {line}\n> {line}\n> {tail}`],
  ["in source code", `"${begin}\\n" +\n  "{line}\\n" +\n  "{line}\\n"`],
  ["encrypted", `${header("RSA PRIVATE KEY")}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n{line}\n{line}`],
  ["of PGP", `${header("PGP PRIVATE KEY BLOCK")}\nVersion: GnuPG v2\n\n{line}\n{line}\n`],
  ["of SSH2", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{line}\n{tail}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"],
  ["with dashes that a program for text made", `—--BEGIN ${key}—--\n{line}\n{tail}\n—--END ${key}—--`],
  ["of PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n{line}\n{line}\nPrivate-MAC: x"],
  ["without its header", `…{part}\n{line}\n{line}\n{tail}\n${footer("RSA PRIVATE KEY")}`],
  ["without both", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{line}\n{line}\n{tail}"],
  ["encoded once more", `client-key-data: ${encode(`${begin}\nMIIE`)}{line}{line}`],
])("a private key is found %s", (_, form) => {
  const random = seededRandom(7);
  const lines: string[] = [];
  const text = form.replaceAll(/\{(line|part|tail)\}/g, (__, what: string) => {
    const line = makeToken(what === "line" ? "{base64:64}" : what === "part" ? "{alnum:9}7" : "{alnum:10}2==", random).text;
    lines.push(line);
    return line;
  });
  const shown = redactor.redact(text);
  expect(lines.filter((line) => shown.includes(line.slice(0, 6)) || shown.includes(line.slice(-6)))).toEqual([]);
});

it("ends with the key: what follows it stays", () => {
  const line = makeToken("{base64:64}", seededRandom(8)).text;
  expect(redactor.redact(`${begin} ${line} ${line} That was the key, of internationalization.`)).toBe(
    "[redacted: secrets] That was the key, of internationalization.",
  );
});

it.each([
  `${begin} is how it begins, see RFC 7468 and internationalization`,
  `see ${footer(key)} there`,
  `${header("CERTIFICATE")}\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n${footer("CERTIFICATE")}`,
  `certificate-authority-data: ${encode(header("CERTIFICATE"))}`,
  "the BEGINNING and the END PRIVATE KEY",
])("no key: %j", (text) => {
  expect(redactor.redact(text)).toBe(text);
});
