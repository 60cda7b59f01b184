import { expect, test } from "vitest";
import { readResponseText } from "../../src/http/index.ts";

/** A response in pieces of one byte, which counts how many were read. */
function trickling(bytes: Uint8Array) {
  const taken = { count: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken.count === bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(taken.count, (taken.count += 1)));
      },
      cancel() {
        taken.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(stream), taken };
}

test("puts characters together that arrive in pieces", async () => {
  const text = "ü 💥 €";
  const bytes = Buffer.from(text);
  expect(await readResponseText(trickling(bytes).response, bytes.length)).toBe(text);
});

test("gives up at the first byte beyond the limit and cancels the rest", async () => {
  const { response, taken } = trickling(Buffer.alloc(1_000, "x"));
  expect(await readResponseText(response, 10)).toBeUndefined();
  expect(taken).toEqual({ count: 11, cancelled: true });
});

test("reads a response without a body as the empty text", async () => {
  expect(await readResponseText(new Response(null), 10)).toBe("");
});

test("throws what the connection throws", async () => {
  const stream = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  await expect(readResponseText(new Response(stream), 10)).rejects.toThrow("reset");
});
