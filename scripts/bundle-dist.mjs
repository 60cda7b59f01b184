// Writes the JavaScript of the package in the working directory to its dist/:
//
//   tsc -p . --emitDeclarationOnly && node ../../scripts/bundle-dist.mjs [--one-shared-file]
import { bundlePackage } from "./bundle-package.mjs";

await bundlePackage(process.cwd(), { sharesOneFile: process.argv.includes("--one-shared-file") });
