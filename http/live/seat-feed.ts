/** Owns what the streams of one flight's seats are told: a snapshot, then every change after it, with no gap between them. */

import type { SeatDelta } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { SeatId } from "../../actors/domain/ids.ts";
import type { SeatState } from "../../actors/domain/reply.ts";
import { BYE, encodeEvent } from "./event.ts";
import type { LiveStream } from "./live-stream.ts";
import type { SeatMapText } from "./seat-maps.ts";

/** Events that are kept for those who missed some: after an interruption, or because they read slowly. */
export const RECENT_EVENTS_MAX = 256;

/** Deltas on their way to become one event. */
interface Gathered {
  readonly from: number;
  to: number;
  readonly stateBySeat: Map<SeatId, SeatState>;
}

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

export interface SeatFeedOptions {
  readonly clock: Clock;
  /** Gives the seat map by a read that begins after the call. */
  readonly read: () => Promise<SeatMapText>;
  /** At least so long, in milliseconds, between two events of a stream: a sale makes more deltas than a crowd can be told one by one. */
  readonly gatherMs: number;
}

export class SeatFeed {
  readonly #options: SeatFeedOptions;
  readonly #watchers = new Set<Watcher>();
  #gathered: Gathered | null = null;
  /** Runs while an event is too young for another one. */
  #pause: Timer | null = null;
  #isTelling = false;
  #isStopped = false;
  /** Since the latest look. */
  #hasHeard = false;
  /** The latest events; each begins where the one before it ended. */
  #recent: EncodedDelta[] = [];
  /** The latest snapshot as it was sent. */
  #encoded: { readonly text: SeatMapText; readonly bytes: Uint8Array } | null = null;

  constructor(options: SeatFeedOptions) {
    this.#options = options;
  }

  /** Takes a delta from the bus: told at once after a quiet time, and together with others in a busy one. */
  hear({ from, to, changes }: SeatDelta): void {
    this.#hasHeard = true;
    const known = this.#gathered?.to ?? this.#recent.at(-1)?.to;
    if (known !== undefined && to <= known) return;
    // After a loss on the bus what was gathered leads up to it, and no further.
    if (this.#gathered !== null && from !== known) this.#tellAll();
    this.#gathered ??= { from, to, stateBySeat: new Map() };
    this.#gathered.to = to;
    for (const { seat, state } of changes) this.#gathered.stateBySeat.set(seat, state);
    if (this.#isTelling || this.#pause !== null) return;
    this.#isTelling = true;
    // Not in the turn that committed the change: whoever holds a seat is answered before the crowd is told.
    this.#options.clock.soon(() => this.#tellAfterQuiet());
  }

  /** The bus was out of reach: nobody knows what was not told, and the next delta may be far away. */
  missed(): void {
    this.#recent = [];
    for (const watcher of this.#watchers) this.#restart(watcher);
  }

  /**
   * Finds what a quiet flight has lost: nothing follows its last delta that would show that it is missing, and its owner may be gone. A busy one
   * is not read: each delta shows whether one before it is missing.
   */
  async look(): Promise<void> {
    const isBusy = this.#hasHeard;
    this.#hasHeard = false;
    if (isBusy) return;
    try {
      const { version } = await this.#options.read();
      if (this.#hasHeard || this.#isStopped) return;
      for (const watcher of this.#watchers) {
        if (watcher.version >= version) continue;
        // What is kept does not lead up to it.
        this.#recent = [];
        this.#restart(watcher);
      }
    } catch {
      // The streams go on without it, and the next look asks again.
    }
  }

  /**
   * Where a client begins. The feed must hear the bus already, so that nothing falls between this and {@link watch}.
   * @param lastVersion what the client knows from before an interruption; null for a new one
   * @throws what the read throws
   */
  async start(lastVersion: number | null): Promise<SeatsStart> {
    if (lastVersion !== null && this.#leadsOnFrom(lastVersion)) return { snapshot: null, version: lastVersion };
    const text = await this.#options.read();
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

  /** Nobody watches any more. */
  stop(): void {
    this.#isStopped = true;
    this.#pause?.cancel();
  }

  #tellAfterQuiet(): void {
    this.#isTelling = false;
    this.#pause = null;
    if (this.#gathered === null || this.#isStopped) return;
    this.#tellAll();
    this.#pause = this.#options.clock.after(this.#options.gatherMs, () => this.#tellAfterQuiet());
  }

  #tellAll(): void {
    if (this.#gathered === null) return;
    const { from, to, stateBySeat } = this.#gathered;
    this.#gathered = null;
    const changes = Array.from(stateBySeat, ([seat, state]) => ({ seat, state }));
    const delta: EncodedDelta = { from, to, bytes: encodeEvent("delta", JSON.stringify({ from, to, changes }), to) };
    // What is kept from before a loss no longer leads up to the present.
    if (this.#recent.at(-1)?.to !== from) this.#recent = [];
    this.#recent.push(delta);
    if (this.#recent.length > RECENT_EVENTS_MAX) this.#recent.shift();
    for (const watcher of this.#watchers) this.#tell(watcher, delta);
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
    // A snapshot may show a version between `from` and `to`: the delta says how the seats that changed are after it.
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
