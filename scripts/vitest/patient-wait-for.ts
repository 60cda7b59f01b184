import { vi } from "vitest";

/** As for `expect.poll` in vitest.config.ts; `vi.waitFor` has no setting of its own, and its default of 1 s measures the machine. */
const timeout = 120_000;

const { waitFor } = vi;
const waitPatiently: typeof waitFor = (callback, options) =>
  waitFor(callback, typeof options === "number" ? options : { timeout, ...options });

// This file runs before each test file, and several of them may share a process.
if (waitFor.name !== waitPatiently.name) vi.waitFor = waitPatiently;
