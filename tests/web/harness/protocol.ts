/** Owns what a test and the Node process that drives the browser say to each other: JSON, in both directions. */

/** The test's side: run a script, or the answer to something that a script asked. */
export type ToStage =
  | { readonly kind: "run"; readonly id: number; readonly script: string; readonly args: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly outcome: Outcome };

/** The stage's side: a script has ended, or asks the test to do something that a browser can't. */
export type ToTest =
  | { readonly kind: "ready" }
  | { readonly kind: "ended"; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: "ask"; readonly id: number; readonly run: number; readonly what: string; readonly args: unknown };

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  /** For a person: what failed, where, and what the browser said meanwhile. */
  | { readonly ok: false; readonly message: string };

export async function outcomeOf(work: () => unknown): Promise<Outcome> {
  try {
    return { ok: true, value: (await work()) ?? null };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
