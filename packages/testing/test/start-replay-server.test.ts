import { expect, onTestFinished, test } from "vitest";
import { type Recording, startReplayServer } from "../src/index.ts";

async function replay(...recordings: readonly Recording[]) {
  const server = await startReplayServer(recordings);
  onTestFinished(() => server.close());
  return server;
}

test("answers as recorded: status, headers and body", async () => {
  const { url } = await replay({
    path: "/notes?page=1",
    status: 203,
    headers: { ETag: '"1"', "x-used": 7 },
    response: [{ id: 1 }],
  });
  const answer = await fetch(`${url}/notes?page=1`);
  expect([answer.status, answer.headers.get("etag"), answer.headers.get("x-used")]).toEqual([203, '"1"', "7"]);
  expect(await answer.json()).toEqual([{ id: 1 }]);
});

test("refuses and lists what was not recorded, down to the query and the method", async () => {
  const server = await replay({ path: "/notes?page=1" });
  for (const [path, method] of [
    ["/notes", "GET"],
    ["/notes?page=1", "POST"],
  ] as const) {
    expect((await fetch(`${server.url}${path}`, { method })).status).toBe(501);
  }
  expect(server.unknown).toEqual(["GET /notes", "POST /notes?page=1"]);
});

test("plays several recordings of one request in order, the last one for good", async () => {
  const { url } = await replay({ path: "/", response: "first" }, { path: "/", response: "second" });
  const texts: string[] = [];
  for (let time = 0; time < 3; time += 1) texts.push(await (await fetch(url)).text());
  expect(texts).toEqual(["first", "second", "second"]);
});

test("names the recordings that were not requested", async () => {
  const server = await replay({ path: "/asked" }, { path: "/never", method: "put" });
  await fetch(`${server.url}/asked`);
  expect(server.unrequested).toEqual(["PUT /never"]);
});

test("leads recorded links to itself, in headers and bodies", async () => {
  const link = "https://api.provider.invalid/notes?page=2";
  const headers = { link: `<${link}>; rel="next"`, "content-length": "3", "content-encoding": "gzip" };
  const { url } = await replay({ scope: "https://api.provider.invalid:443", path: "/notes", headers, response: { next: link } });
  const answer = await fetch(`${url}/notes`);
  expect(answer.headers.get("link")).toBe(`<${url}/notes?page=2>; rel="next"`);
  expect(await answer.json()).toEqual({ next: `${url}/notes?page=2` });
});
