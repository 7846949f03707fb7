/** Owns the port to public randomness: a value that nobody knows before its time, and that everybody can look up afterwards. */

export interface Beacon {
  /**
   * What the first value is called that comes out at `atMs` (Unix time) or later. It is promised to everybody before, and never changed.
   * Null: there is no beacon, and the order trusts the operator.
   */
  nameAt(atMs: number): string | null;

  /**
   * The 32 bytes that came out under a name of {@link nameAt}, as often as it is asked for. Looks again and again until the clock says
   * `untilMs`; null when they were not to be had by then, and then the order trusts the operator, which everybody can see.
   */
  value(name: string, untilMs: number): Promise<Uint8Array | null>;
}

/** Whether everybody can look up what came out under this name. */
export function isPublicName(name: string): boolean {
  return /^https?:/.test(name);
}

export const noBeacon: Beacon = {
  nameAt: () => null,
  value: () => Promise.resolve(null),
};
