/** An operator's folder with one fault. */
export interface Scene {
  readonly toml: string;
  readonly args?: readonly string[];
}

export interface Fault {
  readonly fault: string;
  /** The one line that names it. */
  readonly line: RegExp;
  /** What stands behind it. */
  readonly hint?: RegExp;
  readonly code: 0 | 1 | 3;
  readonly scene: (folder: string) => Scene | Promise<Scene>;
}

/** The beginning of a file. */
export const head = '[statewave]\nurl = "stdout:"\n';

/** Documents that are there. */
export const docs = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "./docs"\n';
