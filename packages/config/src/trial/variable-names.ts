/** Where a variable is used, and for what value, if one is known. */
export interface VariableUse {
  /** Uses of one place share a variable: a pull entry and the receiver of the same kind and name. */
  readonly place: string;
  readonly value?: string | undefined;
}

/** Gives out names of variables, so that no name stands for two values: `team-a` and `team_a` would both be `SLACK_TEAM_A_TOKEN`. */
export class VariableNames {
  readonly #uses = new Map<string, VariableUse>();

  /** @param taken Names that mean something else already. */
  constructor(taken: Iterable<string> = []) {
    // No place has an empty name.
    for (const name of taken) this.#uses.set(name, { place: "" });
  }

  /** `wanted`, or with a number behind it where that name stands for something else. */
  claim(wanted: string, use: VariableUse): string {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}_${number}`;
      const holder = this.#uses.get(name);
      if (holder !== undefined && !isShared(holder, use)) continue;
      this.#uses.set(name, { ...use, value: use.value ?? holder?.value });
      return name;
    }
  }
}

function isShared(holder: VariableUse, { place, value }: VariableUse): boolean {
  if (holder.value !== undefined && value !== undefined) return holder.value === value;
  return holder.place === place;
}
