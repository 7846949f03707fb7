/** Owns how load comes that waits for nobody: so many begin in each second, whatever becomes of those before. */

import { DURATION, VUS_MAX } from "./settings.js";

const VUS_AT_FIRST = 100;

/**
 * @param {number} rate in a second
 * @returns {import("k6/options").ConstantArrivalRateScenario}
 */
export function openLoop(rate) {
  return {
    executor: "constant-arrival-rate",
    rate,
    timeUnit: "1s",
    duration: DURATION,
    preAllocatedVUs: Math.min(VUS_AT_FIRST, VUS_MAX),
    maxVUs: VUS_MAX,
  };
}
