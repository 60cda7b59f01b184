// The cheapest server that a runner takes for Statewave: it answers each batch with its own rows and parses, checks and keeps nothing.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const row = '{"subject_id":';
/** What the server adds to a row. The last of two equal names counts. */
const storedRow = `{"id":"5b0f6d4e-0000-4000-8000-000000000000","subject_id":"","created_at":"2026-01-01T00:00:00+00:00","subject_id":`;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const [status, answer] = request.method === "POST" ? answerTo(Buffer.concat(chunks)) : [404, "{}"];
    response.writeHead(status, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer, "latin1");
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on("SIGTERM", () => process.exit());

/** One character a byte. Within a text of JSON, quotation marks are escaped: only rows begin like this. */
function answerTo(body: Buffer): readonly [status: number, answer: string] {
  const sent = body.toString("latin1").slice('{"episodes":'.length);
  const stored = sent.replaceAll(row, storedRow);
  const count = (stored.length - sent.length) / (storedRow.length - row.length);
  // As the server does, so that the runner learns that it is up.
  return count === 0
    ? [422, '{"error":{"code":"validation_error"}}']
    : [201, `{"episodes_created":${count},"episodes":${stored}`];
}
