export { type OwnRule, patternProblem } from "./own-rules.ts";
export { type BuiltInRule, builtInRules, openRedactor, type Redaction, type Redactor, type RedactorOptions } from "./redactor.ts";
export type { Hit } from "./scan.ts";
