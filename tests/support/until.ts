/** Owns waiting in tests: for a condition, never for a time. */

const POLL_MS = 2;

/** Resolves when `condition` holds; fails after `timeoutMs`, saying what never came. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 4_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`never came: ${what}`);
    await Bun.sleep(POLL_MS);
  }
}
