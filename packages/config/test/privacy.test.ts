import { defineConnector } from "@statewave-connectors/connector-sdk";
import { builtInRules as rules } from "@statewave-connectors/redact";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { builtInRules } from "../src/check/check-privacy.ts";
import { parseConfig, printableConfig } from "../src/index.ts";
import { effectiveRules, privacyWarnings } from "../src/result/index.ts";

const pages = async function* () {
  yield { episodes: [] };
};
const make = (subjects?: "addresses") =>
  defineConnector({
    kind: "demo",
    version: "1.0.0",
    pull: { config: v.object({}), open: () => ({ pages }), ...(subjects !== undefined && { subjects }) },
  });

const parse = async (privacy: unknown, entries: readonly object[] = [{}], connector = make()) => {
  const pull = { demo: entries.map((entry, index) => ({ name: `n${index}`, schedule: "every 1h", ...entry })) };
  const parsed = await parseConfig({ statewave: { url: "stdout:" }, privacy, pull } as never, { connectors: [connector] });
  return parsed;
};
const problemsOf = (promise: Promise<unknown>) =>
  promise.then(
    () => [],
    (error: { readonly problems: readonly { readonly path: string; readonly message: string; readonly hint?: string }[] }) =>
      error.problems,
  );

describe("[privacy]", () => {
  it("redacts nothing by default", async () => {
    const { config } = await parse(undefined);
    expect(config.privacy).toBeUndefined();
    expect(effectiveRules(config)).toEqual({ everywhere: [], bySource: new Map([["demo/n0", []]]) });
  });

  it("applies its rules and own rules to every entry that lists none itself", async () => {
    const rule = [{ name: "badge", pattern: "E-\\d+" }];
    const { config } = await parse({ redact: ["secrets", "email"], rule }, [{}, { redact: [] }, { redact: ["badge"] }]);
    expect(config.privacy).toEqual({ redact: ["secrets", "email"], rules: rule });
    expect(effectiveRules(config)).toEqual({
      everywhere: ["secrets", "email", "badge"],
      bySource: new Map([
        ["demo/n0", ["secrets", "email", "badge"]],
        ["demo/n1", []],
        ["demo/n2", ["badge"]],
      ]),
    });
    expect(printableConfig(config)).toMatchObject({ privacy: { redact: ["secrets", "email"] } });
  });

  it("has the rules of the package that applies them", () => {
    expect(builtInRules).toEqual(rules);
  });

  it("names each rule that is not there, with what was meant", async () => {
    expect(await problemsOf(parse({ redact: ["emial"] }, [{ redact: ["phnoe"] }]))).toMatchObject([
      { path: "privacy.redact[0]", hint: "did you mean email?" },
      { path: "pull.demo[0].redact[0]", hint: "did you mean phone?" },
    ]);
  });

  it.each([
    ["a pattern that cannot be read", { name: "x", pattern: "(" }, "privacy.rule[0].pattern"],
    ["a pattern that RE2 does not have", { name: "x", pattern: "a(?!b)" }, "privacy.rule[0].pattern"],
    ["a pattern that matches nothing at all", { name: "x", pattern: "a*" }, "privacy.rule[0].pattern"],
    ["a name that is taken", { name: "email", pattern: "a" }, "privacy.rule[0].name"],
    ["a name with a space", { name: "my rule", pattern: "a" }, "privacy.rule[0].name"],
  ])("refuses %s", async (_, rule, path) => {
    expect(await problemsOf(parse({ rule: [rule] }))).toMatchObject([{ path }]);
  });

  it("takes 100 rules of one's own and no more", async () => {
    const rule = Array.from({ length: 101 }, (_, n) => ({ name: `rule-${n}`, pattern: `KD-${n}` }));
    expect(await problemsOf(parse({ rule: rule.slice(1) }))).toEqual([]);
    expect(await problemsOf(parse({ rule }))).toMatchObject([
      { path: "privacy.rule", message: "expected at most 100 rules, got a list" },
    ]);
  });
});

describe("a warning", () => {
  it("says which subjects are addresses while e-mail addresses are redacted", async () => {
    const own = await parse({ redact: ["email"] }, [{ subject: "person:bob@acme.com" }, { subject: "team:a" }]);
    expect(privacyWarnings(own.config, own.connectors).map(({ source }) => source)).toEqual(["demo/n0"]);
    const declared = await parse({ redact: ["email"] }, [{}, { subject: "team:a" }, { redact: ["phone"] }], make("addresses"));
    expect(privacyWarnings(declared.config, declared.connectors).map(({ source }) => source)).toEqual(["demo/n0"]);
  });
});
