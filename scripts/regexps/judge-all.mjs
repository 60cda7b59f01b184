// Judges many regular expressions, on every processor: one can take seconds.
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { judgeRegExp } from "./judge-regexp.mjs";

/** @typedef {{ readonly pattern: string | undefined, readonly flags: string }} Judged */

/**
 * What is wrong with each of them, by the expression; those without a pattern are left out.
 * @param {readonly Judged[]} regExps
 * @returns {Promise<(regExp: Judged) => string | undefined>}
 */
export async function judgeAll(regExps) {
  const whole = regExps.filter(({ pattern }) => pattern !== undefined);
  const different = new Map(whole.map(({ pattern, flags }) => [keyOf({ pattern, flags }), { pattern, flags }]));
  const left = [...different.values()];
  /** @type {Map<string, string | undefined>} */
  const verdicts = new Map();
  const workerCount = Math.min(availableParallelism(), left.length);
  await Promise.all(Array.from({ length: workerCount }, () => judgeInWorker(left, verdicts)));
  return (regExp) => verdicts.get(keyOf(regExp));
}

/** @param {Judged} regExp */
function keyOf({ pattern, flags }) {
  return `${flags} ${pattern}`;
}

/** Takes one after the other until none is left. @param {Judged[]} left @param {Map<string, string | undefined>} verdicts */
async function judgeInWorker(left, verdicts) {
  const worker = new Worker(new URL(import.meta.url));
  try {
    for (let regExp = left.pop(); regExp !== undefined; regExp = left.pop()) {
      verdicts.set(keyOf(regExp), await answerOf(worker, regExp));
    }
  } finally {
    await worker.terminate();
  }
}

/** @param {Worker} worker @param {Judged} regExp @returns {Promise<string | undefined>} */
function answerOf(worker, regExp) {
  return new Promise((resolve, reject) => {
    worker.once("message", (verdict) => {
      worker.off("error", reject);
      resolve(verdict);
    });
    worker.once("error", reject);
    worker.postMessage(regExp, []);
  });
}

if (!isMainThread) {
  parentPort?.on("message", ({ pattern, flags }) => parentPort?.postMessage(judgeRegExp(pattern, flags), []));
}
