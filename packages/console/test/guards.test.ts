import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cookieOf, formTokenOf, type Running, startRunner, type Visited } from "./start-runner.ts";

const token = "t0ken-of-the-operators";
const paths = [
  "",
  "activity",
  "inbox",
  "inbox/item?key=x",
  "letters",
  "letters/letter?key=x",
  "backfills",
  "audit",
  "sources/push/notes/team",
];

async function signedIn(running: Running, visitor = ""): Promise<string> {
  return cookieOf(await running.submit("/console/login", { token, visitor }));
}

/** Not by fetch, which sets Host itself. */
function withHost(
  adminUrl: string,
  path: string,
  host: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { port } = new URL(adminUrl);
  return new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port, path, headers: { host }, agent: false }, (incoming) => {
      void text(incoming).then((body) => resolve({ status: incoming.statusCode, body }), reject);
    })
      .once("error", reject)
      .end();
  });
}

describe("with a token", () => {
  test("every page leads to the sign-in, which shows nothing of the runner", async () => {
    const { visit } = await startRunner({ admin: { token }, pull: [{ name: "secret-customer" }] });
    for (const path of paths) {
      const refused = await visit(`/console/${path}`);
      expect([path, refused.status, refused.headers.get("location")]).toEqual([path, 303, "/console/login"]);
    }
    const login = await visit("/console/login");
    expect([login.status, login.html.includes("secret-customer")]).toEqual([200, false]);
  });

  test("signing in sets a cookie that scripts and other sites do not get, and never shows the token", async () => {
    const running = await startRunner({ admin: { token } });
    const answer = await running.submit("/console/login", { token, visitor: "Ana" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/console/"]);
    const cookie = answer.headers.get("set-cookie") ?? "";
    for (const attribute of ["HttpOnly", "SameSite=Strict", "Path=/console"]) expect(cookie).toContain(attribute);
    expect(cookie).not.toContain("Secure");
    const page = await running.visit("/console/", { headers: { cookie: cookieOf(answer) } });
    expect(page.status).toBe(200);
    expect(page.html).toContain("Ana");
    expect(page.html + cookie).not.toContain(token);
  });

  test("behind TLS the cookie is sent by TLS only", async () => {
    const { submit } = await startRunner({ admin: { token } });
    const answer = await submit("/console/login", { token }, { origin: "https://console.example" });
    expect(answer.headers.get("set-cookie")).toContain("Secure");
  });

  test("a wrong token, a changed cookie and one of another token open nothing", async () => {
    const running = await startRunner({ admin: { token } });
    for (const wrong of ["", "t0ken", `${token}x`]) {
      const answer = await running.submit("/console/login", { token: wrong });
      expect([answer.status, answer.headers.has("set-cookie")]).toEqual([401, false]);
    }
    const cookie = await signedIn(running);
    const other = await signedIn(await startRunner({ admin: { token } }), "Eve");
    expect((await running.visit("/console/", { headers: { cookie: other } })).status).toBe(200);
    const forged = [
      cookie.slice(0, -2),
      cookie.replace(/=\d+/, "=9999999999999"),
      cookie.replace(/\.([\w-]*)\./, ".RXZl."),
      "x=y",
    ];
    for (const sent of forged)
      expect([sent, (await running.visit("/console/", { headers: { cookie: sent } })).status]).toEqual([sent, 303]);
  });

  test("the token as a header opens pages for programs", async () => {
    const { visit } = await startRunner({ admin: { token } });
    expect((await visit("/console/", { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await visit("/console/", { headers: { authorization: "Bearer wrong" } })).status).toBe(303);
    expect((await visit(`/console/?token=${token}`)).status).toBe(303);
  });

  test("the token as a header sends no form", async () => {
    const { submit } = await startRunner({ admin: { token, allow_actions: true } });
    const authorization = `Bearer ${token}`;
    const form = { key: "x", action: "discard", confirmed: "yes" };
    const answer = await submit("/console/letters/act", form, { authorization });
    expect([answer.status, answer.html.includes("sign in to act")]).toEqual([403, true]);
  });

  test("after five wrong tokens an address has to wait, also with the right one, and no session ends", async () => {
    const running = await startRunner({ admin: { token } });
    const cookie = await signedIn(running);
    for (let attempt = 1; attempt <= 5; attempt += 1)
      expect((await running.submit("/console/login", { token: `wrong ${attempt}` })).status).toBe(401);
    const refused = await running.submit("/console/login", { token, visitor: "Ana" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(refused.html).toContain("Try again in 1 s.");
    expect((await running.visit("/readyz", { headers: { authorization: `Bearer ${token}` } })).status).toBe(429);
    expect((await running.visit("/console/", { headers: { cookie } })).status).toBe(200);
    await expect.poll(async () => (await running.submit("/console/login", { token })).status, { timeout: 5_000 }).toBe(303);
  });

  test("signing out forgets the cookie", async () => {
    const running = await startRunner({ admin: { token } });
    const cookie = await signedIn(running);
    const form_token = formTokenOf(await running.visit("/console/", { headers: { cookie } }));
    const answer = await running.submit("/console/logout", { form_token }, { cookie });
    expect(answer.headers.get("set-cookie")).toMatch(/=; Path=\/console; Max-Age=0/);
  });

  test("the other paths of the admin address still need it", async () => {
    const running = await startRunner({ admin: { token } });
    const cookie = await signedIn(running);
    for (const path of ["/readyz", "/metrics", "/consoles", "/console%2f"])
      expect([path, (await running.visit(path, { headers: { cookie } })).status]).toEqual([path, 401]);
  });

  test("the audit log has the name that was given at the sign-in", async () => {
    const running = await startRunner({ admin: { token, allow_actions: true } });
    const cookie = await signedIn(running, "Ana");
    const headers = { cookie };
    running.statewave.setFaults([{ type: "refuse", marker: "refused", as: "422" }]);
    await running.send("refused");
    await expect.poll(async () => (await running.visit("/console/letters", { headers })).html).toContain('name="key"');
    const page = await running.visit("/console/letters", { headers });
    const key = /name="key" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    const form = { form_token: formTokenOf(page), key, action: "discard", confirmed: "yes" };
    expect((await running.submit("/console/letters/act", form, headers)).html).toContain("1 discarded");
    expect((await running.visit("/console/audit", { headers })).html).toContain("Ana, console (");
  });
});

describe("forms", () => {
  const form = { key: "1", action: "discard", confirmed: "yes" };

  test.each([
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["a sibling site", { "sec-fetch-site": "same-site" }],
    ["an old browser on another site", { "sec-fetch-site": null, origin: "http://evil.example" }],
    ["a page without origin", { "sec-fetch-site": null, origin: "null" }],
    ["no browser", { "sec-fetch-site": null }],
  ])("of %s are refused", async (_, sent) => {
    const { visit, adminUrl } = await startRunner({ admin: { allow_actions: true } });
    const form_token = formTokenOf(await visit("/console/letters"));
    const headers = Object.entries(sent).flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
    const response = await fetch(`${adminUrl}/console/letters/act`, {
      method: "POST",
      headers,
      body: new URLSearchParams({ ...form, form_token }),
    });
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining("not sent from a page of this server"),
    ]);
  });

  test("of an old browser on a page of this server are taken", async () => {
    const { visit, adminUrl } = await startRunner({ admin: { token } });
    const answer = await visit("/console/login", {
      method: "POST",
      headers: { origin: adminUrl },
      body: new URLSearchParams({ token }),
    });
    expect(answer.status).toBe(303);
  });

  test("without the token of the page are refused", async () => {
    const { submit } = await startRunner({ admin: { allow_actions: true } });
    for (const form_token of ["", "x"]) expect((await submit("/console/letters/act", { ...form, form_token })).status).toBe(403);
    expect((await submit("/console/backfills/cancel", { id: "x", confirmed: "yes" })).status).toBe(403);
  });

  test("that are too large, or compressed, are refused", async () => {
    const { visit } = await startRunner();
    const headers = { "sec-fetch-site": "same-origin" };
    const large = await visit("/console/letters/act", { method: "POST", headers, body: "x".repeat(70_000) });
    expect(large.status).toBe(413);
    const body = gzipSync("key=1");
    expect(
      (await visit("/console/letters/act", { method: "POST", headers: { ...headers, "content-encoding": "gzip" }, body })).status,
    ).toBe(403);
  });
});

describe("requests", () => {
  test("that name another host get nothing", async () => {
    const { adminUrl } = await startRunner({ pull: [{ name: "secret-customer" }] });
    for (const path of ["/", "/console/", "/console/login", "/console/inbox", "/console/assets/x/console.css"]) {
      const { status, body } = await withHost(adminUrl, path, "rebound.example:9464");
      expect([path, status, body.includes("secret-customer")]).toEqual([path, 403, false]);
    }
  });

  test.each([
    "/console/nowhere",
    "/console/assets/0/console.css",
    "/console/../readyz/x",
    "/console//",
    "/console/%00",
    "/console/letters/act",
  ])("for %s get 404", async (path) => {
    const { adminUrl } = await startRunner();
    expect((await withHost(adminUrl, path, "localhost")).status).toBe(404);
  });

  test("with other methods get 405, and HEAD gets no body", async () => {
    const { visit } = await startRunner();
    for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH"]) expect((await visit("/console/", { method })).status).toBe(405);
    expect(await visit("/console/", { method: "HEAD" })).toMatchObject({ status: 200, html: "" });
  });

  test("for the root and for the page without a slash are led to the page", async () => {
    const { visit } = await startRunner({ admin: { token } });
    expect((await visit("/")).headers.get("location")).toBe("/console/");
    expect((await visit("/console")).headers.get("location")).toBe("/console/");
  });
});

describe("every page", () => {
  const mustHave = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
  };

  function expectGuarded({ headers, html }: Visited): void {
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(Object.fromEntries(headers)).toMatchObject(mustHave);
    const elements = [...html.matchAll(/<[^>]*>/g)].join("").replaceAll(/="[^"]*"/g, "=");
    expect(elements).not.toMatch(/ style=| on[a-z]+=|<style|<img/);
    expect([...html.matchAll(/<script [^>]*>/g)].map(([element]) => element)).toEqual([
      expect.stringMatching(/^<script src="\/console\/assets\/\w+\/idiomorph.js" defer>$/),
      expect.stringMatching(/^<script src="\/console\/assets\/\w+\/console.js" defer>$/),
    ]);
  }

  test("has a policy without inline scripts and styles, and is kept by no proxy", async () => {
    const { visit } = await startRunner({ pull: [{ name: "diary" }], admin: { allow_actions: true } });
    for (const path of [...paths, "login", "nowhere"]) expectGuarded(await visit(`/console/${path}`));
  });

  test("needs no more than 60 KB of scripts and styles", async () => {
    const { visit, adminUrl } = await startRunner();
    const { html } = await visit("/console/");
    let bytes = 0;
    for (const [path = ""] of html.matchAll(/(?<=(?:src|href)=")\/console\/assets\/[^"]+/g)) {
      const { headers } = await visit(path);
      expect([headers.get("content-encoding"), headers.get("cache-control")]).toEqual([
        "gzip",
        expect.stringContaining("immutable"),
      ]);
      bytes += Number(headers.get("content-length"));
      expect((await fetch(adminUrl + path, { headers: { "accept-encoding": "identity" } })).headers.has("content-encoding")).toBe(
        false,
      );
    }
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(60_000);
  });

  test("shows foreign text as text", async () => {
    const hostile = `</title></td><script>alert(1)</script><img src=x onerror=alert(2)> "'&\u202egnp.exe\u0000\u001b[31m \ud800`;
    const fault = `${hostile} ${"x".repeat(1_000_000)}`;
    const running = await startRunner({
      pull: [{ name: "diary", fault, schedule: "* * * * * *" }],
      admin: { allow_actions: true },
    });
    running.statewave.setFaults([{ type: "refuse", marker: "refused", as: "422" }]);
    await running.send(`refused ${hostile}`);
    await expect.poll(async () => (await running.visit("/console/")).html).toContain("NOTES_FAULT");
    await expect.poll(async () => (await running.visit("/console/letters")).html).toContain('name="key"');
    const [letter = ""] = /\/console\/letters\/letter\?key=[^"]+/.exec((await running.visit("/console/letters")).html) ?? [];
    const query = new URLSearchParams({ q: hostile, source: hostile, after: hostile, key: hostile, state: hostile });
    for (const path of [
      letter,
      "/console/sources/pull/notes/diary",
      ...paths.map((each) => `/console/${each.split("?")[0]}?${query.toString()}`),
    ]) {
      const page = await running.visit(path);
      expectGuarded(page);
      expect([
        path,
        page.html.length < 100_000,
        ["<script>", "\u0000", "\u001b"].some((part) => page.html.includes(part)),
      ]).toEqual([path, true, false]);
    }
    expect((await running.visit("/console/")).html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });
});

test("a page that cannot be made says why, and the others are served", async () => {
  const running = await startRunner();
  const page = await running.visit("/console/inbox?after=%F0%9F%92%A9");
  expect([200, 503]).toContain(page.status);
  expect((await running.visit("/console/")).status).toBe(200);
});

test("is not served unless it is configured", async () => {
  const { visit } = await startRunner({ admin: { console: false } });
  for (const path of ["/", "/console", "/console/"]) expect((await visit(path)).status).toBe(404);
});
