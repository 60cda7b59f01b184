import { ConnectorsError } from "./contract/errors.ts";

/** The oldest Node.js that this package's `engines` names. */
const oldest = { major: 22, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

// Every package of this product imports this one, so an older Node ends here and not in a SyntaxError somewhere below. Nothing that is
// loaded before this line may name an export of Node's that the older one lacks.
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  throw new ConnectorsError({
    code: "RUNNER_NODE_UNSUPPORTED",
    message: `the Statewave connectors need Node.js ${oldest.major}.${oldest.minor} or newer; this is Node.js ${process.versions.node}`,
    hint: "install a newer Node.js from https://nodejs.org, or start the program with another one",
  });
}
