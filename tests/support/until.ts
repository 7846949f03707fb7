/** Owns waiting in tests: for a condition, never for a time. */

/** Between two looks, in milliseconds: the first, and what it grows to, so that whoever is asked has time for other things. */
const LOOK_MS = 2;
const LOOK_MS_MAX = 50;
const LOOK_GROWTH = 1.2;

/** Resolves when `condition` holds; fails after `timeoutMs`, saying what never came. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  let pauseMs = LOOK_MS;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`never came: ${what}`);
    await Bun.sleep(pauseMs);
    pauseMs = Math.min(LOOK_GROWTH * pauseMs, LOOK_MS_MAX);
  }
}
