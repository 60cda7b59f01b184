import { describe, expect, it } from "vitest";
import { balanced, reconcile } from "./ledger.ts";

type Stored = Parameters<typeof reconcile>[0];

/** A Statewave that holds one episode for each text. */
const holding = (...texts: readonly string[]): Stored => ({
  episodes: texts.map((text) => ({ payload: { text } })) as unknown as Stored["episodes"],
});

describe("the account of what was declared and what arrived", () => {
  it("is balanced when every marker is found once, stored or buried", () => {
    const declared = { owed: ["mark:slack-1", "mark:doc-2"], buried: ["mark:doc-2"] };
    expect(reconcile(holding("so mark:slack-1 it is"), declared)).toEqual(balanced);
  });

  it("shows what is owed and nowhere to be found", () => {
    const declared = { owed: ["mark:slack-1", "mark:slack-10"] };
    expect(reconcile(holding("mark:slack-10"), declared).missing).toEqual(["mark:slack-1"]);
  });

  it("shows what is stored twice, or stored and buried", () => {
    const declared = { owed: ["mark:doc-1", "mark:doc-2"], buried: ["mark:doc-2"] };
    const { repeated } = reconcile(holding("mark:doc-1", "again mark:doc-1", "mark:doc-2"), declared);
    expect(repeated).toEqual(["mark:doc-1", "mark:doc-2"]);
  });

  it("does not require what was sent and never acknowledged, and accepts it when it is there", () => {
    expect(reconcile(holding("mark:slack-1"), { owed: [], possible: ["mark:slack-1", "mark:slack-2"] })).toEqual(balanced);
  });

  it("shows what was not declared", () => {
    expect(reconcile(holding("mark:slack-3"), { owed: [] }).unexpected).toEqual(["mark:slack-3"]);
  });
});
