/** Owns how busy the machine is as a whole: for what can wait until there is less to do. */

import { availableParallelism, loadavg } from "node:os";

/** Whether more than half of its cores have had work in the last minute. */
export function isMachineBusy(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism() / 2;
}
