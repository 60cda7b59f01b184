// Writes packages/cli/dist/static-answers.json: the help of every command and the completions of the shells, which the program prints without
// loading its commands. The build of the cli runs this.
//
//   node --conditions=@statewave-connectors/source scripts/write-static-answers.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectStaticAnswers } from "../packages/cli/src/early/collect-static-answers.ts";
import { staticAnswersFile } from "../packages/cli/src/early/static-answers.ts";
import { commandTree } from "../packages/cli/src/early/command-tree.ts";

const path = join(fileURLToPath(new URL("../packages/cli/dist/", import.meta.url)), staticAnswersFile);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(await collectStaticAnswers(commandTree()))}\n`);
