import { defineConfig } from "vitest/config";

// Packages are read from src, so that no build has to come before a test.
const source = "@statewave-connectors/source";
const conditions = [source, "module", "node", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // On two cores vitest would run one file at a time, and many files wait for real servers and processes most of the time.
    maxWorkers: 3,
    include: ["{packages,apps,bench}/*/test/**/*.test.ts"],
    // Limits for what hangs, not measures of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    setupFiles: ["scripts/vitest/patient-wait-for.ts"],
    globalSetup: ["scripts/test-services/vitest-setup.mjs"],
    // For what a test lets Node resolve itself: worker threads, import.meta.resolve.
    execArgv: [`--conditions=${source}`],
  },
});
