import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type MailAddress, readMail } from "../src/index.ts";
import { exceptions } from "./fixtures/corpus/exceptions.ts";
import { corpus } from "./fixtures/corpus/index.ts";

const folder = new URL("fixtures/corpus/", import.meta.url);
const expectedFile = new URL("expected.json", folder);

/** What is read of a mail, in the form of `oracle.py`. */
type Reading = Readonly<Record<"subject" | "from" | "to" | "date" | "files" | "text", unknown>>;

interface Expected {
  readonly python: string;
  readonly mails: Readonly<Record<string, Reading>>;
}

const fields = ["subject", "from", "to", "date", "files", "text"] as const;
const longest = 2000;

function plain(text: string): string {
  return text
    .replaceAll("\0", "")
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ");
}

function short(text: string): string {
  const length = Array.from(text).length;
  return length <= longest ? text : `${length} characters, ${createHash("sha256").update(text).digest("hex")}`;
}

function reading(raw: Uint8Array): Reading {
  const { subject, from, to, date, attachments, text } = readMail(raw);
  const list = (addresses: readonly MailAddress[]) => addresses.map(({ name, address }) => [plain(name), address]);
  return {
    subject: plain(subject),
    from: list(from),
    to: list(to),
    date: (date ?? "").replace(".000Z", "Z"),
    files: attachments.map(({ name }) => plain(name)).filter((name) => name !== ""),
    text: short(plain(text)),
  };
}

function readExpected(): Expected {
  const expected: Expected = JSON.parse(readFileSync(expectedFile, "utf8"));
  return expected;
}

/** What Python reads now; undefined where there is none. `ORACLE=write` keeps it. */
function readWithPython(): { readonly text: string; readonly expected: Expected } | undefined {
  const mails = Object.fromEntries([...corpus].map(([name, raw]) => [name, Buffer.from(raw).toString("base64")]));
  const script = fileURLToPath(new URL("oracle.py", folder));
  const options = { input: JSON.stringify(mails), encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
  const { error, status, stdout, stderr } = spawnSync("python3", [script], options);
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(stderr);
  return { text: stdout, expected: JSON.parse(stdout) };
}

const differences = exceptions.flatMap(({ differences: each }) => each);

describe("an odd mail reads as Python's email package reads it", () => {
  const expected = readExpected();

  test.each([...corpus])("%s", (name, raw) => {
    const python = expected.mails[name];
    const allowed = differences.filter(({ mail }) => mail === name);
    const wanted = Object.fromEntries(
      fields.map((field) => [field, allowed.find((each) => each.field === field)?.ours ?? python?.[field]]),
    );
    expect(reading(raw)).toEqual(wanted);
  });

  test("of at least 300 mails, all that were read by Python", () => {
    expect(corpus.size).toBeGreaterThanOrEqual(300);
    expect(Object.keys(expected.mails)).toEqual([...corpus.keys()]);
  });

  test("except where an exception has a reason and still differs", () => {
    for (const { reason } of exceptions) expect(reason).toMatch(/^[A-Z].*\.$/);
    const needless = differences.filter(({ mail, field, ours }) => {
      const python = expected.mails[mail];
      return python === undefined || JSON.stringify(python[field]) === JSON.stringify(ours);
    });
    expect(needless).toEqual([]);
  });

  test("and as Python reads it now, where the same Python is installed", ({ skip }) => {
    const now = readWithPython();
    if (now === undefined) return skip("python3 is not installed");
    if (process.env["ORACLE"] === "write") writeFileSync(expectedFile, now.text);
    if (now.expected.python !== expected.python) return skip(`Python is ${now.expected.python} and not ${expected.python}`);
    expect(now.expected).toEqual(readExpected());
    return undefined;
  });
});
