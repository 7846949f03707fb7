// Goal: accounts in SQLite keep to the contract of every account store, on the connections that the server has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../../../db/open.ts";
import { SqlAccountStore } from "../../../db/stores/accounts.ts";
import { accountStoreContract } from "../../contract/account-store.ts";

accountStoreContract("SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pigonair-test-"));
  const database = await openSqlite(join(directory, "pigonair.sqlite"));
  return {
    store: new SqlAccountStore(database),
    stop: async () => {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
});
