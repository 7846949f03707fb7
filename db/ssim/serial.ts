/** Owns the order of record serial numbers. */

/** After this number counting goes on at 2: 1 is the header's alone (SSIM chapter 2, "Record Serial Number"). */
const SERIAL_MAX = 999_999;

export function serialAfter(serial: number): number {
  return serial === SERIAL_MAX ? 2 : serial + 1;
}
