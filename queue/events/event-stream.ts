/** Owns the port to the stream from which subscribers outside read events; it is never the truth. */

import type { Envelope } from "./cloud-event.ts";

export interface EventStream {
  /**
   * Stores the events, in their order; resolves when all are stored. One that is stored already, and was so lately, is not stored again.
   * @throws OperationalError UNAVAILABLE while the stream is out of reach; then some of them may be stored
   */
  store(events: readonly Envelope[]): Promise<void>;
}
