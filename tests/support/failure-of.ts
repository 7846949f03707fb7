/** Owns waiting for a failure in tests. `expect().rejects` [Bun 1.4.5] hangs for ever where a test goes on from a Worker's answer and waits for another. */

/** What the promise is rejected with; undefined when it is fulfilled. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
