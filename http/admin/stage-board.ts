/** Owns what operators see of the stages: hears every process, reads them together once a second, and tells all who watch. */

import type { Bus, Unsubscribe } from "../../actors/bus/bus.ts";
import { ALL_STAGES, type StageReport } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { Sample, Telemetry } from "../../actors/telemetry.ts";
import { BYE, encodeEvent } from "../live/event.ts";
import type { LiveStream } from "../live/live-stream.ts";
import type { ConnectionTimeouts, LiveStreams } from "../live/live-streams.ts";
import { LATEST, METRIC_STAGES, metricStage } from "../telemetry/stage-reporter.ts";
import { type StagesView, stagesView } from "./stage-view.ts";

const PERIOD_MS = 1_000;

/** A process that has not reported for so long is gone, in milliseconds. */
const SILENCE_MS_MAX = 3_500;

/** A watcher comes again after so long, in milliseconds, and is asked anew whether it may: as long as an access token lives. */
const WATCH_MS_MAX = 600_000;

/** Seconds that a new watcher is shown at once. */
const HISTORY_MAX = 120;

interface Watcher {
  readonly sinceMs: number;
  readonly mayWatch: () => boolean;
}

interface Heard {
  readonly report: StageReport;
  readonly atMs: number;
  /** Not yet read: a report that came twice in a second counts once, and one that is late is not read again. */
  isNew: boolean;
}

export interface ProcessView {
  readonly process: string;
  readonly name: string;
  readonly isEdge: boolean;
  readonly isHost: boolean;
  readonly threadShare: number;
  readonly waiting: number;
}

export interface BoardView extends StagesView {
  readonly processes: readonly ProcessView[];
}

export class StageBoard {
  readonly #clock: Clock;
  readonly #streams: LiveStreams;
  readonly #heard = new Map<string, Heard>();
  readonly #watchers = new Map<LiveStream, Watcher>();
  readonly #unsubscribe: Unsubscribe;
  #history: BoardView[] = [];
  #timer: Timer | null = null;

  constructor(clock: Clock, bus: Bus, streams: LiveStreams, telemetry: Telemetry) {
    this.#clock = clock;
    this.#streams = streams;
    telemetry.gauge(
      "pigonair_stage_limiting",
      "Whether this stage limits the whole system now: 1 or 0.",
      () => this.#limiting(),
      ["stage"],
    );
    this.#unsubscribe = bus.subscribe(ALL_STAGES, (report) => {
      this.#heard.set(report.process, { report, atMs: clock.monotonicMs(), isNew: true });
      // While nobody reports there is nothing to read.
      if (this.#timer === null) this.#arm();
    });
  }

  /** The latest seconds, the oldest first. */
  get history(): readonly BoardView[] {
    return this.#history;
  }

  /**
   * Opens a stream with one event a second.
   * @param mayWatch asked before each event: the stream ends when it says no
   * @throws what {@link LiveStreams.open} throws
   */
  open(request: Request, server: ConnectionTimeouts | null, mayWatch: () => boolean): LiveStream {
    const stream = this.#streams.open(request, server, () => this.#watchers.delete(stream));
    this.#watchers.set(stream, { sinceMs: this.#clock.monotonicMs(), mayWatch });
    return stream;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#unsubscribe();
  }

  /** A stage limits that did in most of the latest seconds: one moment alone says little. */
  #limiting(): readonly Sample[] {
    const named = this.#history
      .slice(-LATEST)
      .flatMap(({ limiting }) => (limiting === null ? [] : metricStage(limiting)));
    return METRIC_STAGES.map((stage) => {
      const seconds = named.filter((each) => each === stage).length;
      return { labels: { stage }, value: seconds > LATEST / 2 ? 1 : 0 };
    });
  }

  #arm(): void {
    this.#timer = this.#clock.after(PERIOD_MS, () => {
      this.#read();
      if (this.#heard.size > 0) this.#arm();
      else this.#timer = null;
    });
  }

  #read(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [process, { atMs }] of this.#heard) if (nowMs - atMs > SILENCE_MS_MAX) this.#heard.delete(process);
    const fresh: StageReport[] = [];
    for (const heard of this.#heard.values()) {
      if (heard.isNew) fresh.push(heard.report);
      heard.isNew = false;
    }
    const view: BoardView = { ...stagesView(fresh, this.#clock.nowMs()), processes: this.#processes() };
    this.#history = [...this.#history.slice(1 - HISTORY_MAX), view];
    if (this.#watchers.size === 0) return;
    const event = encodeEvent("stages", JSON.stringify(view));
    for (const [stream, { sinceMs, mayWatch }] of this.#watchers) {
      if (nowMs - sinceMs < WATCH_MS_MAX && mayWatch()) stream.send(event);
      else stream.end(BYE);
    }
  }

  #processes(): readonly ProcessView[] {
    return Array.from(this.#heard.values(), ({ report }) => {
      const { process, name, isEdge, isHost, threadShare, waiting } = report;
      return { process, name, isEdge, isHost, threadShare, waiting };
    }).sort((a, b) => a.name.localeCompare(b.name));
  }
}
