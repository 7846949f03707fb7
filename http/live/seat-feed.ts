/** Owns what the streams of one flight's seats are told: a snapshot, then every delta after it, with no gap between them. */

import type { SeatDelta } from "../../actors/bus/subjects.ts";
import { BYE, encodeEvent } from "./event.ts";
import type { LiveStream } from "./live-stream.ts";
import type { SeatMapText } from "./seat-maps.ts";

/** Deltas that are kept for those who missed some: after an interruption, or because they read slowly. */
export const RECENT_DELTAS_MAX = 256;

interface EncodedDelta {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** Where a client begins, or begins anew. */
export interface SeatsStart {
  /** null when it knows this version already. */
  readonly snapshot: Uint8Array | null;
  readonly version: number;
}

interface Watcher {
  readonly stream: LiveStream;
  /** The seat version that its client was brought to. */
  version: number;
  isRestarting: boolean;
}

export class SeatFeed {
  readonly #read: () => Promise<SeatMapText>;
  readonly #watchers = new Set<Watcher>();
  /** The latest deltas; each begins where the one before it ended. */
  #recent: EncodedDelta[] = [];
  /** The latest snapshot as it was sent. */
  #encoded: { readonly text: SeatMapText; readonly bytes: Uint8Array } | null = null;

  /** @param read gives the seat map by a read that begins after the call */
  constructor(read: () => Promise<SeatMapText>) {
    this.#read = read;
  }

  /** Takes a delta from the bus, and encodes it once for all. */
  hear({ from, to, changes }: SeatDelta): void {
    const latest = this.#recent.at(-1);
    if (latest !== undefined) {
      if (to <= latest.to) return;
      // Something was lost on the bus: what is kept no longer leads up to the present.
      if (from !== latest.to) this.#recent = [];
    }
    const delta = { from, to, bytes: encodeEvent("delta", JSON.stringify({ from, to, changes }), to) };
    this.#recent.push(delta);
    if (this.#recent.length > RECENT_DELTAS_MAX) this.#recent.shift();
    for (const watcher of this.#watchers) this.#tell(watcher, delta);
  }

  /**
   * Where a client begins. The feed must hear the bus already, so that nothing falls between this and {@link watch}.
   * @param lastVersion what the client knows from before an interruption; null for a new one
   * @throws what the read throws
   */
  async start(lastVersion: number | null): Promise<SeatsStart> {
    if (lastVersion !== null && this.#leadsOnFrom(lastVersion)) return { snapshot: null, version: lastVersion };
    const text = await this.#read();
    const { version } = text;
    return version === lastVersion ? { snapshot: null, version } : { snapshot: this.#encode(text), version };
  }

  /** Tells the stream all that comes after its start, until it is over. */
  watch(stream: LiveStream, start: SeatsStart): void {
    const watcher: Watcher = { stream, version: start.version, isRestarting: false };
    this.#watchers.add(watcher);
    stream.left = () => this.#watchers.delete(watcher);
    stream.caughtUp = () => this.#restart(watcher);
    this.#begin(watcher, start);
  }

  #begin(watcher: Watcher, { snapshot, version }: SeatsStart): void {
    if (snapshot !== null && !watcher.stream.send(snapshot)) return;
    watcher.version = version;
    for (const delta of this.#recent) this.#tell(watcher, delta);
  }

  #tell(watcher: Watcher, delta: EncodedDelta): void {
    const { stream } = watcher;
    // What a client misses while it is behind, it is told when it has caught up.
    if (watcher.isRestarting || stream.isBehind || delta.to <= watcher.version) return;
    // A read may show a version in the midst of a batch: the delta says how the seats are after it, and may begin before that version.
    if (delta.from > watcher.version) this.#restart(watcher);
    else if (stream.send(delta.bytes)) watcher.version = delta.to;
  }

  /** Brings a client that has missed something to the present: by the deltas if they are still known, otherwise by a snapshot. */
  #restart(watcher: Watcher): void {
    if (watcher.isRestarting) return;
    watcher.isRestarting = true;
    this.start(watcher.version).then(
      (start) => {
        watcher.isRestarting = false;
        this.#begin(watcher, start);
      },
      // The flight can't be read for now. The client comes again, and hears then what is wrong.
      () => watcher.stream.end(BYE),
    );
  }

  #leadsOnFrom(version: number): boolean {
    const first = this.#recent[0];
    const last = this.#recent.at(-1);
    return first !== undefined && last !== undefined && first.from <= version && version <= last.to;
  }

  #encode(text: SeatMapText): Uint8Array {
    if (this.#encoded?.text !== text) {
      this.#encoded = { text, bytes: encodeEvent("snapshot", text.json, text.version) };
    }
    return this.#encoded.bytes;
  }
}
