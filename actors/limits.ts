/** Owns the bounds of a host: every mailbox, batch and retry has one. All but those of snapshots are settings. */

export interface HostLimits {
  /** Commands that wait for one flight; beyond, OVERLOADED. @default 4_096 */
  readonly mailboxMax: number;
  /** Commands that wait on the host in all. @default 65_536 */
  readonly hostMailMax: number;
  /** Commands in one transaction. @default 512 */
  readonly batchMax: number;
  /** Rows of one transaction that tell of holds that are over: one for the reservation, one for each seat. @default 1_000 */
  readonly batchEndedRowsMax: number;
  /**
   * A snapshot is due when the journal since the last one has so many turns, and `snapshotTurnsPerItem` more for each thing that the snapshot
   * tells: its cost stays a share of the turns'. @default 2_000
   */
  readonly snapshotTurnsMin: number;
  /** Refusals are no such thing, or a flood of them would put it off, and whoever takes the flight over would have all of them to read. @default 4 */
  readonly snapshotTurnsPerItem: number;
  /** Flights kept in memory while idle. @default 4_096 */
  readonly idleFlightsMax: number;
  /** How long a flight stays in memory with nothing to do, in milliseconds. @default 300_000 */
  readonly idleMs: number;
  /** Longest pause between two tries at the same batch, in milliseconds. @default 1_000 */
  readonly retryPauseMsMax: number;
}

export const DEFAULT_LIMITS: HostLimits = {
  mailboxMax: 4_096,
  hostMailMax: 65_536,
  batchMax: 512,
  batchEndedRowsMax: 1_000,
  snapshotTurnsMin: 2_000,
  snapshotTurnsPerItem: 4,
  idleFlightsMax: 4_096,
  idleMs: 300_000,
  retryPauseMsMax: 1_000,
};
