import { createHash, timingSafeEqual } from "node:crypto";
import { revealed, type Secret } from "../secrets/secret.ts";

/** Compares two texts in a time that depends neither on where they differ nor on how long the secret one is. */
export function constantTimeEqual(left: string | Secret, right: string | Secret): boolean {
  return timingSafeEqual(digestOf(left), digestOf(right));
}

function digestOf(text: string | Secret): Buffer {
  return createHash("sha256").update(revealed(text)).digest();
}
