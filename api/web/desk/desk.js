// The page of editors and reviewers; agents may read.

import { StaffPage } from "../agent/page.js";
import { Frame } from "./frame.js";
import { WORDS } from "./strings.js";

new StaffPage({
  base: new URL("../", import.meta.url), words: WORDS,
  serves: ({ permissions }) => permissions.includes("knowledge.see"),
  open: (words, calls, session, act) => new Frame(words, calls, session, act),
}).start();
