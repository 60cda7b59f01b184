// Set before the first use: the package's native programs are not installed, and its JavaScript gives the same verdicts.
process.env["RECHECK_SYNC_BACKEND"] = "pure";
import { checkSync } from "recheck";

// No limit of time, so that a busy machine comes to the same verdict; limits of size end every search.
const limits = { timeout: null, attackTimeout: null, incubationTimeout: null };

/**
 * What is wrong with a regular expression, or undefined when the time it takes grows no faster than the text.
 * @param {string} pattern @param {string} flags @returns {string | undefined}
 */
export function judgeRegExp(pattern, flags) {
  const verdict = checkSync(pattern, flags, limits);
  if (verdict.status === "safe") return undefined;
  if (verdict.status === "unknown") return `cannot be judged (${verdict.error.kind}): write it more simply`;
  return `backtracks: ${verdict.complexity.summary}, for example on ${verdict.attack.pattern}`;
}
