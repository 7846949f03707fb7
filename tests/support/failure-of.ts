/** Owns waiting for a failure in tests: `expect().rejects` blocks the event loop [Bun 1.4], so that nothing which a Worker answers ever settles. */

/** What the promise is rejected with; undefined when it is fulfilled. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
