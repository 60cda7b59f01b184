import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { afterAll, expect, test } from "vitest";
import { describeMailbox, mailOf, open, titlesOf } from "./mailbox.ts";

/** A token endpoint that answers with what `issue` returns, and the forms that it was sent. */
async function startTokenEndpoint(issue: () => object) {
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    forms.push(new URLSearchParams(body));
    const answer = issue();
    response.writeHead("error" in answer ? 400 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, forms };
}

describeMailbox("signing in", (mailboxes) => {
  const newMailbox = async () => {
    const { user, script, options } = await mailboxes.newUser();
    await script.append("INBOX", [{ mail: mailOf({ id: "1@test" }) }]);
    const { port, tlsPort, caFile } = mailboxes.server;
    return { user, options, port, tlsPort, caFile };
  };

  test.each(["implicit", "starttls"] as const)("works by TLS (%s), with the authority of a file", async (tls) => {
    const { options, port, tlsPort, caFile } = await newMailbox();
    const entry = { ...options, host: "localhost", tls, port: tls === "implicit" ? tlsPort : port };
    const { walk, source } = await open({ ...entry, ca_file: caFile });
    expect(titlesOf(await walk())).toEqual(["Hello"]);
    const checked = (await source.check?.(new AbortController().signal)) ?? [];
    expect(checked[0]?.message).toContain("TLSv1.3");
    await expect((await open(entry)).walk()).rejects.toMatchObject({
      code: "IMAP_UNAVAILABLE",
      retryable: true,
      hint: "name the file with the certificate of the server's authority in `ca_file`",
    });
  });

  test("sends no password where TLS was wanted and the server has none", async () => {
    const { options } = await newMailbox();
    const proxy = await startTcpProxy(`imap://127.0.0.1:${mailboxes.server.port}`);
    const port = Number(new URL(proxy.url).port);
    await expect((await open({ ...options, tls: "implicit", port })).walk()).rejects.toMatchObject({ code: "IMAP_UNAVAILABLE" });
    await expect((await open({ ...options, tls: "starttls", port })).walk()).rejects.toMatchObject({ code: "IMAP_UNAVAILABLE" });
    expect(proxy.received().toString("latin1")).not.toMatch(/LOGIN|AUTHENTICATE|password/i);
    await proxy.close();
  });

  test("with a wrong password ends for good, with what to do", async () => {
    const { options } = await newMailbox();
    await expect((await open({ ...options, password: "wrong" })).walk()).rejects.toMatchObject({
      code: "IMAP_UNAUTHORIZED",
      retryable: false,
      hint: expect.stringContaining("app password"),
    });
  });

  test("works by an access token for a refresh token, which is requested again when the server refuses it", async () => {
    const { user, options } = await newMailbox();
    const { server } = mailboxes;
    const tokens = [server.token(user, -60), server.token(user)];
    const endpoint = await startTokenEndpoint(() => ({ access_token: tokens.shift(), token_type: "Bearer", expires_in: 3600 }));
    const { password: _, ...rest } = options;
    const oauth = { token_url: endpoint.url, client_id: "statewave", refresh_token: "refresh-4711", scope: "imap" };
    const { walk } = await open({ ...rest, ...oauth });
    expect(titlesOf(await walk())).toEqual(["Hello"]);
    const sent = { grant_type: "refresh_token", client_id: "statewave", refresh_token: "refresh-4711", scope: "imap" };
    expect(endpoint.forms.map((form) => Object.fromEntries(form))).toEqual([sent, sent]);
    expect(titlesOf(await walk())).toEqual(["Hello"]);
    expect(endpoint.forms.length, "requests, because the token is kept").toBe(2);
  });

  test("works by a token of the client itself", async () => {
    const { user, options } = await newMailbox();
    const endpoint = await startTokenEndpoint(() => ({ access_token: mailboxes.server.token(user), expires_in: 3600 }));
    const { password: _, ...rest } = options;
    const { walk } = await open({ ...rest, token_url: endpoint.url, client_id: "statewave", client_secret: "s" });
    expect(titlesOf(await walk())).toEqual(["Hello"]);
    expect(endpoint.forms[0]?.get("grant_type")).toBe("client_credentials");
  });

  test("ends for good when the refresh token is revoked", async () => {
    const { options } = await newMailbox();
    const endpoint = await startTokenEndpoint(() => ({ error: "invalid_grant" }));
    const { password: _, ...rest } = options;
    const { walk } = await open({ ...rest, token_url: endpoint.url, client_id: "statewave", refresh_token: "old" });
    await expect(walk()).rejects.toMatchObject({
      code: "IMAP_UNAUTHORIZED",
      retryable: false,
      hint: expect.stringContaining("`refresh_token`"),
    });
  });
});
