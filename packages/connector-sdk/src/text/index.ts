// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { cleanText, cutText, maxTextBytes } from "./clean-text.ts";
