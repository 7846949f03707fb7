/** Owns how a program learns that it is to stop: a wish that comes twice is one, and one that is repeated is an impatient one. */

/**
 * A script runner passes on what the terminal has told the program already: one Ctrl-C comes twice, within a millisecond. What comes within so
 * many milliseconds of the first is the same wish.
 */
export const ECHO_MS = 1_000;

/**
 * Resolves with the first of the signals. From the call on, none of them ends the program by itself: whatever it has begun to stop is
 * stopped to the end.
 * @param hurry called once, for one that follows more than a second later: whoever asks again does not want to wait any more
 */
export function stopWish(signals: readonly NodeJS.Signals[], hurry: () => void = () => {}): Promise<void> {
  return new Promise((resolve) => {
    let wishedAtMs: number | null = null;
    let isHurried = false;
    const wish = (): void => {
      const nowMs = performance.now();
      if (wishedAtMs === null) {
        wishedAtMs = nowMs;
        resolve();
      } else if (!isHurried && nowMs - wishedAtMs > ECHO_MS) {
        isHurried = true;
        hurry();
      }
    };
    for (const signal of signals) process.on(signal, wish);
  });
}
