import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { openPushReceiver, toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { example, githubRequest, pagesOf, secret } from "./open-receiver.ts";

test("18 MB of JSON that a form turns into 43 MB on the wire are taken, stored as the JSON and mapped; over 25 MiB of it are 413", async () => {
  const stored: InboxItem[] = [];
  const handle = toFetchHandler({
    ...(await openPushReceiver({ connector, name: "main", options: { secret } })),
    accept: async (item) => (stored.push(item), "fresh"),
  });
  const post = async (json: string) => {
    const form = `payload=${encodeURIComponent(json)}`;
    const { headers, body } = githubRequest("issues", form, { "content-type": "application/x-www-form-urlencoded" });
    const request = { method: "POST", headers: headers as Record<string, string>, body: Buffer.from(body) };
    return { status: (await handle(new Request("http://localhost/github/main/events", request))).status, bytes: body.byteLength };
  };
  const opened = (bytes: number) => {
    const text = '<a href="é☃">{1}</a>\n';
    return JSON.stringify(
      example("issues", "opened", { issue: { body: text.repeat(bytes / (Buffer.byteLength(JSON.stringify(text)) - 2)) } }),
    );
  };

  const json = opened(18_000_000);
  const large = await post(json);
  expect(large.status).toBe(200);
  expect(large.bytes).toBeGreaterThan(43_000_000);
  const [item] = stored;
  const body = item?.type === "event" ? Buffer.from(item.body).toString() : "";
  expect(body === json).toBe(true);
  expect(await pagesOf("issues", body)).toEqual(await pagesOf("issues", json));
  expect((await post(opened(27_000_000))).status).toBe(413);
});
