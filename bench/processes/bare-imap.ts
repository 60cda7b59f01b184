// imapflow alone: fetches what the connector fetches of every short mail in some folders, with one command a folder, and makes nothing of it.
import { ImapFlow } from "imapflow";

const [port, user = "", pass = "", ...folders] = process.argv.slice(2);
const client = new ImapFlow({
  host: "127.0.0.1",
  port: Number(port),
  secure: false,
  doSTARTTLS: false,
  auth: { user, pass },
  logger: false,
});
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
await client.connect();
let mails = 0;
for (const folder of folders) {
  await client.mailboxOpen(folder, { readOnly: true });
  const bodyParts = [
    { key: "HEADER", start: 0, maxLength: 65_536 },
    { key: "1", start: 0, maxLength: 16_384 },
  ];
  const items = { uid: true, flags: true, internalDate: true, bodyStructure: true, bodyParts };
  for await (const { headers, bodyParts: texts } of client.fetch("1:*", items)) {
    if (headers === undefined || texts?.get("1") === undefined) throw new Error("a mail without headers or without a text");
    mails += 1;
  }
}
const seconds = (performance.now() - startedMs) / 1_000;
const { user: userMicroseconds, system } = process.cpuUsage(startedCpu);
await client.logout();
process.send?.({ seconds, cpuSeconds: (userMicroseconds + system) / 1e6, mails });
