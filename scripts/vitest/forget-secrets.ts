/** The layout of the registry of `connector-sdk/secrets`, which every copy of the SDK in a process shares. */
interface KnownSecrets {
  readonly values: Map<string, boolean>;
  mintedCount: number;
  generation: number;
}

// Test files share a process, and a secret of one must not be masked in the texts of another. This file runs before each test file.
const known = (globalThis as { [key: symbol]: KnownSecrets | undefined })[Symbol.for("@statewave-connectors/known-secrets/1")];
if (known !== undefined) {
  known.values.clear();
  known.mintedCount = 0;
  known.generation += 1;
}
