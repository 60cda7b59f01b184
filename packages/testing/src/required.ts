/** A value that a case relies on. Ends the case with the name of the value where it is missing. */
export function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/** An item that a case relies on, counted from 0. */
export function itemAt<Item>(items: readonly Item[], index: number): Item {
  return required(items.at(index), `item ${index} of ${items.length}`);
}
