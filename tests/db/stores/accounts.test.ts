/** Goal: accounts in SQL keep to the contract of every account store, on the connections that the server has. */

import { SqlAccountStore } from "../../../db/stores/accounts.ts";
import { accountStoreContract } from "../../contract/account-store.ts";
import { overDatabases } from "../../support/given-database.ts";

overDatabases("accounts", (fresh, dialect) => {
  accountStoreContract(dialect, async () => {
    const given = await fresh();
    return { store: new SqlAccountStore(given.db), stop: () => given.remove() };
  });
});
