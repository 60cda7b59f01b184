/** An open element. */
export interface OpenElement {
  readonly name: string;
  /** Whether readers do not see it, or an element around it. */
  readonly isHidden: boolean;
}

/** Elements nested deeper are read, but not distinguished. */
const maxDepth = 256;

/** Elements without content, which are never closed. */
const voidElements: ReadonlySet<string> = new Set(
  "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split(" "),
);

/** The elements that the beginning of another one ends. */
const endedBy: ReadonlyMap<string, readonly string[]> = new Map([
  ["a", ["a"]],
  ["body", ["head"]],
  ["p", ["p"]],
  ["li", ["li"]],
  ["dt", ["dt", "dd"]],
  ["dd", ["dt", "dd"]],
  ["td", ["td", "th"]],
  ["th", ["td", "th"]],
  ["tr", ["tr", "td", "th"]],
  ["option", ["option"]],
]);

/** The elements that are open, outermost first. */
export class ElementStack {
  readonly #open: OpenElement[] = [];
  readonly #counts = new Map<string, number>();
  #beyond = 0;

  get top(): OpenElement | undefined {
    return this.#open.at(-1);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Opens an element, and calls `onClose` for those that it ends. False when it is nested too deep to be closed again. */
  open({ name, isHidden }: OpenElement, onClose: (closed: OpenElement) => void): boolean {
    if (voidElements.has(name)) return true;
    while (endedBy.get(name)?.includes(this.top?.name ?? "") === true) this.#pop(onClose);
    if (this.#open.length >= maxDepth) {
      this.#beyond += 1;
      return false;
    }
    this.#open.push({ name, isHidden: isHidden || (this.top?.isHidden ?? false) });
    this.#counts.set(name, this.count(name) + 1);
    return true;
  }

  /** Closes the innermost element of this name, and what is open in it. Nothing when there is none. */
  close(name: string, onClose: (closed: OpenElement) => void): void {
    if (voidElements.has(name)) return;
    if (this.#beyond > 0) {
      this.#beyond -= 1;
      return;
    }
    if (this.count(name) === 0) return;
    while (this.top !== undefined && this.#pop(onClose) !== name);
  }

  #pop(onClose: (closed: OpenElement) => void): string | undefined {
    const closed = this.#open.pop();
    if (closed === undefined) return undefined;
    this.#counts.set(closed.name, this.count(closed.name) - 1);
    onClose(closed);
    return closed.name;
  }
}
