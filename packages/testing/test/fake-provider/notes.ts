import { type FakeProviderOptions, integer, text } from "../../src/fake-provider/index.ts";

const notes = Array.from({ length: 25 }, (_, n) => ({ id: n + 1 }));

/** A provider of notes, for the tests and as a process of its own. */
export const provider: FakeProviderOptions = {
  routes: {
    "GET /notes": {
      query: { after: integer(), limit: integer({ min: 1, max: 10, required: true }), order: text({ oneOf: ["asc", "desc"] }) },
      answer({ query }) {
        const newer = notes.filter(({ id }) => id > Number(query["after"] ?? 0));
        return { body: { notes: newer.slice(0, Number(query["limit"])), more: newer.length > Number(query["limit"]) } };
      },
    },
    "GET /notes/:id": { answer: ({ params }) => ({ body: { id: params["id"] } }) },
    "POST /notes": {
      body: (body) => (typeof body === "object" && body !== null && "text" in body ? undefined : "text is missing"),
      answer: ({ body, nowMs }) => ({ status: 201, body: { ...Object(body), nowMs } }),
    },
    "GET /health": { isPublic: true, answer: () => ({ body: "well" }) },
  },
};
