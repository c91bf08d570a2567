// What makes the desk quicker, and what it can do without: keys, a search that
// narrows a table while one types, tables that sort and can be taken away as
// they are shown, work whose progress moves by itself, a first page whose numbers do, and forms that wait for a
// network.

import { keys } from "./keys";
import { live } from "./live";
import { downloads } from "./download";
import { filters } from "./filter";
import { offline } from "./offline";
import { sorts } from "./sort";
import { watch } from "./work";

// tables are made to sort, to be narrowed and taken away: those of the page, and those
// that come to it afterwards.
const tables = (within: ParentNode): void => {
  filters(within);
  sorts(within);
  downloads(within);
};

keys();
offline();
tables(document);
watch();
live(tables);
