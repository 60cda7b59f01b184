export type { ChaosReport, ChaosViolation } from "./report.ts";
export { type ChaosRequest, runChaos } from "./run-chaos.ts";
