/** Owns the binary heap that deadlines wait in: the earliest on top. */

interface Timed {
  readonly atMs: number;
}

export function push<T extends Timed>(heap: T[], added: T): void {
  let at = heap.length;
  heap.push(added);
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || parent.atMs <= added.atMs) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = added;
}

/** Takes the earliest away. */
export function pop<T extends Timed>(heap: T[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let childAt = 2 * at + 1;
    let child = heap[childAt];
    const right = heap[childAt + 1];
    if (child !== undefined && right !== undefined && right.atMs < child.atMs) {
      childAt += 1;
      child = right;
    }
    if (child === undefined || child.atMs >= last.atMs) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}
