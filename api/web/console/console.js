// The page of agents.

import { StaffPage } from "./page.js";
import { WORDS } from "./strings.js";
import { Workplace } from "./workplace.js";

new StaffPage({
  base: new URL("../", import.meta.url), words: WORDS,
  serves: ({ permissions }) => permissions.includes("conversations.see"),
  open: (words, calls, session, act) => new Workplace(words, calls, session, act),
}).start();
