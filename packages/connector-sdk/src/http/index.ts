// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { type NetworkRoute, systemCodeOf, toNetworkError } from "./network-error.ts";
export { readResponseText } from "./read-response-text.ts";
export { type RouteOf, withNetworkErrors } from "./with-network-errors.ts";
