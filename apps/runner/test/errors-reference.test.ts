import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { providerCodes } from "@statewave-connectors/connector-sdk/http";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const packages = readdirSync(join(root, "packages")).toSorted();
const isConnector = (name: string) => name.startsWith("connector-") && name !== "connector-sdk";

function sourceOf(name: string): string {
  const folder = join(root, "packages", name, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
}

function codesIn(text: string, quote: string, prefix: string): string[] {
  const codes = text.matchAll(new RegExp(`${quote}((?:${prefix})_[A-Z0-9_]+)${quote}`, "g"));
  return [...new Set(Array.from(codes, ([, code]) => code ?? ""))].toSorted();
}

const areas = "CHAOS|CONFIG|STORE|INBOX|PULL|PUSH|SINK|NETWORK|RUNNER";

/** What stores and inboxes on one server have in common is written once, for both areas. */
function sharedCodesIn(source: string): string[] {
  const endings = source.matchAll(/\$\{[a-z.#]*area\}_([A-Z0-9_]+)`/gi);
  return Array.from(endings, ([, ending]) => [`STORE_${ending}`, `INBOX_${ending}`]).flat();
}

/** What the kit of connectors makes for any of them, by the ending of its code. */
function kitEndings(): string[] {
  const endings = sourceOf("connector-sdk").matchAll(/\$\{[a-z.#]*codePrefix\}_([A-Z0-9_]+)`/gi);
  const ofClient = providerCodes("").map((code) => code.slice("_".length));
  return [...new Set([...Array.from(endings, ([, ending]) => ending ?? ""), ...ofClient])].toSorted();
}

test("docs/reference/errors.md lists exactly the codes that the kit makes for connectors", () => {
  const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
  const listed = Array.from(page.matchAll(/`<KIND>_([A-Z0-9_]+)`/g), ([, ending]) => ending ?? "");
  expect(listed.toSorted()).toEqual(kitEndings());
});

test("docs/reference/errors.md lists exactly the codes of the core and its stores", () => {
  const source = packages
    .filter((name) => !isConnector(name))
    .map(sourceOf)
    .join("\n");
  const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
  const inSource = [...new Set([...codesIn(source, '"', areas), ...sharedCodesIn(source)])].toSorted();
  expect(codesIn(page, "`", areas)).toEqual(inSource);
});

describe("the README of a connector", () => {
  test.each(packages.filter(isConnector))("%s lists exactly its codes", (name) => {
    const area = name.slice("connector-".length).replaceAll("-", "_").toUpperCase();
    const page = readFileSync(join(root, "packages", name, "README.md"), "utf8");
    const section = page.split("\n## Errors\n")[1]?.split("\n## ")[0] ?? "";
    const own = codesIn(sourceOf(name), '"', area);
    // Those that the kit makes may be listed, and are in docs/reference/errors.md.
    const ofKit = new Set(kitEndings().map((ending) => `${area}_${ending}`));
    expect(codesIn(section, "`", area).filter((code) => own.includes(code) || !ofKit.has(code))).toEqual(own);
  });
});
