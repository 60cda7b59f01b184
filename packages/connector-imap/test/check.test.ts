import { expect, test } from "vitest";
import { describeMailbox, mailOf, open } from "./mailbox.ts";

describeMailbox("a check", (mailboxes) => {
  const check = async (given: Readonly<Record<string, unknown>>, fill = true) => {
    const { user, script, options } = await mailboxes.newUser();
    const judged = ["Authentication-Results: mx.example.com; dmarc=pass header.from=example.org"];
    if (fill) {
      await script.append("INBOX", [{ mail: mailOf({ id: "1@test", headers: judged }) }]);
      await script.append("Sent", [{ mail: mailOf({ id: "2@test", from: `${user.split("@")[0]}@alias.example` }) }]);
    }
    const { source } = await open({ ...options, ...given });
    const results = (await source.check?.(new AbortController().signal)) ?? [];
    return { user, results, said: results.map(({ ok, message }) => `${ok ? "" : "WRONG: "}${message}`).join("\n") };
  };

  test("says who signs in, what can be read, how new mail is learnt, and who judges senders", async () => {
    const { user, said } = await check({});
    expect(said).toContain(`signs in as ${user}`);
    expect(said).toContain("can read INBOX (1 mails)");
    expect(said).toContain("at once");
    expect(said).toContain("judged by: mx.example.com");
  });

  test("finds an alias that is missing in `addresses`", async () => {
    expect((await check({})).said).toMatch(/WRONG: .*@alias\.example.*`addresses`/);
  });

  test("finds another server than `authserv_id` that judges senders", async () => {
    expect((await check({ authserv_id: "mx.example.net" })).said).toMatch(/WRONG: .*judged by mx\.example\.com/);
    expect((await check({ authserv_id: "mx.example.com" })).said).not.toMatch(/WRONG.*judged/);
  });

  test("shows no server that only a sender names", async () => {
    const { script, options } = await mailboxes.newUser();
    const forged = "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org";
    const own = "Authentication-Results: mx.example.com; dmarc=fail header.from=example.org";
    const said = async (given: Readonly<Record<string, unknown>> = {}) => {
      const { source } = await open({ ...options, ...given });
      return ((await source.check?.(new AbortController().signal)) ?? []).map(({ ok, message }) => `${ok} ${message}`).join("\n");
    };
    const append = (headers: readonly string[], id: string) => script.append("INBOX", [{ mail: mailOf({ id, headers }) }]);
    for (const id of ["1@test", "2@test"]) await append([], id);
    for (const id of ["3@test", "4@test"]) await append([forged], id);
    expect(await said()).not.toMatch(/evil|judged/);
    expect(await said({ authserv_id: "mx.example.com" })).toMatch(/^false .*remove it where that judges none$/m);
    expect(await said({ authserv_id: "mx.example.com" })).not.toContain("evil");
    for (const id of ["5@test", "6@test", "7@test", "8@test", "9@test"]) await append([own, forged], id);
    expect(await said()).toMatch(/judged by: mx\.example\.com; .*only if that is your own server/);
    expect(await said()).not.toContain("evil");
    expect(await said({ authserv_id: "mx.evil.example" })).toMatch(/^false .*judged by mx\.example\.com/m);
  });

  test("lists the folders where one is missing", async () => {
    expect((await check({ folders: ["INBOX", "Nowhere"] })).said).toMatch(/WRONG: .*Nowhere.*Drafts/);
  });

  test("finds nothing wrong with an empty mailbox", async () => {
    const { results } = await check({}, false);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });

  test("marks a sender as verified by the configured server only", async () => {
    const { script, options } = await mailboxes.newUser();
    const headers = ["Authentication-Results: mx.example.com; dmarc=pass header.from=example.org"];
    await script.append("INBOX", [{ mail: mailOf({ id: "1@test", headers }) }]);
    const authorsOf = async (given = {}) => (await (await open({ ...options, ...given })).walk())[0]?.episodes[0]?.author;
    expect(await authorsOf()).not.toHaveProperty("verifiedBy");
    expect(await authorsOf({ authserv_id: "mx.example.com" })).toMatchObject({ kind: "external", verifiedBy: "dmarc" });
    const members = { authserv_id: "mx.example.com", member_domains: ["example.org"] };
    expect(await authorsOf(members)).toMatchObject({ kind: "member", verifiedBy: "dmarc" });
    expect(await authorsOf({ authserv_id: "mx.evil.example" })).not.toHaveProperty("verifiedBy");
  });
});
