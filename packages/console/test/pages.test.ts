import { describe, expect, test } from "vitest";
import { formTokenOf, type Running, startRunner, type Visited } from "./start-runner.ts";

const everySecond = { schedule: "* * * * * *" };

/** The rows of the last table, without elements. */
function rowsOf({ html }: Visited): readonly string[] {
  const [, body = ""] = html.slice(Math.max(0, html.lastIndexOf("<tbody>"))).split(/<\/?tbody>/);
  return body.split("</tr>").flatMap(
    (row) =>
      row
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll(/\s+/g, " ")
        .trim() || [],
  );
}

/** The page, as soon as it contains this. */
async function showing({ visit }: Running, path: string, text: string): Promise<Visited> {
  await expect.poll(async () => (await visit(path)).html).toContain(text);
  return visit(path);
}

/** A runner with a dead letter for each text. */
async function withLetters(texts: readonly string[], admin: Readonly<Record<string, unknown>> = {}): Promise<Running> {
  const running = await startRunner({ admin });
  running.statewave.setFaults([{ type: "refuse", marker: "refused", as: "422" }]);
  for (const text of texts) expect((await running.send(`refused ${text}`)).status).toBe(200);
  await expect.poll(async () => rowsOf(await running.visit("/console/letters")).length).toBe(texts.length);
  return running;
}

describe("the overview", () => {
  test("shows sources and receivers, the worst first, with why", async () => {
    const pull = [
      { name: "diary", texts: [] },
      { name: "broken", fault: "the notebook is closed", ...everySecond },
    ];
    const running = await startRunner({ pull });
    const page = await showing(running, "/console/", "the notebook is closed");
    const [first = "", second = "", third = ""] = rowsOf(page);
    expect(first).toMatch(/^✕ failing notes\/broken pull .* the notebook is closed NOTES_FAULT/);
    expect([second, third]).toEqual([
      expect.stringMatching(/^○ new notes\/diary pull – in \d+[hm]/),
      expect.stringContaining("notes/team push"),
    ]);
  });

  test("shows the verdict, the processes with their sink, and how much this process delivered in the last hour", async () => {
    const running = await startRunner({ pull: [{ name: "diary", texts: ["a", "b", "c"], ...everySecond }] });
    await expect.poll(() => running.statewave.episodes.length).toBe(3);
    const page = await showing(running, "/console/", "Episodes delivered, last hour: <strong>3</strong>");
    expect(rowsOf(page).find((row) => row.includes("notes/diary"))).toMatch(/ 3 /);
    expect(page.html).toContain("what this process did");
    expect(page.html).toMatch(/sink (up|unknown)/);
  });

  test("finds entries by name and state", async () => {
    const { visit } = await startRunner({ pull: [{ name: "diary" }, { name: "letters" }] });
    expect(rowsOf(await visit("/console/?q=DIAR"))).toEqual([expect.stringContaining("notes/diary")]);
    expect(rowsOf(await visit("/console/?q=pull:&state=new"))).toHaveLength(2);
    expect(rowsOf(await visit("/console/?state=failing"))).toEqual([]);
  });

  test("pages a thousand sources by a hundred", async () => {
    const pull = Array.from({ length: 1_000 }, (_, index) => ({ name: `n-${String(index).padStart(4, "0")}` }));
    const { visit } = await startRunner({ pull });
    const first = await visit("/console/");
    expect(rowsOf(first)).toHaveLength(100);
    expect(first.html).toContain("Page 1 of 11");
    const last = await visit("/console/?page=11&state=new");
    expect(rowsOf(last)).toEqual([expect.stringContaining("notes/team")]);
    expect(last.html).toContain('href="/console/?page=10&amp;state=new"');
    for (const page of ["0", "99", "x", "1e9", "-1"]) expect((await visit(`/console/?page=${page}`)).status).toBe(200);
  });
});

describe("the page of a source", () => {
  test("shows its runs with their accounts", async () => {
    const running = await startRunner({ pull: [{ name: "diary", texts: ["a", "b"], ...everySecond }] });
    const page = await showing(running, "/console/sources/pull/notes/diary", "●</span> done");
    expect(rowsOf(page).at(-1)).toMatch(/^● done .* 2 0 0 2 0/);
    expect(page.html).toContain('href="/console/letters?source=notes%2Fdiary"');
  });

  test("of a receiver shows what arrived", async () => {
    const running = await startRunner();
    await running.send("hello");
    const page = await showing(running, "/console/sources/push/notes/team", "Webhooks, last hour: <strong>1</strong>");
    expect(page.html).toContain("Last webhook");
  });

  test.each(["pull/notes/nobody", "push/notes/diary", "pull/notes", "pull/%E0%A4/x", "x/y/z", "pull/notes/a%2Fb"])(
    "%s is not there",
    async (path) => {
      const { visit } = await startRunner({ pull: [{ name: "diary" }] });
      expect((await visit(`/console/sources/${path}`)).status).toBe(404);
    },
  );
});

describe("pause and resume", () => {
  const entries = ["pull:notes/diary", "push:notes/team"] as const;
  const pathOf = (entry: string) => `/console/sources/${entry.replace(":", "/")}`;
  const startActing = () => startRunner({ pull: [{ name: "diary" }], admin: { allow_actions: true } });

  test.each(entries)("of %s happen after a question, show who and why, and are in the audit log", async (entry) => {
    const { visit, submit } = await startActing();
    const page = await visit(pathOf(entry));
    expect(page.html).toContain("Pause…");
    const pause = { form_token: formTokenOf(page), entry, action: "pause" };
    expect((await submit("/console/sources/pause", pause)).html).toMatch(/<h1>Pause /);
    expect((await visit(pathOf(entry))).html).not.toContain("paused");
    const done = await submit("/console/sources/pause", { ...pause, confirmed: "yes", reason: "<b>the token</b>" });
    expect([done.status, done.html.includes("<h1>Paused</h1>")]).toEqual([200, true]);
    const running = { visit, submit } as Running;
    const paused = await visit(pathOf(entry));
    expect(paused.html).toContain("Resume…");
    expect(paused.html).toContain("by console (");
    expect(paused.html).toContain("&lt;b&gt;the token&lt;/b&gt;");
    const resume = { ...pause, action: "resume" };
    expect((await submit("/console/sources/pause", resume)).html).toContain("It is paused");
    expect((await submit("/console/sources/pause", { ...resume, confirmed: "yes" })).html).toContain("<h1>Resumed</h1>");
    await showing(running, pathOf(entry), "Pause…");
    const log = rowsOf(await visit("/console/audit"));
    expect(log).toEqual([expect.stringMatching(/ resume ● done /), expect.stringMatching(/ pause ● done /)]);
  });

  test("of a receiver is its answer to webhooks", async () => {
    const running = await startActing();
    const form = {
      entry: "push:notes/team",
      confirmed: "yes",
      form_token: formTokenOf(await running.visit(pathOf("push:notes/team"))),
    };
    await running.submit("/console/sources/pause", { ...form, action: "pause" });
    await expect.poll(async () => (await running.send("later")).status).toBe(503);
    await running.submit("/console/sources/pause", { ...form, action: "resume" });
    await expect.poll(async () => (await running.send("now")).status).toBe(200);
  });

  test("are refused without allow_actions, without the token of the page, and for what is not configured", async () => {
    const looking = await startRunner({ pull: [{ name: "diary" }] });
    const page = await looking.visit(pathOf("pull:notes/diary"));
    expect(page.html).not.toContain("Pause…");
    const form = { entry: "pull:notes/diary", action: "pause", confirmed: "yes" };
    const form_token = formTokenOf(await looking.visit("/console/login"));
    expect((await looking.submit("/console/sources/pause", { ...form, form_token })).status).toBe(403);
    const { visit, submit } = await startActing();
    expect((await submit("/console/sources/pause", form)).status).toBe(403);
    const whole = { ...form, form_token: formTokenOf(await visit(pathOf("pull:notes/diary"))) };
    for (const wrong of [{ entry: "pull:notes/nobody" }, { entry: "x" }, { action: "burn" }])
      expect((await submit("/console/sources/pause", { ...whole, ...wrong })).status).toBe(404);
    expect(rowsOf(await visit("/console/audit"))).toEqual([]);
  });
});

describe("the inbox", () => {
  test("shows what waits, and its content where actions are allowed", async () => {
    const running = await startRunner({ admin: { allow_actions: true } });
    await running.send("later one");
    const page = await showing(running, "/console/inbox", "notes/team");
    const [path = ""] = /\/console\/inbox\/item\?key=[^"]+/.exec(page.html) ?? [];
    const item = await running.visit(path);
    expect(item.html).toContain("later one");
    expect((await running.visit("/console/inbox/item?key=none")).status).toBe(404);
  });

  test("hides contents without allow_actions", async () => {
    const running = await startRunner();
    await running.send("later one");
    const { html } = await showing(running, "/console/inbox", "notes/team");
    expect(html).not.toContain("/console/inbox/item");
    expect((await running.visit("/console/inbox/item?key=x")).status).toBe(403);
  });
});

describe("dead letters", () => {
  test("are listed with their reasons, by fifty", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `note ${index}`);
    const { visit } = await startRunner().then(async (running) => {
      running.statewave.setFaults([{ type: "refuse", marker: "refused", as: "422" }]);
      for (const text of texts) await running.send(`refused ${text}`);
      await expect.poll(async () => (await running.visit("/console/letters")).html).toContain('rel="next"');
      return running;
    });
    const first = await visit("/console/letters");
    expect(rowsOf(first)).toHaveLength(50);
    const [next = ""] = /(?<=href=")[^"]+(?=" rel="next")/.exec(first.html) ?? [];
    await expect.poll(async () => rowsOf(await visit(next.replaceAll("&amp;", "&"))).length).toBe(10);
    expect(first.html).not.toContain("Retry…");
    expect((await visit("/console/letters/letter?key=x")).status).toBe(403);
  });

  test("are shown with what was buried where actions are allowed", async () => {
    const { visit } = await withLetters(["the content"], { allow_actions: true });
    const [path = ""] = /\/console\/letters\/letter\?key=[^"]+/.exec((await visit("/console/letters")).html) ?? [];
    expect((await visit(path)).html).toContain("refused the content");
  });

  test("are retried and discarded after a question, and the audit log has who did it", async () => {
    const running = await withLetters(["one", "two", "three"], { allow_actions: true });
    const { visit, submit, statewave } = running;
    const page = await visit("/console/letters");
    const keys = [...page.html.matchAll(/name="key" value="([^"]+)"/g)].map(([, key = ""]) => key);
    const token = formTokenOf(page);
    const asked = await submit("/console/letters/act", { form_token: token, key: keys[0] ?? "", action: "discard" });
    expect(asked.html).toContain("Discard one dead letter?");
    expect(rowsOf(await visit("/console/letters"))).toHaveLength(3);
    const discard = { form_token: token, key: keys[0] ?? "", action: "discard", confirmed: "yes" };
    expect((await submit("/console/letters/act", discard)).html).toContain("1 discarded");
    expect((await submit("/console/letters/act", discard)).html).toContain("1 were no longer dead letters");
    statewave.setFaults([]);
    const retried = await submit("/console/letters/act", { ...discard, key: keys[1] ?? "", action: "retry" });
    expect(retried.html).toContain("1 put back into the queue");
    await expect.poll(() => statewave.episodes.length).toBe(1);
    const log = rowsOf(await visit("/console/audit"));
    expect(log[0]).toMatch(/ console \(.*@.*\) dead-letters retry ● done /);
    expect(log).toHaveLength(3);
  });

  test("stay without allow_actions, whatever form is sent", async () => {
    const running = await withLetters(["one"]);
    const { visit, submit } = running;
    const form = { key: "1", action: "discard", confirmed: "yes" };
    expect(
      (await submit("/console/letters/act", { form_token: formTokenOf(await visit("/console/login")), ...form })).status,
    ).toBe(403);
    expect(rowsOf(await visit("/console/letters"))).toHaveLength(1);
  });

  test("need to be chosen", async () => {
    const running = await withLetters(["one"], { allow_actions: true });
    const form_token = formTokenOf(await running.visit("/console/letters"));
    for (const form of [{ action: "retry" }, { action: "burn", key: "1" }, { key: "1" }])
      expect((await running.submit("/console/letters/act", { form_token, ...form })).status).toBe(400);
  });
});

test("activity shows the last hour and the last day of this process", async () => {
  const running = await withLetters(["one"]);
  await running.send("fine");
  const page = await showing(running, "/console/activity", "Episodes delivered, last day: <strong>1</strong>");
  for (const text of ["Webhooks, last hour: <strong>2</strong>", "Dead letters, last day: <strong>1</strong>"])
    expect(page.html).toContain(text);
});

test("pages that read whole contents are made when they are loaded, and the others again every few seconds", async () => {
  const { visit } = await startRunner({ pull: [{ name: "diary" }] });
  const isLive = async (path: string) => (await visit(`/console/${path}`)).html.includes(" data-live");
  for (const path of ["inbox", "letters", "audit"]) expect([path, await isLive(path)]).toEqual([path, false]);
  for (const path of ["", "activity", "backfills", "sources/pull/notes/diary"])
    expect([path, await isLive(path)]).toEqual([path, true]);
});

test("pages without anything to show say so", async () => {
  const { visit } = await startRunner();
  for (const [path, text] of [
    ["inbox", "Nothing waits."],
    ["letters", "There is no dead letter."],
    ["backfills", "There is no backfill."],
    ["audit", "No action is recorded yet."],
  ] as const)
    expect((await visit(`/console/${path}`)).html).toContain(text);
});
