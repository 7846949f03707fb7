/** Owns everything that a bench has started: whatever happens, and on Ctrl-C as well, all of it is stopped, the latest first. */

type Stop = () => Promise<void> | void;

export class Running {
  readonly #stops: Stop[] = [];
  #stopping: Promise<void> | null = null;

  /**
   * Before it is started, so that there is no moment at which nobody would stop it.
   * @param stop called once, at the end, also when it never came to the start
   * @throws Error once all is being stopped: nothing is begun any more
   */
  add(stop: Stop): void {
    if (this.isStopping) throw new Error("all is being stopped");
    this.#stops.push(stop);
  }

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  /** Stops all; a failure of one keeps none of the others running. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const stop of this.#stops.toReversed()) {
      try {
        await stop();
      } catch (cause) {
        process.stderr.write(`while stopping: ${cause instanceof Error ? cause.message : String(cause)}\n`);
      }
    }
  }
}
