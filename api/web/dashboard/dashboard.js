// The page of who answers for the service, and of those whom it judges.

import { StaffPage } from "../agent/page.js";
import { Frame } from "./frame.js";
import { WORDS } from "./strings.js";

new StaffPage({
  base: new URL("../", import.meta.url), words: WORDS,
  serves: ({ permissions }) => permissions.includes("dashboard.see") || permissions.includes("dashboard.own"),
  open: (words, calls, session, act) => new Frame(words, calls, session, act),
}).start();
