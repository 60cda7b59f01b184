import { once } from "node:events";
import { createServer } from "node:http";
import type { NoteChange } from "../src/note.ts";

/** The provider, over real HTTP: strict about what it is asked, and complete as far as the connector goes. */
export interface FakeProvider {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

export function change(seq: number, overrides: Partial<NoteChange> = {}): NoteChange {
  return {
    seq,
    action: "written",
    at: new Date(Date.UTC(2025, 0, 1, 0, seq)).toISOString(),
    author: "Ada",
    note: { id: `n${seq}`, title: `Note ${seq}`, text: `The text of note ${seq}.` },
    ...overrides,
  };
}

export async function startFakeProvider(changes: readonly NoteChange[]): Promise<FakeProvider> {
  const token = "fake-token";
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: "unauthorized" });
    if (request.method !== "GET" || pathname !== "/changes") return answer(404, { error: "not_found" });
    const limit = Number(searchParams.get("limit"));
    if (!(limit >= 1 && limit <= 100)) return answer(400, { error: "bad_limit" });
    const newer = changes.filter(({ seq }) => seq > Number(searchParams.get("after")));
    return answer(200, { changes: newer.slice(0, limit), more: newer.length > limit });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    token,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
