/** Owns the types of the tables, as Kysely sees them; `db/migrations` makes them. */

import type { Generated } from "kysely";

/** Milliseconds since the epoch. */
type Ms = number;

export interface Database {
  hosts: HostsTable;
  shards: ShardsTable;
  flight: FlightTable;
  fare: FareTable;
  seat_plan: SeatPlanTable;
  flight_head: FlightHeadTable;
  journal: JournalTable;
  snapshot: SnapshotTable;
  cursor: CursorTable;
  reservation: ReservationTable;
  reservation_of_member: ReservationOfMemberView;
  seat_claim: SeatClaimTable;
  passenger: PassengerTable;
  payment: PaymentTable;
  ticket: TicketTable;
  number_block: NumberBlockTable;
  member: MemberTable;
  session: SessionTable;
  secret: SecretTable;
  room_state: RoomStateTable;
  room_pass: RoomPassTable;
  room_leaves: RoomLeavesTable;
}

export interface HostsTable {
  incarnation: string;
  host_id: string;
  weight: number;
  expires_at: Ms;
  bus_ok_at: Ms;
  fenced: number;
  min_reader: number;
}

export interface ShardsTable {
  shard: number;
  epoch: number;
  /** An incarnation, or null when nobody owns it. */
  owner: string | null;
  /** The oldest format of journal entries that an owner must be able to read; it never falls. */
  min_reader: Generated<number>;
}

export interface FlightTable {
  id: string;
  airline: string;
  /** Digits and an operational suffix: `102`, `102A`. */
  number: string;
  origin: string;
  destination: string;
  departs_at_ms: Ms;
  arrives_at_ms: Ms;
  /** ISO 8601 with offset. */
  departs_local: string;
  arrives_local: string;
  /** Local date of departure, `YYYY-MM-DD`. */
  departs_on: string;
  aircraft: string;
  seat_plan: string;
  /** Lowest fare over the cabins, minor units: what `sort=price` sorts by. */
  lowest_fare: number;
  currency: string;
}

export interface FareTable {
  flight_id: string;
  cabin: string;
  amount: number;
}

/** Named by its content, and shared by all flights that fly it: a layout that changes later changes no flight on sale. */
export interface SeatPlanTable {
  id: string;
  /** JSON: `PlannedSeat[]` */
  seats: string;
}

export interface FlightHeadTable {
  flight_id: string;
  shard: number;
  version: number;
  last_batch: string | null;
  logical_ms: Ms;
  next_deadline_ms: Ms | null;
  /** JSON: `CabinSummary[]` */
  cabins: string;
}

export interface JournalTable {
  flight_id: string;
  version: number;
  batch: string;
  at_ms: Ms;
  schema_version: number;
  /** JSON: `TurnRecord[]` */
  turns: string;
  /** Bits of event-kinds.ts. */
  kinds: number;
}

export interface SnapshotTable {
  flight_id: string;
  version: number;
  /** JSON: `Snapshot` */
  state: string;
}

export interface CursorTable {
  consumer: string;
  flight_id: string;
  version: number;
}

export interface ReservationTable {
  id: string;
  flight_id: string;
  member_id: string;
  pnr: string;
  status: string;
  /** JSON: `{type,seat}[]`; names are in `passenger`. */
  passengers: string;
  total_amount: number;
  currency: string;
  created_at_ms: Ms;
  expires_at_ms: Ms;
}

/** A view: finds the reservations of a member, however the database indexes them. Query it by `member_id`. */
export interface ReservationOfMemberView {
  member_id: string;
  reservation_id: string;
}

export interface SeatClaimTable {
  flight_id: string;
  seat: string;
  reservation_id: string;
}

/** The only place with names and birth dates, so that they can be erased. */
export interface PassengerTable {
  reservation_id: string;
  ordinal: number;
  name: string;
  birth_date: string | null;
}

export interface PaymentTable {
  id: string;
  reservation_id: string;
  flight_id: string;
  status: string;
  amount: number;
  currency: string;
  captured_amount: number | null;
  captured_currency: string | null;
  refund_reason: string | null;
  checkout_url: string | null;
  expires_at_ms: Ms;
  /** When to ask the provider next; null when nothing is open. Kept by whoever settles, not by the journal. */
  next_look_ms: Ms | null;
  /** How often the provider has been asked since the status last changed. */
  looks: number;
}

export interface TicketTable {
  reservation_id: string;
  ordinal: number;
  number: string;
  status: string;
}

export interface NumberBlockTable {
  kind: string;
  /** First number that no host has leased. */
  next_number: number;
}

export interface MemberTable {
  id: string;
  /** Unique; in the one form that an address is kept in. */
  email: string;
  password_hash: string;
  name: string;
  phone: string | null;
  role: string;
  created_at_ms: Ms;
}

/** A log-in. Of its refresh tokens only hashes are kept. */
export interface SessionTable {
  id: string;
  member_id: string;
  created_at_ms: Ms;
  family_hash: string;
  generation: number;
  secret_hash: string;
  previous_hash: string | null;
  salt: string | null;
  rotated_at_ms: Ms;
  expires_at_ms: Ms;
  revoked_at_ms: Ms | null;
}

/** A key that the data depends on, or a secret that all processes share. */
export interface SecretTable {
  name: string;
  /** By which a key is recognised. */
  fingerprint: string;
  /** null when the settings give it, and it is nobody else's to know. */
  value: string | null;
}

/** The waiting room of a flight, from the first time that it was turned on. */
export interface RoomStateTable {
  flight_id: string;
  epoch: number;
  mode: string;
  opens_at_ms: Ms;
  /** JSON: `RoomSettings` */
  settings: string;
  /** Hexadecimal, as all hashes here; secret until the sale opens. */
  seed: string;
  beacon_name: string | null;
  beacon_value: string | null;
  frozen_n: number | null;
  frozen_root: string | null;
  /** Base64. */
  block_roots: string | null;
  drawn_at_ms: Ms | null;
  admitted: number;
  seq_high: number;
  seq_ceiling: number;
  /** Places that were skipped, `from-to` by commas; null: none, as programs of before say it. */
  gaps: string | null;
  noted_at_ms: Ms;
  changed_at_ms: Ms;
}

/** The latest pass of each member in an epoch. */
export interface RoomPassTable {
  flight_id: string;
  epoch: number;
  member_id: string;
  seq: number;
  issued_at_ms: Ms;
  expires_at_ms: Ms;
  /** When it was ended before its time. */
  ended_at_ms: Ms | null;
}

/** A frozen line, block by block. */
export interface RoomLeavesTable {
  flight_id: string;
  epoch: number;
  block: number;
  /** Base64. */
  leaves: string;
}
