// imapflow alone: fetches headers, structure and texts of every mail in some folders, as the connector does, and makes nothing of them.
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
  const bodyParts = [{ key: "HEADER", start: 0, maxLength: 65_536 }];
  const items = { uid: true, flags: true, internalDate: true, bodyStructure: true, bodyParts };
  for await (const row of client.fetch("1:*", items)) mails += row.headers === undefined ? 0 : 1;
  for await (const row of client.fetch("1:*", { uid: true, bodyParts: [{ key: "1", start: 0, maxLength: 131_072 }] })) {
    if (row.bodyParts === undefined) throw new Error("a mail without a text");
  }
}
const seconds = (performance.now() - startedMs) / 1_000;
const { user: userMicroseconds, system } = process.cpuUsage(startedCpu);
await client.logout();
process.send?.({ seconds, cpuSeconds: (userMicroseconds + system) / 1e6, mails });
