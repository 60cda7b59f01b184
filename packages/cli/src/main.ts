#!/usr/bin/env node
// Uses only syntax and APIs of every Node.js with modules, so that an old version gets the error below and not a SyntaxError.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  void import("./start.ts");
} else {
  process.exitCode = 1;
  process.stderr.write(
    `error: statewave-connectors needs Node.js 22.19 or newer; this is Node.js ${process.versions.node} [RUNNER_NODE_UNSUPPORTED]\n` +
      "hint: install a newer Node.js from https://nodejs.org, or start the program with another one\n",
  );
}
