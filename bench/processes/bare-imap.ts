// imapflow alone: fetches what the connector fetches of every short mail in some folders, and makes nothing of it.
import { type FetchQueryObject, ImapFlow } from "imapflow";

/** `pageSize` 0: with one FETCH for a folder. */
const [port, user = "", pass = "", pageSize, ...folders] = process.argv.slice(2);
const client = new ImapFlow({
  host: "127.0.0.1",
  port: Number(port),
  secure: false,
  doSTARTTLS: false,
  auth: { user, pass },
  logger: false,
});
const items: FetchQueryObject = {
  uid: true,
  flags: true,
  internalDate: true,
  bodyStructure: true,
  bodyParts: [
    { key: "HEADER", start: 0, maxLength: 65_536 },
    { key: "1", start: 0, maxLength: 16_384 },
  ],
};
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
await client.connect();
let mails = 0;
for (const folder of folders) {
  await client.mailboxOpen(folder, { readOnly: true });
  for await (const range of rangesOf(Number(pageSize))) {
    for await (const { headers, bodyParts: texts } of client.fetch(range, items, { uid: true })) {
      if (headers === undefined || texts?.get("1") === undefined) throw new Error("a mail without headers or without a text");
      mails += 1;
    }
  }
}
const seconds = (performance.now() - startedMs) / 1_000;
const { user: userMicroseconds, system } = process.cpuUsage(startedCpu);
await client.logout();
process.send?.({ seconds, cpuSeconds: (userMicroseconds + system) / 1e6, mails });

async function* rangesOf(size: number): AsyncGenerator<string> {
  if (size === 0) {
    yield "1:*";
    return;
  }
  const found = await client.search({ all: true }, { uid: true });
  const uids = Array.isArray(found) ? found : [];
  for (let at = 0; at < uids.length; at += size) yield `${uids[at]}:${uids[Math.min(at + size, uids.length) - 1]}`;
}
