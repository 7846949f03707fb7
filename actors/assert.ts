/** Owns assertions: a failed one is our own bug, stops the actor that made it, and nothing of it is acknowledged. */

export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Throws {@link AssertionFailure} unless `condition` holds. `what` states what should have been true. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionFailure(what);
}

/** The value, which `what` says must be there. */
export function present<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, what);
  return value;
}

/** Marks what the types already exclude, so that a new case fails to compile. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
