/** Where a runner may listen for tools. */
export interface SocketPlace {
  readonly path: string;
  /** `state`: beside the state, in a folder of the operator's. `own`: in a folder that must belong to this user alone. */
  readonly folder: "state" | "own";
}
