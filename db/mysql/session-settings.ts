/** Owns what every session on MySQL or MariaDB is set to, so that nothing depends on how the server happens to be configured. */

/**
 * Comments that begin with `M!` are run by MariaDB alone, those with `!80000` by MySQL 8 and later alone
 * (https://mariadb.com/kb/en/comment-syntax/).
 */
interface SessionKind {
  readonly autocommit: 0 | 1;
  /** How long a statement waits for a row that another transaction holds, in seconds. */
  readonly lockWaitS: number;
  /**
   * The same for a table that is being altered, or may not be written to during a backup. The servers wait for that for a day and longer, and
   * don't notice that nobody waits for the answer any more: sessions that were given up would add up until no other can be opened.
   */
  readonly tableWaitS: number;
  /** How long a session may do nothing within a transaction, in seconds: what a process that is paused there holds is free after that. */
  readonly idleInTransactionS: number;
  /** How long it may do nothing at all, in seconds. */
  readonly idleS: number;
}

/** For whoever commits or takes over: nothing that it locks may outlive it by more than a second. */
export const DEDICATED: SessionKind = {
  autocommit: 0,
  lockWaitS: 2,
  tableWaitS: 2,
  idleInTransactionS: 1,
  idleS: 3_600,
};

/** For everything else. A transaction that reads a long journal is busy by itself between its statements. */
export const POOLED: SessionKind = {
  autocommit: 1,
  lockWaitS: 5,
  tableWaitS: 5,
  idleInTransactionS: 10,
  idleS: 60,
};

/** For changes of tables: one that has taken an hour must not be given up at its end, because somebody still reads. */
export const MIGRATING: SessionKind = { ...POOLED, tableWaitS: 3_600 };

/** One statement each. Isolation first: it counts from the next transaction on. */
export function sessionSettings(kind: SessionKind): readonly string[] {
  const { autocommit, lockWaitS, tableWaitS, idleInTransactionS, idleS } = kind;
  // MySQL knows no limit of idle transactions: there the limit of idle sessions stands in for it.
  const idleOnMysqlS = autocommit === 1 ? idleS : idleInTransactionS;
  return [
    "set session transaction isolation level read committed",
    [
      "set session sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
      "time_zone = '+00:00'",
      `autocommit = ${autocommit}`,
      `innodb_lock_wait_timeout = ${lockWaitS}`,
      `lock_wait_timeout = ${tableWaitS}`,
      `wait_timeout = ${idleS} /*M! , idle_transaction_timeout = ${idleInTransactionS} */ /*!80000 , wait_timeout = ${idleOnMysqlS} */`,
    ].join(", "),
  ];
}
