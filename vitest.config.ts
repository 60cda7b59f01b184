import { configDefaults, defineConfig } from "vitest/config";

// Packages are read from src, so that no build has to come before a test.
const source = "@statewave-connectors/source";
const conditions = [source, "module", "node", "default"];

/** Several processes on one store, and what takes long by its nature. `npm test` leaves them out; `npm run test:long` runs them. */
const long = ["apps/runner/test/e2e/several-processes/**/*.test.ts", "{packages,apps}/*/test/**/*.long.test.ts"];
const globalSetup = ["scripts/vitest/bundle-programs.mjs", "scripts/test-services/vitest-setup.mjs"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // On two cores vitest would run one file at a time, and many files wait for real servers and processes most of the time.
    maxWorkers: 3,
    // Limits for what hangs, not measures of the machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    setupFiles: ["scripts/vitest/patient-wait-for.ts"],
    // For what a test lets Node resolve itself: worker threads, import.meta.resolve.
    execArgv: [`--conditions=${source}`],
    projects: [
      {
        extends: true,
        test: {
          name: "short",
          include: ["{packages,apps,bench}/*/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...long],
          globalSetup,
        },
      },
      { extends: true, test: { name: "long", include: long, globalSetup } },
    ],
  },
});
