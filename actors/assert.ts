/** Owns assertions: a failed one is our own bug, stops the actor that made it, and nothing of it is acknowledged. */

export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** States what should have been true; a function where the words are put together, so that only a failure pays for them. */
export type Statement = string | (() => string);

/** Throws {@link AssertionFailure} unless `condition` holds. */
export function assert(condition: unknown, what: Statement): asserts condition {
  if (!condition) throw new AssertionFailure(typeof what === "string" ? what : what());
}

/** The value, which `what` says must be there. */
export function present<T>(value: T | null | undefined, what: Statement): T {
  assert(value !== null && value !== undefined, what);
  return value;
}

/** Marks what the types already exclude, so that a new case fails to compile. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
