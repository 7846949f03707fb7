/** Owns a Kysely dialect over which nothing runs: what would be sent is recorded, and every answer is empty. */

import {
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  MysqlAdapter,
  type QueryCompiler,
} from "kysely";
import type { Filling } from "./schema.ts";
import type { Value } from "./syntax.ts";

export function recordingDialect(compiler: QueryCompiler, record: (filling: Filling) => void): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery({ sql, parameters }) {
      record({ sql, values: parameters as readonly Value[] });
      return { rows: [] };
    },
    streamQuery: () => {
      throw new Error("nothing is streamed");
    },
  };
  return {
    createAdapter: () => new Unlocked(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: async () => {},
      commitTransaction: async () => {},
      rollbackTransaction: async () => {},
      releaseConnection: async () => {},
      destroy: async () => {},
    }),
    createIntrospector: (): DatabaseIntrospector => ({
      getSchemas: async () => [],
      getTables: async () => [],
    }),
    createQueryCompiler: () => compiler,
  };
}

class Unlocked extends MysqlAdapter implements DialectAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}
