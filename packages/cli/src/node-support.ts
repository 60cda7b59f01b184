// Uses only syntax and APIs of every Node.js with modules, so that an old version gets the error below and not a SyntaxError.
const { node, bun, deno } = process.versions;
const [major = 0, minor = 0] = node.split(".").map(Number);
const isOther = bun !== undefined || deno !== undefined;

/** Whether this Node.js can run the program; where not, the reason is printed and the exit code set. */
export const isSupported = !isOther && (major > 22 || (major === 22 && minor >= 19));

if (!isSupported) {
  // Others lack parts of Node.js on which state and sources depend, and say that they are a Node.js.
  const found = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : `Node.js ${node}`;
  process.exitCode = 1;
  process.stderr.write(
    `error: statewave-connectors needs Node.js 22.19 or newer; this is ${found} [RUNNER_NODE_UNSUPPORTED]\n` +
      `hint: ${isOther ? "start the program with Node.js, from https://nodejs.org" : "install a newer Node.js from https://nodejs.org, or start the program with another one"}\n`,
  );
}
