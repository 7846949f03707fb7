/** Goal: what people read is the same in SQLite and in MySQL: numbers are numbers, texts are whole, pages are in order. */

import { catalogueReaderContract, reservationReaderContract } from "../../contract/readers.ts";
import { overDatabases } from "../../support/given-database.ts";

overDatabases("reading", (fresh) => {
  catalogueReaderContract(fresh);
  reservationReaderContract(fresh);
});
